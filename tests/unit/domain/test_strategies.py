"""How each strategy splits its targets into waves, and what each wave is for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeflow.domain.rules import RolloutRules, canary_size
from edgeflow.domain.strategies import (
    CANARY_WAVE,
    MAX_WAVES,
    STAGING_WAVE,
    SWITCHING_WAVE,
    Strategy,
    too_many_waves,
    wave_count,
    wave_of,
)


def rules(batch_size: int = 10, *, canary_percentage: int = 10) -> RolloutRules:
    return RolloutRules(
        timeout_seconds=60,
        auto_rollback=True,
        health_check=True,
        batch_size=batch_size,
        canary_percentage=canary_percentage,
    )


def waves(total: int, strategy: Strategy, by: RolloutRules) -> list[int]:
    """Return the wave of each target."""
    return [wave_of(position, total, strategy, by) for position in range(total)]


@given(total=st.integers(1, 3_000), batch_size=st.integers(1, 3_000))
def test_rolling_covers_every_target_exactly_once(total: int, batch_size: int) -> None:
    of_each = waves(total, Strategy.ROLLING, rules(batch_size))
    count = wave_count(total, Strategy.ROLLING, rules(batch_size))
    sizes = [of_each.count(number) for number in range(1, count + 1)]
    assert sum(sizes) == total
    assert all(size == batch_size for size in sizes[:-1])
    assert 1 <= sizes[-1] <= batch_size
    assert of_each == sorted(of_each)


@given(total=st.integers(1, 3_000), percentage=st.integers(1, 100))
def test_canary_covers_every_target_exactly_once(total: int, percentage: int) -> None:
    canary = rules(canary_percentage=percentage)
    of_each = waves(total, Strategy.CANARY, canary)
    assert of_each == sorted(of_each)
    assert of_each.count(CANARY_WAVE) == canary_size(total, percentage)
    assert wave_count(total, Strategy.CANARY, canary) == len(set(of_each))


@given(total=st.integers(1, 1_000))
def test_all_at_once_is_one_wave_of_all(total: int) -> None:
    assert waves(total, Strategy.ALL_AT_ONCE, rules()) == [1] * total
    assert wave_count(total, Strategy.ALL_AT_ONCE, rules()) == 1


@given(total=st.integers(1, 1_000))
def test_blue_green_plans_all_for_staging_and_has_the_switch_after_it(total: int) -> None:
    assert waves(total, Strategy.BLUE_GREEN, rules()) == [STAGING_WAVE] * total
    assert wave_count(total, Strategy.BLUE_GREEN, rules()) == SWITCHING_WAVE == STAGING_WAVE + 1


def test_the_targets_named_first_are_the_canaries() -> None:
    assert waves(5, Strategy.CANARY, rules(canary_percentage=40)) == [1, 1, 2, 2, 2]


@pytest.mark.parametrize("strategy", Strategy)
def test_no_targets_make_no_waves(strategy: Strategy) -> None:
    assert wave_count(0, strategy, rules()) == 0


@pytest.mark.parametrize(
    ("wave", "staging", "switching", "proving"),
    [(1, Strategy.BLUE_GREEN, None, Strategy.CANARY), (2, None, Strategy.BLUE_GREEN, None), (3, None, None, None)],
)
def test_what_a_wave_is_for_goes_by_strategy_and_number(
    wave: int, staging: Strategy | None, switching: Strategy | None, proving: Strategy | None
) -> None:
    assert [each for each in Strategy if each.stages(wave)] == ([staging] if staging else [])
    assert [each for each in Strategy if each.switches(wave)] == ([switching] if switching else [])
    assert [each for each in Strategy if each.proves(wave)] == ([proving] if proving else [])


def test_exactly_as_many_waves_as_are_possible_go_and_one_more_is_refused() -> None:
    assert too_many_waves(MAX_WAVES * 3, Strategy.ROLLING, rules(3)) is None
    assert too_many_waves(MAX_WAVES * 3 + 1, Strategy.ROLLING, rules(3)) == (
        "3001 targets in batches of 3 make 1001 waves; at most 1000 are possible: use a batch_size of at least 4"
    )


@given(total=st.integers(1, 100_000), batch_size=st.integers(1, 200))
def test_the_batch_size_that_a_refusal_names_is_the_least_that_goes(total: int, batch_size: int) -> None:
    refusal = too_many_waves(total, Strategy.ROLLING, rules(batch_size))
    if refusal is None:
        assert wave_count(total, Strategy.ROLLING, rules(batch_size)) <= MAX_WAVES
        return
    least = int(refusal.rpartition(" ")[2])
    assert too_many_waves(total, Strategy.ROLLING, rules(least)) is None
    assert too_many_waves(total, Strategy.ROLLING, rules(least - 1)) is not None


@pytest.mark.parametrize("strategy", [each for each in Strategy if each is not Strategy.ROLLING])
def test_only_rolling_can_make_too_many_waves(strategy: Strategy) -> None:
    assert too_many_waves(1_000_000, strategy, rules(1)) is None


def test_state_machines_are_named_with_hyphens() -> None:
    assert [each.machine for each in Strategy] == ["all-at-once", "rolling", "canary", "blue-green"]
