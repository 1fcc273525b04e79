"""Targets as items: read back as written, also those of older releases, and refused where they are damaged."""

import pytest

from edgeflow.adapters.rollout.target_items import places_of, planned_wave, read_target, write_target
from edgeflow.domain.deployments import Target, TargetStatus
from tests.unit.adapters.builders import AT, DEP, a_target

TARGETS = [
    a_target("dev_001"),
    a_target("dev_001", version_before=None, version_before_known=False),
    a_target("dev_001", status=TargetStatus.FAILED, reason="unhealthy", message="m", reached=True, finished_at=AT),
    a_target("dev_001", status=TargetStatus.SKIPPED, reached_late=True, runs_version=2, rollback_attempt=3),
]


@pytest.mark.parametrize("target", TARGETS)
def test_a_target_reads_back_as_it_was_written(target: Target) -> None:
    item = write_target(DEP, target)
    assert read_target({name: value for name, value in item.items() if value is not None}) == target


@pytest.mark.parametrize(
    "flaw",
    [{"status": "asleep"}, {"wave": -1}, {"version_before": 0}, {"reached": "no"}, {"rollback_attempt": None}],
)
def test_a_target_that_is_damaged_cannot_be_read(flaw: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_target(write_target(DEP, a_target("dev_001")) | flaw)


@pytest.mark.parametrize(
    ("place", "wave"), [("WAVE#00003#dev_001", 3), ("WAVE#00003#dev#001", 3), ("WAVE#x#dev_001", 0), ("nowhere", 0)]
)
def test_the_wave_that_it_was_planned_for_is_known_by_its_place_in_the_index(place: str, wave: int) -> None:
    assert planned_wave({"lsi1sk": place}) == wave
    assert planned_wave({}) == 0
    assert planned_wave(places_of(DEP, a_target("dev_001", wave=7), created_at=AT)) == 7
