"""The tally: one bad record, deployment or wave holds up no other of its shard."""

from dataclasses import replace

import pytest

from edgeflow.domain.deployments import TargetStatus
from edgeflow.domain.errors import CannotBeRead, Damaged, Unavailable
from edgeflow.domain.unreadable import Kind, Unreadable
from edgeflow.domain.waves import Deltas, TargetChange, Wave
from edgeflow.use_cases.rollout.set_aside import SetAside
from edgeflow.use_cases.rollout.tally_wave import Tallied
from tests.unit.use_cases.cloud import DEPLOYMENT, Cloud, running_world, wave_job
from tests.unit.use_cases.memory import World
from tests.unit.use_cases.memory_stores import MemoryDeployments, MemoryWaves

OTHER = "dep_2"
UNREADABLE = SetAside(record="7", pk="DEP#dep_1", fault="ValueError: 'quarantined' is not a valid TargetStatus")


class Waves(MemoryWaves):
    """Of one deployment waves cannot be counted, for this reason."""

    def __init__(self, world: World, error: Exception) -> None:
        """Raise this."""
        super().__init__(world)
        self.error = error

    def count(self, deployment_id: str, name: str, deltas: Deltas, *, first: str, last: str) -> tuple[Wave, str | None]:
        """Count a wave of any other deployment."""
        if deployment_id == DEPLOYMENT:
            raise self.error
        return super().count(deployment_id, name, deltas, first=first, last=last)


def world_of_two(*, devices: int = 3) -> World:
    """Return a world with two deployments at work, of which all devices but the last have succeeded."""
    world = running_world(devices, batch_size=devices)
    world.deployments[OTHER] = replace(world.deployments[DEPLOYMENT], id=OTHER, flow_id="flow_2")
    world.manifests[OTHER] = world.manifests[DEPLOYMENT]
    cloud = Cloud(world)
    for deployment_id in (DEPLOYMENT, OTHER):
        cloud.plan(deployment_id)
        cloud.dispatch(deployment_id, 1, f"token-{deployment_id}")
    for number in range(1, devices):
        for deployment_id in (DEPLOYMENT, OTHER):
            job = wave_job(1).replace(DEPLOYMENT, deployment_id)
            cloud.report(f"dev_{number:03d}", "SUCCEEDED", job_id=job, runs_version="2")
    return world


def succeeded(world: World, deployment_id: str) -> tuple[int, int]:
    """Return what the counters of a deployment and its wave say."""
    wave = world.waves[deployment_id, "00001"]
    counters = world.deployments[deployment_id].counts, wave.counts
    deployment, wave_count = (counts.get(TargetStatus.SUCCESS, 0) for counts in counters)
    return deployment, wave_count


def settled(world: World) -> list[TargetChange]:
    """Return the changes that count."""
    return [change for change in world.stream if change.after is TargetStatus.SUCCESS]


def test_a_record_that_cannot_be_read_is_set_aside_and_the_others_are_counted_once() -> None:
    world = world_of_two()
    first, *others = settled(world)
    batch: list[TargetChange | SetAside] = [first, UNREADABLE, *others]
    tally = Cloud(world).tally
    assert tally(batch) == Tallied(counted=4, unreadable=1, uncounted=0, orphaned=0)
    # It comes again, from behind the first on, as a shard hands over what was not acknowledged.
    tally(batch[1:])
    assert [succeeded(world, each) for each in (DEPLOYMENT, OTHER)] == [(2, 2), (2, 2)]
    assert world.dead_letters == [UNREADABLE, UNREADABLE]


@pytest.mark.parametrize(
    "damage",
    [
        CannotBeRead(Unreadable(kind=Kind.WAVE, id="00001", of=DEPLOYMENT, fault="tolerated is missing")),
        Damaged("a counter cannot be added to"),
    ],
    ids=["cannot_be_read", "cannot_be_added_to"],
)
def test_a_wave_that_is_damaged_keeps_only_its_own_changes_from_being_counted(damage: CannotBeRead | Damaged) -> None:
    world = world_of_two()
    tallied = Cloud(world, waves=Waves(world, damage)).tally(settled(world))
    assert tallied == Tallied(counted=2, unreadable=0, uncounted=2, orphaned=0)
    assert succeeded(world, OTHER) == (2, 2)
    assert succeeded(world, DEPLOYMENT) == (2, 0)  # its own counters are no part of what is damaged
    assert {letter.pk for letter in world.dead_letters} == {DEPLOYMENT}
    assert {letter.fault for letter in world.dead_letters} == {str(damage)}


def test_while_aws_is_not_available_the_batch_comes_again_and_nothing_is_set_aside() -> None:
    world = world_of_two()
    busy = Cloud(world, waves=Waves(world, Unavailable("DynamoDB is too busy"))).tally
    with pytest.raises(Unavailable):
        busy([UNREADABLE, *settled(world)])
    assert world.dead_letters == []
    assert succeeded(world, OTHER) == (2, 2), "what could be counted is not held up"
    Cloud(world).tally([UNREADABLE, *settled(world)])
    assert [succeeded(world, each) for each in (DEPLOYMENT, OTHER)] == [(2, 2), (2, 2)]
    assert world.dead_letters == [UNREADABLE]


def test_changes_of_a_deployment_that_is_gone_hold_up_nobody() -> None:
    world = world_of_two()
    changes = settled(world)
    del world.deployments[DEPLOYMENT]
    tallied = Cloud(world, deployments=MemoryDeployments(world)).tally(changes)
    assert tallied == Tallied(counted=2, unreadable=0, uncounted=0, orphaned=2)
    assert succeeded(world, OTHER) == (2, 2)
    assert world.dead_letters == []
