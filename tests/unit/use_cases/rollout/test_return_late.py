"""A device that takes a version up after it was given up is returned by an attempt of its own."""

from dataclasses import replace

import pytest

from edgeflow.domain.deployments import DeploymentStatus, TargetStatus
from edgeflow.domain.errors import Conflict, StillCancelling
from edgeflow.use_cases.rollout.conclude_rollback import RollbackEnd
from edgeflow.use_cases.rollout.plan_rollback import Origin
from tests.unit.use_cases.cloud import (
    DEPLOYMENT,
    FLOW,
    ME,
    Cloud,
    return_job,
    rollback_request,
    wave_job,
)
from tests.unit.use_cases.rollout.late_stories import DEVICE, LIMIT, OTHER, ROUNDS, Cancelled, GivenUp, RolledBack


def passed_by(*, rolled_back: bool = True) -> Cloud:
    """A device is given up while AWS IoT does not end its job, and the rest is rolled back, or left as it is."""
    story = RolledBack.begin() if rolled_back else Cancelled.begin()
    story.stop()
    story.run_out()
    for _ in range(ROUNDS):
        story.look()
    assert story.status is (DeploymentStatus.ROLLED_BACK if rolled_back else DeploymentStatus.CANCELLED)
    return story.cloud


def succeeds_late(cloud: Cloud) -> bool:
    return cloud.report(DEVICE, "SUCCEEDED", job_id=wave_job(1), runs_version="2", sequence="50")


def stuck() -> Cloud:
    """One device did not return in time; AWS IoT has not ended its job in time neither."""
    story = RolledBack.begin()
    cloud = story.cloud
    story.take()
    story.hear()
    story.stop()
    story.look()
    cloud.report(OTHER, "SUCCEEDED", job_id=return_job(1), runs_version="1", sequence="99")
    with pytest.raises(StillCancelling):
        cloud.close_return(DEPLOYMENT, 1, task_token="token-rc")
    assert cloud.world.statuses(DEPLOYMENT)[DEVICE] == "success", "it is waited for"
    cloud.now += LIMIT
    cloud.close_return(DEPLOYMENT, 1, task_token="token-rc")
    assert cloud.conclude_rollback(DEPLOYMENT, 1, RollbackEnd.RETURNED) is DeploymentStatus.FAILED
    target = cloud.world.targets[DEPLOYMENT, DEVICE]
    assert (target.status, target.reason) == (TargetStatus.ROLLBACK_FAILED, "timed_out")
    assert str(target.message).endswith("AWS IoT had not ended its job 60 s after that was cancelled")
    return cloud


def test_after_the_rollback_it_is_told_and_another_attempt_begins() -> None:
    cloud = passed_by()
    given_up = cloud.world.targets[DEPLOYMENT, DEVICE]
    assert not succeeds_late(cloud), "how it was settled stays"
    target = cloud.world.targets[DEPLOYMENT, DEVICE]
    assert (target.status, target.reason, target.message) == (given_up.status, given_up.reason, given_up.message)
    assert (target.reached_late, target.runs_version) == (True, 2)
    deployment = cloud.world.deployments[DEPLOYMENT]
    assert (deployment.status, deployment.rollbacks) == (DeploymentStatus.ROLLING_BACK, 2)
    assert deployment.status_reason == "dev_001 took version 2 up after the rollback had passed it by"
    told, started = cloud.world.history[DEPLOYMENT][-2:]
    assert (told.type, told.details.model_dump()) == ("reached_late", {"wave": 1, "device_id": DEVICE, "version": 2})
    assert (started.type, started.details.model_dump()) == (
        "rollback_started",
        {"attempt": 2, "origin": "late_success"},
    )
    assert f"rollback:{DEPLOYMENT}-rollback-2" in cloud.world.executions
    plan = cloud.plan_rollback(rollback_request(origin=Origin.OPERATOR, attempt=2))
    assert (plan["outcome"], plan["total"]) == ("planned", 1), "just the one"


