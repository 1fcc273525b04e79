"""Starting: once, however often it is asked for, and nothing that somebody paused."""

from dataclasses import replace

import pytest

from edgeflow.domain.deployments import DeploymentStatus
from edgeflow.domain.errors import Conflict
from edgeflow.use_cases.devices.ports import Install
from tests.unit.use_cases.cloud import (
    DEPLOYMENT,
    FLOW,
    ME,
    Cloud,
    running_world,
)
from tests.unit.use_cases.deployments.stages import CLICKS, at_once, at_work, paused, pending, types


def test_a_start_that_comes_again_never_goes_on_with_what_somebody_paused() -> None:
    cloud = paused()
    with pytest.raises(Conflict, match="resume goes on"):
        cloud.start(DEPLOYMENT, by=ME)
    assert "token-p" not in cloud.world.answers
    assert cloud.world.deployments[DEPLOYMENT].status is DeploymentStatus.PAUSED


def test_a_start_that_comes_again_wakes_nobody() -> None:
    cloud = at_work()
    before = dict(cloud.world.deployments), list(types(cloud)), dict(cloud.world.executions)
    assert cloud.start(DEPLOYMENT, by=ME) == cloud.world.deployments[DEPLOYMENT]
    assert (dict(cloud.world.deployments), types(cloud), dict(cloud.world.executions)) == before


def test_many_starts_at_once_are_one() -> None:
    cloud = pending()
    assert at_once(lambda: cloud.start(DEPLOYMENT, by=ME)) == {"done": CLICKS}
    assert list(cloud.world.executions) == [f"rolling:{DEPLOYMENT}"]
    assert types(cloud) == ["started"]


def test_start_heals_an_earlier_start_that_died_before_its_execution_began() -> None:
    cloud = Cloud(running_world(1))
    assert not cloud.world.executions
    cloud.start(DEPLOYMENT, by=ME)
    assert cloud.world.executions == {f"rolling:{DEPLOYMENT}": {"deployment_id": DEPLOYMENT}}
    assert cloud.start(DEPLOYMENT, by=ME) == cloud.world.deployments[DEPLOYMENT]


def test_starting_names_the_devices_that_another_deployment_holds() -> None:
    world = running_world(2, status=DeploymentStatus.PENDING)
    world.deployments["dep_2"] = replace(world.deployments[DEPLOYMENT], id="dep_2", status=DeploymentStatus.RUNNING)
    world.installs["dev_002", FLOW] = Install(device_id="dev_002", version=1, claimed_by="dep_2")
    with pytest.raises(Conflict, match="dep_2 is deploying this flow to dev_002"):
        Cloud(world).start(DEPLOYMENT, by=ME)
    assert world.deployments[DEPLOYMENT].status is DeploymentStatus.PENDING
