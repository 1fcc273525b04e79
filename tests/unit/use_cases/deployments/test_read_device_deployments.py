"""The deployments of one device, with what became of the device in each."""

from dataclasses import replace

from edgeflow.domain.deployments import Deployment, DeploymentFilter, DeploymentStatus, Target, TargetStatus
from edgeflow.domain.target_waiting import TargetWaitsFor
from edgeflow.domain.unreadable import Kind, Unreadable
from edgeflow.use_cases.deployments.read_device_deployments import ReadDeviceDeployments
from edgeflow.use_cases.deployments.read_waits import ReadWaits
from tests.unit.use_cases.cloud import DEPLOYMENT, running_world
from tests.unit.use_cases.memory import MOMENT, World
from tests.unit.use_cases.memory_devices import MemoryReports
from tests.unit.use_cases.memory_stores import MemoryWaves
from tests.unit.use_cases.memory_targets import MemoryDeviceDeployments, MemoryTargets

DEVICE = "dev_001"
EARLIER = "dep_0"


def reading(world: World) -> ReadDeviceDeployments:
    waits = ReadWaits(MemoryWaves(world), MemoryTargets(world), MemoryReports(world), lambda: MOMENT)
    return ReadDeviceDeployments(MemoryDeviceDeployments(world), MemoryTargets(world), waits)


def a_world() -> World:
    """Return a world in which the device succeeded once, and is deploying again."""
    world = running_world(2)
    running = world.deployments[DEPLOYMENT]
    world.deployments[EARLIER] = replace(running, id=EARLIER, status=DeploymentStatus.COMPLETED)
    world.targets[EARLIER, DEVICE] = Target(device_id=DEVICE, wave=1, status=TargetStatus.SUCCESS)
    world.targets[DEPLOYMENT, DEVICE] = Target(device_id=DEVICE, wave=1, status=TargetStatus.DEPLOYING)
    world.targets[DEPLOYMENT, "dev_002"] = Target(device_id="dev_002", wave=1, status=TargetStatus.FAILED)
    return world


def test_each_deployment_comes_with_the_device_s_own_target_and_what_it_is_at() -> None:
    found, position = reading(a_world()).page(DEVICE, limit=9)
    assert position is None
    assert [(each.deployment.id, each.target) for each in found] == [
        (DEPLOYMENT, Target(device_id=DEVICE, wave=1, status=TargetStatus.DEPLOYING)),
        (EARLIER, Target(device_id=DEVICE, wave=1, status=TargetStatus.SUCCESS)),
    ]
    assert [each.wait and each.wait.what for each in found] == [TargetWaitsFor.OFFLINE, None]


def test_it_is_paged_and_narrowed_and_turned_round() -> None:
    read = reading(a_world())
    first, position = read.page(DEVICE, limit=1)
    second, end = read.page(DEVICE, limit=1, after=position)
    assert [each.deployment.id for each in [*first, *second]] == [DEPLOYMENT, EARLIER]
    assert end is None
    oldest, _ = read.page(DEVICE, limit=1, oldest_first=True)
    completed, _ = read.page(DEVICE, limit=9, wanted=DeploymentFilter(statuses=frozenset({DeploymentStatus.COMPLETED})))
    assert [each.deployment.id for each in [*oldest, *completed]] == [EARLIER, EARLIER]


def test_a_device_that_is_no_target_has_none() -> None:
    assert reading(a_world()).page("dev_009", limit=9) == ([], None)


def test_what_cannot_be_read_is_an_entry_and_the_others_are_told_whole() -> None:
    world = a_world()
    world.damaged[EARLIER, DEVICE] = world.targets[EARLIER, DEVICE]
    (running, earlier), _ = reading(world).page(DEVICE, limit=9)
    assert isinstance(running.target, Target)
    assert isinstance(earlier.target, Unreadable)
    assert (isinstance(earlier.deployment, Deployment), earlier.wait) == (True, None)
    world.unreadable.add((Kind.DEPLOYMENT, DEPLOYMENT))
    (running, earlier), _ = reading(world).page(DEVICE, limit=9)
    assert (isinstance(running.deployment, Unreadable), running.target) == (True, None)
    assert isinstance(earlier.target, Unreadable)
