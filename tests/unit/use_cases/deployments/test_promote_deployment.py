"""Ending a wait by hand: promoting what is deployed."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from edgeflow.domain.deployments import DeploymentStatus
from edgeflow.domain.errors import Conflict
from tests.unit.use_cases.cloud import DEPLOYMENT, ME, Cloud, deploy_wave, running_world
from tests.unit.use_cases.deployments.waiting_deployments import CLICKS, types
from tests.unit.use_cases.rollout.ill_reports import ill_report


def watched(*, threshold: int = 20) -> Cloud:
    """The first of two waves is over, and the delay after it runs."""
    cloud = Cloud(running_world(4, batch_size=2, threshold=threshold))
    cloud.plan(DEPLOYMENT)
    deploy_wave(cloud, 1, dev_001="SUCCEEDED", dev_002="SUCCEEDED")
    cloud.watch.begin(DEPLOYMENT, "token-w", wave=1)
    return cloud


def test_promoting_ends_the_wait_as_if_it_had_run_out() -> None:
    cloud = watched()
    promoted = cloud.promote(DEPLOYMENT, by=ME)
    assert promoted.status is DeploymentStatus.RUNNING
    assert (cloud.world.answers["token-w"]["wave"], cloud.world.answers["token-w"]["breached"]) == (1, False)
    told = cloud.world.history[DEPLOYMENT][-1]
    assert (told.type, told.actor, told.details.model_dump()) == ("promoted", ME, {"wave": 1})


def test_many_promotes_at_once_are_one() -> None:
    cloud = watched()
    with ThreadPoolExecutor(CLICKS) as pool:
        for answer in [pool.submit(cloud.promote, DEPLOYMENT, by=ME) for _ in range(CLICKS)]:
            assert answer.result(timeout=10).status is DeploymentStatus.RUNNING
    assert types(cloud)["promoted"] == 1
    assert list(cloud.world.answers) == ["token-1", "token-w"]


def test_a_promote_that_comes_when_the_next_wave_has_begun_ends_nothing_and_says_what_is_waited_for() -> None:
    cloud = watched()
    cloud.promote(DEPLOYMENT, by=ME)
    cloud.dispatch(DEPLOYMENT, 2, "token-2")
    with pytest.raises(Conflict, match="wave 2 waits for 2 devices to report"):
        cloud.promote(DEPLOYMENT, by=ME)
    cloud.watch.begin(DEPLOYMENT, "token-w", wave=1)  # a late copy of the message
    with pytest.raises(Conflict, match="wave 2 waits for 2 devices to report"):
        cloud.promote(DEPLOYMENT, by=ME)
    assert types(cloud)["promoted"] == 1


def test_a_device_that_failed_within_the_threshold_holds_no_promote_up() -> None:
    cloud = watched(threshold=50)
    cloud.fail_late("dev_001", ill_report(version=2, sequence=9))
    cloud.tally_all()
    cloud.promote(DEPLOYMENT, by=ME)
    assert cloud.world.answers["token-w"]["breached"] is False


def test_a_breach_is_never_promoted() -> None:
    cloud = watched()
    cloud.fail_late("dev_001", ill_report(version=2, sequence=9))
    cloud.tally_all()
    assert cloud.world.answers["token-w"]["breached"] is True
    with pytest.raises(Conflict, match="wave 1 exceeded its failure threshold"):
        cloud.promote(DEPLOYMENT, by=ME)


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (DeploymentStatus.PENDING, "waits to be started"),
        (DeploymentStatus.RUNNING, "its first wave begins by itself"),
        (DeploymentStatus.PAUSED, "waits to be resumed"),
        (DeploymentStatus.CANCELLING, "is cancelling"),
        (DeploymentStatus.ROLLED_BACK, "is rolled_back"),
    ],
)
def test_where_no_delay_is_under_way_it_says_what_is_waited_for(status: DeploymentStatus, told: str) -> None:
    cloud = Cloud(running_world(2, status=status))
    with pytest.raises(Conflict, match=told):
        cloud.promote(DEPLOYMENT, by=ME)
    assert DEPLOYMENT not in cloud.world.history


def test_a_pause_in_the_wait_is_not_promoted_past() -> None:
    cloud = watched()
    cloud.pause(DEPLOYMENT, by=ME)
    with pytest.raises(Conflict, match="resumed"):
        cloud.promote(DEPLOYMENT, by=ME)
    cloud.resume(DEPLOYMENT, by=ME)
    cloud.promote(DEPLOYMENT, by=ME)
    assert "token-w" in cloud.world.answers
