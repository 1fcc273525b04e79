"""Verdicts of waves, and what changes of targets add to the counters."""

import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from edgeflow.domain.deployments import RETURNED, SETTLED, TargetStatus
from edgeflow.domain.waves import (
    Awaits,
    TargetChange,
    Wave,
    deployment_deltas,
    rollback_wave_name,
    wave_deltas,
    wave_name,
)


def wave(
    succeeded: int, failed: int, *, total: int = 5, tolerated: int = 1, awaits: Awaits | None = Awaits.VERDICT
) -> Wave:
    counts = {TargetStatus.SUCCESS: succeeded, TargetStatus.FAILED: failed}
    return Wave(name="00001", total=total, tolerated=tolerated, counts=counts, awaits=awaits)


def test_exactly_at_threshold_goes_on() -> None:
    result = wave(4, 1).result()
    assert result is not None
    assert (result.settled, result.breached) == (True, False)


def test_one_more_than_threshold_breaches() -> None:
    result = wave(3, 2).result()
    assert result is not None
    assert result.breached


def test_a_certain_breach_is_told_before_the_wave_settles() -> None:
    result = wave(0, 2).result()
    assert result is not None
    assert (result.settled, result.breached) == (False, True)


def test_a_closing_wave_is_told_only_when_all_are_accounted_for() -> None:
    assert wave(0, 2, awaits=Awaits.SETTLEMENT).result() is None
    assert wave(3, 2, awaits=Awaits.SETTLEMENT).result() is not None


def test_a_wave_at_work_has_no_result() -> None:
    assert wave(3, 1).result() is None


def test_a_wave_counted_before_it_is_opened_has_no_result() -> None:
    assert Wave(name="00001", counts={TargetStatus.FAILED: 1}).result() is None


FORWARD = [TargetStatus.SUCCESS, TargetStatus.FAILED, TargetStatus.SKIPPED]


def story(rng: random.Random, device: int) -> Iterator[TargetChange]:
    """One target's life: deployed to, perhaps staged before, and perhaps returned in one or two attempts."""
    staged = device % 2
    wave_number = 2 if staged else device % 3 + 1

    def change(before: TargetStatus, after: TargetStatus, attempts: tuple[int, int] = (0, 0)) -> TargetChange:
        return TargetChange(
            deployment_id="dep_1",
            wave=wave_number,
            wave_before=wave_number,
            before=before,
            after=after,
            attempt_before=attempts[0],
            attempt_after=attempts[1],
            sequence="",
        )

    yield change(TargetStatus.PENDING, TargetStatus.DEPLOYING)
    if staged:
        yield replace(change(TargetStatus.DEPLOYING, TargetStatus.STAGED), wave=1, wave_before=1)
        yield replace(change(TargetStatus.STAGED, TargetStatus.DEPLOYING), wave_before=1)
    end = rng.choice(FORWARD)
    yield change(TargetStatus.DEPLOYING, end)
    for attempt in range(1, rng.randint(0, 2) + 1):
        after = rng.choice(sorted(RETURNED))
        yield change(end, after, (attempt - 1, attempt))
        end = after


@given(seed=st.integers(0, 10_000), devices=st.integers(1, 12), cuts=st.lists(st.integers(0, 80), max_size=6))
def test_counters_equal_a_recount_however_the_stream_is_cut(seed: int, devices: int, cuts: list[int]) -> None:
    rng = random.Random(seed)  # noqa: S311  a story, not a secret
    stories = [list(story(rng, device)) for device in range(devices)]
    ends = [changes[-1].after for changes in stories]
    stream: list[TargetChange] = []
    while any(stories):
        stream.append(rng.choice([changes for changes in stories if changes]).pop(0))
    counted: dict[TargetStatus, int] = {}
    waves: dict[str, dict[TargetStatus, int]] = {}
    edges = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    for start, stop in pairwise(edges):
        for status, delta in deployment_deltas(stream[start:stop]).items():
            counted[status] = counted.get(status, 0) + delta
        for name, deltas in wave_deltas(stream[start:stop]).items():
            for status, delta in deltas.items():
                waves.setdefault(name, {})[status] = waves.setdefault(name, {}).get(status, 0) + delta
    recount = {status: ends.count(status) for status in SETTLED}
    assert {status: counted.get(status, 0) for status in SETTLED} == recount
    deployed = sum(sum(counts.values()) for name, counts in waves.items() if not name.startswith("R"))
    assert deployed == devices + devices // 2  # what was staged counts in its first wave and in the switch
    assert waves.get(wave_name(1), {}).get(TargetStatus.STAGED, 0) == devices // 2
    assert all(count >= 0 for counts in waves.values() for count in counts.values())


def test_names_of_waves_sort_by_number() -> None:
    assert wave_name(2) < wave_name(10) < rollback_wave_name(1)