def test_a_device_that_another_deployment_is_at_by_now_is_left_alone_and_says_so() -> None:
    cloud = passed_by()
    other = replace(cloud.world.deployments[DEPLOYMENT], id="dep_9", status=DeploymentStatus.RUNNING)
    cloud.world.deployments["dep_9"] = other
    install = cloud.world.installs[DEVICE, FLOW]
    cloud.world.installs[DEVICE, FLOW] = replace(install, claimed_by="dep_9")
    succeeds_late(cloud)
    assert cloud.world.deployments[DEPLOYMENT].status is DeploymentStatus.ROLLED_BACK
    target = cloud.world.targets[DEPLOYMENT, DEVICE]
    assert (target.reached_late, target.reason) == (True, "moved_on")
    assert target.message == (
        "it took version 2 up late, and dep_9 is deploying this flow to it by now; the rollback left it alone"
    )
    assert cloud.world.installs[DEVICE, FLOW].claimed_by == "dep_9"
    with pytest.raises(Conflict, match="dep_9 is deploying this flow to dev_001"):
        cloud.rollback(DEPLOYMENT, by=ME)
    cloud.world.deployments["dep_9"] = replace(other, status=DeploymentStatus.CANCELLED)
    assert cloud.rollback(DEPLOYMENT, by=ME).status is DeploymentStatus.ROLLING_BACK, "there is a way back"
    assert cloud.plan_rollback(rollback_request(origin=Origin.OPERATOR, attempt=2))["total"] == 1


def test_what_was_cancelled_keeps_it_and_a_later_rollback_returns_it() -> None:
    cloud = passed_by(rolled_back=False)
    succeeds_late(cloud)
    assert cloud.world.deployments[DEPLOYMENT].status is DeploymentStatus.CANCELLED
    assert cloud.world.targets[DEPLOYMENT, DEVICE].reached_late
    assert not [name for name in cloud.world.executions if name.startswith("rollback:")], "nobody asked for one"
    cloud.rollback(DEPLOYMENT, by=ME)
    assert cloud.plan_rollback(rollback_request(origin=Origin.OPERATOR))["total"] == 2


def test_a_repeat_of_a_success_that_was_counted_and_lost_later_is_no_late_one() -> None:
    story = RolledBack.begin()
    story.take()
    story.hear()
    target = story.cloud.world.targets[DEPLOYMENT, DEVICE]
    fallen_ill = replace(target, status=TargetStatus.FAILED, reason="unhealthy", reported=False)
    story.cloud.world.put_target(DEPLOYMENT, fallen_ill)
    story.hear()
    assert story.cloud.world.targets[DEPLOYMENT, DEVICE] == fallen_ill
    assert "reached_late" not in [event.type for event in story.cloud.world.history[DEPLOYMENT]]


def test_what_is_rolled_back_and_has_nobody_left_is_refused() -> None:
    cloud = passed_by()
    with pytest.raises(Conflict, match="rolled back already"):
        cloud.rollback(DEPLOYMENT, by=ME)


def test_a_device_is_given_up_once_its_job_has_ended() -> None:
    story = GivenUp.begin()
    story.stop()
    assert story.cloud.world.statuses(DEPLOYMENT)[DEVICE] == "deploying"
    story.end()
    story.look()
    target = story.cloud.world.targets[DEPLOYMENT, DEVICE]
    assert (target.status, target.reason, target.reached) == (TargetStatus.FAILED, "given_up", False)


def test_a_device_that_returns_after_the_rollback_has_ended_is_told_and_the_deployment_is_rolled_back() -> None:
    cloud = stuck()
    for _ in range(2):
        cloud.report(DEVICE, "SUCCEEDED", job_id=return_job(1), runs_version="1", sequence="50")
    target = cloud.world.targets[DEPLOYMENT, DEVICE]
    assert (target.status, target.reason, target.runs_version) == (TargetStatus.ROLLED_BACK, None, 1)
    assert [event.type for event in cloud.world.history[DEPLOYMENT]].count("returned_late") == 1
    assert cloud.world.deployments[DEPLOYMENT].rollbacks == 2
    assert cloud.plan_rollback(rollback_request(origin=Origin.OPERATOR, attempt=2))["total"] == 0
    assert cloud.conclude_rollback(DEPLOYMENT, 2, RollbackEnd.RETURNED) is DeploymentStatus.ROLLED_BACK


def test_a_rollback_that_broke_is_left_to_an_operator() -> None:
    story = RolledBack.begin()
    story.take()
    story.hear()
    story.stop()
    for _ in range(2):
        assert story.cloud.conclude_rollback(DEPLOYMENT, 1, RollbackEnd.BROKEN, cause="x") is DeploymentStatus.FAILED
    assert story.cloud.world.deployments[DEPLOYMENT].rollbacks == 1, "what broke would break again, and for ever"
