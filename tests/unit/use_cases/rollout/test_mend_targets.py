"""Targets whose records are damaged are written anew before a deployment goes by them; the others are not touched."""

from dataclasses import replace

from edgeflow.domain.deployments import TargetStatus
from edgeflow.use_cases.rollout.mend_targets import MendTargets
from tests.unit.use_cases.cloud import DEPLOYMENT, Cloud, running_world
from tests.unit.use_cases.memory import MOMENT, World
from tests.unit.use_cases.memory_targets import MemoryTargets


def damaged() -> World:
    """One of three targets cannot be read."""
    world = running_world(3)
    Cloud(world).plan(DEPLOYMENT)
    target = world.targets[DEPLOYMENT, "dev_002"]
    world.damaged[DEPLOYMENT, "dev_002"] = replace(target, status=TargetStatus.DEPLOYING)
    return world


def test_all_are_returned_and_what_was_damaged_as_it_was_mended() -> None:
    world = damaged()
    mend = MendTargets(MemoryTargets(world), lambda: MOMENT)
    written = len(world.stream)
    found = mend.all(DEPLOYMENT)
    assert [(each.device_id, each.status.value) for each in found] == [
        ("dev_001", "pending"),
        ("dev_002", "deploying"),
        ("dev_003", "pending"),
    ]
    assert len(world.stream) == written + 1
    assert mend.all(DEPLOYMENT) == found
    assert len(world.stream) == written + 1, "once"


def test_only_those_asked_for_are_mended_and_those_that_do_not_exist_are_left_out() -> None:
    world = damaged()
    mend = MendTargets(MemoryTargets(world), lambda: MOMENT)
    assert list(mend.many(DEPLOYMENT, ["dev_001", "dev_009"])) == ["dev_001"]
    assert world.damaged
    assert list(mend.many(DEPLOYMENT, ["dev_002"])) == ["dev_002"]
    assert not world.damaged


def test_what_is_damaged_again_at_the_same_moment_is_left_for_the_next_look() -> None:
    class Stubborn(MemoryTargets):
        """Somebody damages it as soon as it is mended."""

        def mend(self, deployment_id: str, device_id: str, *, at: str) -> None:
            assert (deployment_id, device_id, at[:10]) == (DEPLOYMENT, "dev_002", "2026-02-21")

    found = MendTargets(Stubborn(damaged()), lambda: MOMENT).all(DEPLOYMENT)
    assert [each.device_id for each in found] == ["dev_001", "dev_003"]
