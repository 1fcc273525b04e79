"""Rolling back by hand: what it refuses, and why it was begun."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from edgeflow.domain.deployments import DeploymentStatus
from edgeflow.domain.errors import Conflict
from edgeflow.use_cases.rollout.conclude_rollout import RolloutEnd
from edgeflow.use_cases.rollout.plan_rollback import Origin
from tests.unit.use_cases.cloud import (
    DEPLOYMENT,
    FLOW,
    ME,
    Cloud,
    rollback_request,
    running_world,
)
from tests.unit.use_cases.memory import Died
from tests.unit.use_cases.rollout.rolled_back import completed


@pytest.mark.parametrize(
    "status", [DeploymentStatus.PENDING, DeploymentStatus.CANCELLING, DeploymentStatus.ROLLED_BACK]
)
def test_what_cannot_be_rolled_back_is_refused(status: DeploymentStatus) -> None:
    cloud = Cloud(running_world(1, status=status))
    with pytest.raises(Conflict):
        cloud.rollback(DEPLOYMENT, by=ME)
    assert not cloud.world.executions


CLICKS = 20


def moved(cloud: Cloud, device: str, version: int | None, *, by: str = "dep_9") -> None:
    """Another deployment changes a device."""
    install = cloud.world.installs[device, FLOW]
    cloud.world.installs[device, FLOW] = replace(install, version=version, deployment_id=by)


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
