"""Which targets are in a wave, and how many of them may fail."""

from dataclasses import replace

import pytest

from edgeflow.domain.deployments import Target, TargetStatus
from edgeflow.domain.strategies import Strategy
from edgeflow.use_cases.rollout.wave_members import enter_wave, members_of_wave, skipped_as_offline, tolerated_in_wave
from tests.unit.use_cases.cloud import DEPLOYMENT, Cloud, running_world, wave_job
from tests.unit.use_cases.memory import World
from tests.unit.use_cases.memory_targets import MemoryTargets

AT = "2026-02-21T12:00:00.000Z"


def members(world: World, wave: int) -> list[str]:
    return members_of_wave(MemoryTargets(world), world.deployments[DEPLOYMENT], wave)


def test_a_batch_has_those_that_were_planned_for_it_whatever_became_of_them() -> None:
    cloud = Cloud(running_world(3, batch_size=2))
    cloud.plan(DEPLOYMENT)
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    cloud.report("dev_001", "FAILED", job_id=wave_job(1))
    assert [members(cloud.world, wave) for wave in (1, 2, 3)] == [["dev_001", "dev_002"], ["dev_003"], []]


def test_a_switch_has_those_that_staging_left_staged_once_it_began() -> None:
    cloud = Cloud(running_world(3, strategy=Strategy.BLUE_GREEN))
    cloud.plan(DEPLOYMENT)
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    for device, status in (("dev_001", "SUCCEEDED"), ("dev_002", "FAILED"), ("dev_003", "SUCCEEDED")):
        cloud.report(device, status, job_id=wave_job(1), runs_version="1")
    world = cloud.world
    assert (members(world, 1), members(world, 2)) == (["dev_001", "dev_002", "dev_003"], [])
    for _ in range(2):
        entered = enter_wave(MemoryTargets(world), world.deployments[DEPLOYMENT], 2, at=AT)
        assert entered == members(world, 2) == ["dev_001", "dev_003"]


@pytest.mark.parametrize(
    ("skips", "offline", "tolerated"), [(True, 0, 2), (True, 1, 2), (True, 6, 1), (True, 10, 0), (False, 6, 2)]
)
def test_the_threshold_is_of_those_that_were_not_skipped_as_offline(
    *, skips: bool, offline: int, tolerated: int
) -> None:
    world = running_world(10, batch_size=10, threshold=25)
    found = world.deployments[DEPLOYMENT]
    deployment = replace(found, rules=replace(found.rules, skip_offline=skips))
    names = sorted(world.registered)
    for place, name in enumerate(names):
        skipped = {"status": TargetStatus.SKIPPED, "reason": "offline"} if place < offline else {}
        world.put_target(DEPLOYMENT, replace(Target(device_id=name, wave=1, status=TargetStatus.PENDING), **skipped))  # type: ignore[arg-type]
    targets = MemoryTargets(world)
    assert skipped_as_offline(targets, deployment, names) == (frozenset(names[:offline]) if skips else frozenset())
    assert tolerated_in_wave(targets, deployment, names) == tolerated
