"""A rollback tells the truth: what it refuses, why it was begun, what each device came to."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from edgeflow.contract.reasons import Reason
from edgeflow.domain.deployments import DeploymentStatus, TargetStatus
from edgeflow.domain.errors import Conflict
from edgeflow.use_cases.rollout.conclude_rollback import RollbackEnd
from edgeflow.use_cases.rollout.conclude_rollout import RolloutEnd
from edgeflow.use_cases.rollout.plan_rollback import Origin
from tests.unit.use_cases.cloud import (
    DEPLOYMENT,
    FLOW,
    ME,
    Cloud,
    deploy_wave,
    return_job,
    rollback_request,
    running_world,
    wave_job,
)
from tests.unit.use_cases.memory import Died
from tests.unit.use_cases.rollout.test_pauses_and_watches import ill_report

CLICKS = 20


def completed(devices: int = 2) -> Cloud:
    """Every device runs the new version."""
    cloud = Cloud(running_world(devices, batch_size=devices))
    cloud.plan(DEPLOYMENT)
    deploy_wave(cloud, 1, **{f"dev_{number:03d}": "SUCCEEDED" for number in range(1, devices + 1)})
    cloud.conclude_rollout(DEPLOYMENT, RolloutEnd.SETTLED)
    return cloud


def moved(cloud: Cloud, device: str, version: int | None, *, by: str = "dep_9") -> None:
    """Another deployment changes a device."""
    install = cloud.world.installs[device, FLOW]
    cloud.world.installs[device, FLOW] = replace(install, version=version, deployment_id=by)


def breached() -> Cloud:
    """The second wave breached, and its rollback has begun: devices 1 and 2 succeeded, 3 failed, 4 was not reached."""
    cloud = Cloud(running_world(4, batch_size=2))
    cloud.plan(DEPLOYMENT)
    deploy_wave(cloud, 1, dev_001="SUCCEEDED", dev_002="SUCCEEDED")
    cloud.dispatch(DEPLOYMENT, 2, "token-2")
    cloud.report("dev_003", "FAILED", job_id=wave_job(2), reason="unhealthy", runs_version="1")
    cloud.tally_all()
    cloud.plan_rollback(rollback_request())
    return cloud


def rolled_back() -> Cloud:
    cloud = breached()
    cloud.return_devices(DEPLOYMENT, 1, "token-r")
    for device in list(cloud.world.jobs[return_job(1)]):
        cloud.report(device, "SUCCEEDED", job_id=return_job(1), runs_version="1", sequence="9")
    cloud.tally_all()
    cloud.conclude_rollback(DEPLOYMENT, 1, RollbackEnd.RETURNED)
    return cloud


def types(cloud: Cloud) -> Counter[str]:
    return Counter(event.type for event in cloud.world.history[DEPLOYMENT])


def test_where_all_devices_have_moved_on_it_is_refused_and_says_to_what() -> None:
    cloud = completed(3)
    moved(cloud, "dev_001", 3)
    moved(cloud, "dev_002", 3)
    moved(cloud, "dev_003", None, by="dep_8")
    before = list(cloud.world.history[DEPLOYMENT])
    with pytest.raises(Conflict) as refused:
        cloud.rollback(DEPLOYMENT, by=ME)
    assert str(refused.value) == (
        "every device that it changed has moved on since: dev_001, dev_002 to version 3 by dep_9;"
        " dev_003 to no version by dep_8"
    )
    assert cloud.world.history[DEPLOYMENT] == before, "a refusal leaves no event"
    assert not cloud.world.executions, "and no execution"
    assert cloud.world.deployments[DEPLOYMENT].status is DeploymentStatus.COMPLETED


def test_one_device_that_has_not_moved_on_is_enough() -> None:
    cloud = completed()
    moved(cloud, "dev_001", 3)
    assert cloud.rollback(DEPLOYMENT, by=ME).status is DeploymentStatus.ROLLING_BACK
    assert cloud.plan_rollback(rollback_request(origin=Origin.OPERATOR))["total"] == 1


def test_devices_that_another_deployment_is_at_are_named() -> None:
    cloud = completed()
    cloud.world.deployments["dep_9"] = replace(
        cloud.world.deployments[DEPLOYMENT], id="dep_9", status=DeploymentStatus.RUNNING
    )
    for device in ("dev_001", "dev_002"):
        install = cloud.world.installs[device, FLOW]
        cloud.world.installs[device, FLOW] = replace(install, claimed_by="dep_9")
    with pytest.raises(Conflict, match="dep_9 is deploying this flow to dev_001, dev_002"):
        cloud.rollback(DEPLOYMENT, by=ME)


def test_where_no_device_was_changed_there_is_nothing_to_roll_back() -> None:
    cloud = Cloud(running_world(2))
    cloud.plan(DEPLOYMENT)
    cloud.conclude_rollout(DEPLOYMENT, RolloutEnd.BROKEN, cause="a test")
    with pytest.raises(Conflict, match="no device was changed"):
        cloud.rollback(DEPLOYMENT, by=ME)


def test_many_rollbacks_at_once_are_one() -> None:
    cloud = completed()
    with ThreadPoolExecutor(CLICKS) as pool:
        for click in [pool.submit(cloud.rollback, DEPLOYMENT, by=ME) for _ in range(CLICKS)]:
            assert click.result(timeout=10).status is DeploymentStatus.ROLLING_BACK
    assert (types(cloud)["rollback_requested"], types(cloud)["rollback_started"]) == (1, 1)
    assert list(cloud.world.executions) == [f"rollback:{DEPLOYMENT}-rollback-1"]


def test_a_machine_that_was_never_started_is_by_the_safety_net() -> None:
    cloud = completed()
    cloud.world.steps = 0
    cloud.rollback(DEPLOYMENT, by=ME)
    whole, moments = cloud.world.executions, cloud.world.steps
    for moment in range(1, moments + 1):
        cloud = completed()
        cloud.world.steps, cloud.world.die_at = 0, moment
        with pytest.raises(Died):
            cloud.rollback(DEPLOYMENT, by=ME)
        cloud.world.die_at = None
        if cloud.world.deployments[DEPLOYMENT].status is DeploymentStatus.COMPLETED:
            assert not cloud.world.executions
            continue
        cloud.reconcile()
        assert cloud.world.executions == whole, f"killed at moment {moment} of {moments}"
        assert cloud.reconcile().total == 0


def test_why_it_rolled_back_by_itself_stays_with_its_counts() -> None:
    cloud = breached()
    cause = "wave 2 of 2: 1 of 2 devices failed (unhealthy: dev_003), more than the 20% allowed"
    assert cloud.world.deployments[DEPLOYMENT].status_reason == cause
    assert rolled_back().world.deployments[DEPLOYMENT].status_reason == (
        f"{cause}; 3 devices returned to what they ran before; dev_003 failed as unhealthy: the job ended FAILED"
    )


def test_a_device_that_fell_ill_later_is_named_in_the_cause() -> None:
    cloud = Cloud(running_world(4, batch_size=2, threshold=0))
    cloud.plan(DEPLOYMENT)
    deploy_wave(cloud, 1, dev_001="SUCCEEDED", dev_002="SUCCEEDED")
    cloud.fail_late("dev_002", ill_report(version=2, sequence=9))
    cloud.tally_all()
    cloud.plan_rollback(rollback_request())
    cause = "wave 1 of 2: 1 of 2 devices failed (unhealthy: dev_002), and none may"
    assert cloud.world.deployments[DEPLOYMENT].status_reason == cause


def test_who_asked_for_it_stays() -> None:
    cloud = completed()
    cloud.rollback(DEPLOYMENT, by=ME)
    cloud.plan_rollback(rollback_request(origin=Origin.OPERATOR))
    cloud.return_devices(DEPLOYMENT, 1, "token-r")
    for device in ("dev_001", "dev_002"):
        cloud.report(device, "SUCCEEDED", job_id=return_job(1), runs_version="1", sequence="9")
    cloud.conclude_rollback(DEPLOYMENT, 1, RollbackEnd.RETURNED)
    assert cloud.world.deployments[DEPLOYMENT].status_reason == (
        "rollback asked for by me; 2 devices returned to what they ran before"
    )


def test_a_device_that_returns_at_a_second_try_does_not_say_why_it_did_not_at_the_first() -> None:
    cloud = breached()
    cloud.return_devices(DEPLOYMENT, 1, "token-r")
    cloud.report("dev_001", "SUCCEEDED", job_id=return_job(1), runs_version="1", sequence="9")
    cloud.close_return(DEPLOYMENT, 1, task_token="token-rc")
    assert cloud.conclude_rollback(DEPLOYMENT, 1, RollbackEnd.RETURNED) is DeploymentStatus.FAILED
    stuck = cloud.world.targets[DEPLOYMENT, "dev_002"]
    assert (stuck.status, stuck.reason) == (TargetStatus.ROLLBACK_FAILED, "timed_out")
    cloud.rollback(DEPLOYMENT, by=ME)
    cloud.plan_rollback(rollback_request(origin=Origin.OPERATOR, attempt=2))
    cloud.return_devices(DEPLOYMENT, 2, "token-r2")
    for device in list(cloud.world.jobs[return_job(2)]):
        cloud.report(device, "SUCCEEDED", job_id=return_job(2), runs_version="1", sequence="11")
    assert cloud.conclude_rollback(DEPLOYMENT, 2, RollbackEnd.RETURNED) is DeploymentStatus.ROLLED_BACK
    returned = cloud.world.targets[DEPLOYMENT, "dev_002"]
    assert (returned.status, returned.reason, returned.message) == (TargetStatus.ROLLED_BACK, None, None)
    failed = cloud.world.targets[DEPLOYMENT, "dev_003"]
    assert (failed.status, failed.reason) == (TargetStatus.ROLLED_BACK, "unhealthy"), "why it had failed stays"


def test_what_was_rolled_back_is_retried_with_all_its_targets() -> None:
    cloud = rolled_back()
    retry = cloud.retry(DEPLOYMENT, by=ME)
    assert (retry.status, retry.retry_of, retry.total_targets) == (DeploymentStatus.RUNNING, DEPLOYMENT, 4)
    assert cloud.plan(retry.id)["outcome"] == "planned"


def test_what_was_rolled_back_is_retried_with_just_those_that_failed() -> None:
    cloud = rolled_back()
    retry = cloud.retry(DEPLOYMENT, by=ME, only=["failed"])
    assert cloud.world.manifests[retry.id] == ["dev_003"]
    with pytest.raises(Conflict, match="retried already"):
        cloud.retry(DEPLOYMENT, by=ME)


CLAIMED = 999


@pytest.mark.parametrize("status", ["SUCCEEDED", "FAILED", "REJECTED"])
def test_a_version_that_never_was_is_not_believed(status: str) -> None:
    cloud = Cloud(running_world(2, batch_size=2, threshold=50))
    cloud.plan(DEPLOYMENT)
    deploy_wave(cloud, 1, dev_002="SUCCEEDED")
    cloud.report("dev_001", status, job_id=wave_job(1), runs_version=str(CLAIMED))
    target = cloud.world.targets[DEPLOYMENT, "dev_001"]
    assert target.runs_version is None
    assert "version 999, which was never published" in str(target.message)
    install = cloud.world.installs["dev_001", FLOW]
    assert install.version == (2 if status == "SUCCEEDED" else 1)
    cloud.conclude_rollout(DEPLOYMENT, RolloutEnd.SETTLED)
    cloud.rollback(DEPLOYMENT, by=ME)
    assert cloud.plan_rollback(rollback_request(origin=Origin.OPERATOR))["total"] == 2, "it is returned by a job"
    cloud.return_devices(DEPLOYMENT, 1, "token-r")
    assert set(cloud.world.jobs[return_job(1)]) == {"dev_001", "dev_002"}


def test_a_version_that_never_was_holds_no_rollback_up() -> None:
    world = running_world(3, batch_size=3)
    world.installs["dev_002", FLOW] = replace(world.installs["dev_002", FLOW], version=CLAIMED)  # believed long ago
    cloud = Cloud(world)
    cloud.plan(DEPLOYMENT)
    deploy_wave(cloud, 1, dev_001="SUCCEEDED", dev_002="SUCCEEDED", dev_003="SUCCEEDED")
    cloud.conclude_rollout(DEPLOYMENT, RolloutEnd.SETTLED)
    cloud.rollback(DEPLOYMENT, by=ME)
    cloud.plan_rollback(rollback_request(origin=Origin.OPERATOR))
    cloud.return_devices(DEPLOYMENT, 1, "token-r")
    for device in ("dev_001", "dev_003"):
        cloud.report(device, "SUCCEEDED", job_id=return_job(1), runs_version="1", sequence="9")
    cloud.tally_all()
    assert cloud.world.answers["token-r"]["settled"] is True, "nobody waits for the device"
    stuck = cloud.world.targets[DEPLOYMENT, "dev_002"]
    assert (stuck.status, stuck.reason) == (TargetStatus.ROLLBACK_FAILED, Reason.NO_SUCH_VERSION)
    assert cloud.conclude_rollback(DEPLOYMENT, 1, RollbackEnd.RETURNED) is DeploymentStatus.FAILED
    assert "nobody can tell what dev_002 ran before" in cloud.world.deployments[DEPLOYMENT].status_reason
