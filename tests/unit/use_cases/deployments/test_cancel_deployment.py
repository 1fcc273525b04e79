"""Cancelling: what is pending ends at once, what is under way is stopped where it is."""

from collections.abc import Callable

import pytest

from edgeflow.domain.deployments import UNFINISHED, Deployment, DeploymentStatus, TargetStatus
from edgeflow.domain.errors import Conflict
from edgeflow.use_cases.rollout.conclude_rollout import RolloutEnd
from edgeflow.use_cases.rollout.plan_rollback import Origin
from edgeflow.use_cases.rollout.ports import JobExecution
from tests.unit.use_cases.cloud import DEPLOYMENT, FLOW, ME, Cloud, rollback_request, running_world, wave_job
from tests.unit.use_cases.deployments.stages import CLICKS, at_once, at_work, claimed, paused, pending, types

ENDED = sorted(set(DeploymentStatus) - UNFINISHED)


def test_cancelled_where_it_is_devices_keep_what_they_run_and_nothing_is_left_under_way() -> None:
    cloud = at_work()
    at_it = JobExecution(device_id="dev_002", status="IN_PROGRESS", started=True)
    cloud.world.jobs[wave_job(1)]["dev_002"] = at_it
    assert cloud.cancel(DEPLOYMENT, by=ME).status is DeploymentStatus.CANCELLING
    assert cloud.world.orders == {DEPLOYMENT}
    assert cloud.wind_down(DEPLOYMENT) is DeploymentStatus.CANCELLED
    assert cloud.world.statuses(DEPLOYMENT) == {
        "dev_001": "success",
        "dev_002": "failed",
        "dev_003": "skipped",
        "dev_004": "skipped",
    }
    assert cloud.world.targets[DEPLOYMENT, "dev_002"].reason == "aborted"
    ended = cloud.world.deployments[DEPLOYMENT]
    assert ended.status_reason.startswith(
        "cancelled by me: 1 of 4 targets run version 2, 1 failed, 2 were not reached; rollback"
    )
    assert {f"rolling:{DEPLOYMENT}", f"deploy-wave:{DEPLOYMENT}-wave-1"} <= cloud.world.stopped
    assert all(each.status != "QUEUED" for each in cloud.world.jobs[wave_job(1)].values())
    assert not claimed(cloud)
    assert cloud.world.installs["dev_001", FLOW].version == 2


def test_what_was_cancelled_can_be_rolled_back() -> None:
    cloud = at_work()
    cloud.cancel(DEPLOYMENT, by=ME)
    with pytest.raises(Conflict, match="as soon as it is cancelled"):
        cloud.rollback(DEPLOYMENT, by=ME)
    cloud.wind_down(DEPLOYMENT)
    assert cloud.rollback(DEPLOYMENT, by=ME).status is DeploymentStatus.ROLLING_BACK
    assert cloud.plan_rollback(rollback_request(origin=Origin.OPERATOR))["total"] == 1
    assert claimed(cloud) == {"dev_001"}


def test_what_is_pending_is_cancelled_at_once_and_there_is_nothing_to_roll_back() -> None:
    cloud = pending()
    cancelled = cloud.cancel(DEPLOYMENT, by=ME)
    assert (cancelled.status, cancelled.finished_at is None) == (DeploymentStatus.CANCELLED, False)
    assert not cloud.world.orders
    with pytest.raises(Conflict, match="cancelled before it started"):
        cloud.rollback(DEPLOYMENT, by=ME)
    with pytest.raises(Conflict, match="has ended"):
        cloud.start(DEPLOYMENT, by=ME)


def test_a_wave_that_is_dispatched_while_its_deployment_is_cancelled_tells_no_device() -> None:
    cloud = at_work()
    cloud.cancel(DEPLOYMENT, by=ME)
    cloud.dispatch(DEPLOYMENT, 2, "token-2")
    cloud.wind_down(DEPLOYMENT)
    assert wave_job(2) not in cloud.world.jobs


def test_a_plan_that_is_made_while_its_deployment_is_cancelled_leaves_no_claim() -> None:
    cloud = pending()
    cloud.start(DEPLOYMENT, by=ME)
    cloud.cancel(DEPLOYMENT, by=ME)
    cloud.wind_down(DEPLOYMENT)
    assert cloud.plan(DEPLOYMENT)["outcome"] == "stopped"
    assert not claimed(cloud)


def test_an_order_that_was_never_given_is_made_good() -> None:
    cloud = at_work()
    cloud.cancel(DEPLOYMENT, by=ME)
    cloud.world.orders.clear()
    assert cloud.reconcile().concluded == [DEPLOYMENT]
    assert cloud.world.deployments[DEPLOYMENT].status is DeploymentStatus.CANCELLED
    assert cloud.reconcile().looked_at == 0


@pytest.mark.parametrize("status", [*ENDED, DeploymentStatus.ROLLING_BACK])
def test_what_cannot_be_cancelled_says_why(status: DeploymentStatus) -> None:
    cloud = Cloud(running_world(1, status=status))
    if status is DeploymentStatus.CANCELLED:
        assert cloud.cancel(DEPLOYMENT, by=ME) == cloud.world.deployments[DEPLOYMENT]
        return
    with pytest.raises(Conflict, match=f"{status.value.replace('_', '.')}.*nothing is left to cancel"):
        cloud.cancel(DEPLOYMENT, by=ME)


@pytest.mark.parametrize("world", [pending, at_work, paused])
def test_many_cancels_at_once_are_one(world: Callable[[], Cloud]) -> None:
    cloud = world()
    assert at_once(lambda: cloud.cancel(DEPLOYMENT, by=ME)) == {"done": CLICKS}
    cloud.wind_down(DEPLOYMENT)
    told = types(cloud)
    assert (told.count("cancelled"), told.count("cancel_requested")) == (1, 0 if world is pending else 1)
    assert cloud.world.deployments[DEPLOYMENT].status is DeploymentStatus.CANCELLED


def test_starts_and_cancels_at_once_come_to_one_end_or_the_other() -> None:
    cloud = pending()
    clicks: list[Callable[[], Deployment]] = [
        lambda: cloud.start(DEPLOYMENT, by=ME),
        lambda: cloud.cancel(DEPLOYMENT, by=ME),
    ] * (CLICKS // 2)
    at_once(lambda: clicks.pop()())  # noqa: PLW0108  each click takes the next one
    cloud.wind_down(DEPLOYMENT)
    cloud.plan(DEPLOYMENT)
    assert cloud.world.deployments[DEPLOYMENT].status is DeploymentStatus.CANCELLED
    assert not claimed(cloud)
    assert all(target.status is TargetStatus.SKIPPED for target in cloud.world.targets.values())


def test_a_rollout_that_ends_while_it_is_cancelled_was_cancelled() -> None:
    cloud = at_work()
    cloud.cancel(DEPLOYMENT, by=ME)
    assert cloud.conclude_rollout(DEPLOYMENT, RolloutEnd.SETTLED) is DeploymentStatus.CANCELLING
    assert cloud.wind_down(DEPLOYMENT) is DeploymentStatus.CANCELLED
