"""Waking whoever waits for a wave: when it is decided, and once, after its history tells of it."""

import pytest

from edgeflow.domain.deployments import TargetStatus
from edgeflow.domain.waves import Awaits, Wave, rollback_wave_name
from edgeflow.use_cases.rollout.answer_wave import AnswerWave
from tests.unit.use_cases.cloud import DEPLOYMENT, running_world
from tests.unit.use_cases.memory import MOMENT, World
from tests.unit.use_cases.memory_aws import MemoryWorkflows
from tests.unit.use_cases.memory_stores import MemoryWaves

DONE = {TargetStatus.SUCCESS: 2}


def wave(name: str = "00001", *, counts: dict[TargetStatus, int], token: str | None = "token") -> Wave:
    awaits = Awaits.SETTLEMENT if name.startswith("R") else Awaits.VERDICT
    return Wave(name=name, total=2, tolerated=0, counts=counts, task_token=token, awaits=awaits)


def answered(world: World, of: Wave) -> bool:
    world.waves.setdefault((DEPLOYMENT, of.name), of)
    return AnswerWave(MemoryWaves(world), MemoryWorkflows(world), lambda: MOMENT)(
        DEPLOYMENT, world.waves[DEPLOYMENT, of.name]
    )


def test_a_decided_wave_is_answered_and_told_once() -> None:
    world = running_world(2)
    assert answered(world, wave(counts=DONE))
    assert not answered(world, wave(counts=DONE)), "the token is spent"
    assert world.answers["token"] == {
        "wave": 1,
        "total": 2,
        "succeeded": 2,
        "failed": 0,
        "tolerated": 0,
        "settled": True,
        "breached": False,
    }
    assert [event.type for event in world.history[DEPLOYMENT]] == ["wave_ended"]


@pytest.mark.parametrize(
    "undecided",
    [wave(counts={TargetStatus.SUCCESS: 1}), wave(counts=DONE, token=None), wave(counts={})],
    ids=["one is open", "nobody waits", "nothing counted"],
)
def test_nobody_is_answered_before_and_nothing_told(undecided: Wave) -> None:
    world = running_world(2)
    assert not answered(world, undecided)
    assert (world.answers, world.history) == ({}, {})


def test_a_certain_breach_waits_for_nobody() -> None:
    world = running_world(2)
    assert answered(world, wave(counts={TargetStatus.FAILED: 1}))
    assert (world.answers["token"]["breached"], world.answers["token"]["settled"]) == (True, False)


def test_the_end_of_a_return_is_told_by_the_rollback_s_own_event() -> None:
    world = running_world(2)
    assert answered(world, wave(rollback_wave_name(1), counts={TargetStatus.ROLLED_BACK: 2}))
    assert world.answers["token"]["wave"] is None
    assert world.history == {}
