"""Reading deployments and their targets, also before anything is planned."""

from dataclasses import replace

import pytest

from edgeflow.domain.deployments import DeploymentFilter, DeploymentStatus, Target, TargetStatus
from edgeflow.domain.errors import NotFound
from edgeflow.use_cases.deployments.ports import Manifest
from edgeflow.use_cases.deployments.read_deployments import ReadDeployments
from tests.unit.use_cases.cloud import DEPLOYMENT, Cloud, running_world
from tests.unit.use_cases.memory import World
from tests.unit.use_cases.memory_aws import MemoryManifests
from tests.unit.use_cases.memory_stores import MemoryDeployments
from tests.unit.use_cases.memory_targets import MemoryTargets


def reading(world: World) -> ReadDeployments:
    return ReadDeployments(MemoryDeployments(world), MemoryTargets(world), MemoryManifests(world))


def seen(world: World, *, limit: int = 10, after: str | None = None, **wanted: object) -> list[tuple[str, int, str]]:
    read = reading(world)
    page, _ = read.targets_page(read.get(DEPLOYMENT), limit=limit, after=after, **wanted)  # type: ignore[arg-type]
    return [(each.device_id, each.wave, each.status.value) for each in page if isinstance(each, Target)]


def test_targets_that_are_not_planned_yet_are_shown_in_the_waves_that_they_will_have() -> None:
    world = running_world(3, batch_size=2)
    assert seen(world) == [("dev_001", 1, "pending"), ("dev_002", 1, "pending"), ("dev_003", 2, "pending")]
    assert seen(world, after="dev_001", wave=1) == [("dev_002", 1, "pending")]
    assert seen(world, status=TargetStatus.SUCCESS) == []


def test_before_and_after_planning_targets_look_alike() -> None:
    world = running_world(3, batch_size=2)
    before = seen(world)
    Cloud(world).plan(DEPLOYMENT)
    assert seen(world) == before


def test_targets_that_are_not_planned_are_paged() -> None:
    world = running_world(3)
    read = reading(world)
    pages: list[list[str]] = []
    after: str | None = None
    while True:
        page, after = read.targets_page(read.get(DEPLOYMENT), limit=2, after=after)
        pages.append([target.device_id for target in page if isinstance(target, Target)])
        if after is None:
            break
    assert pages == [["dev_001", "dev_002"], ["dev_003"]]


def test_until_its_groups_are_resolved_only_the_devices_named_are_known_and_no_waves() -> None:
    world = running_world(2)
    del world.manifests[DEPLOYMENT]
    world.asked[DEPLOYMENT] = Manifest(devices=("dev_002", "dev_001"), groups=("north",))
    assert seen(world) == [("dev_001", 0, "pending"), ("dev_002", 0, "pending")]


def test_what_ended_before_it_was_planned_has_reached_nobody() -> None:
    world = running_world(1)
    world.deployments[DEPLOYMENT] = replace(world.deployments[DEPLOYMENT], status=DeploymentStatus.CANCELLED)
    (target,), _ = reading(world).targets_page(world.deployments[DEPLOYMENT], limit=10)
    assert isinstance(target, Target)
    assert (target.status, target.reason) == (TargetStatus.SKIPPED, "not_reached")


def test_reading_changes_nothing_and_what_is_not_there_is_not_found() -> None:
    world = running_world(2)
    before = dict(world.deployments), dict(world.targets), dict(world.history)
    read = reading(world)
    assert read.page(limit=10) == ([world.deployments[DEPLOYMENT]], None)
    assert read.page(limit=10, wanted=DeploymentFilter(statuses=frozenset({DeploymentStatus.PAUSED}))) == ([], None)
    with pytest.raises(NotFound):
        read.get("dep_9")
    assert (world.deployments, world.targets, world.history) == before
