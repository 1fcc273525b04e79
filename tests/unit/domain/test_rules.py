"""The numbers of a rollout: how many canaries, how many failures go, and what time a device has."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeflow.domain.rules import RolloutRules, canary_size, order_lasts, tolerated_failures, too_short_for_window

RULES = RolloutRules(timeout_seconds=60, auto_rollback=True, health_check=True)


@pytest.mark.parametrize(
    ("total", "percentage", "canaries"), [(1, 10, 1), (9, 10, 1), (10, 10, 1), (11, 10, 2), (100, 1, 1), (3, 100, 3)]
)
def test_canaries_are_rounded_up_and_at_least_one(total: int, percentage: int, canaries: int) -> None:
    assert canary_size(total, percentage) == canaries


@given(total=st.integers(1, 10_000), percentage=st.integers(1, 100))
def test_canaries_are_the_fewest_that_make_the_percentage(total: int, percentage: int) -> None:
    canaries = canary_size(total, percentage)
    assert 1 <= canaries <= total
    assert canaries * 100 >= total * percentage > (canaries - 1) * 100


@pytest.mark.parametrize(
    ("total", "threshold", "tolerated"),
    [(5, 20, 1), (4, 20, 0), (10, 20, 2), (3, 33, 0), (3, 34, 1), (7, 0, 0), (7, 100, 7), (0, 50, 0)],
)
def test_exactly_the_threshold_is_tolerated(total: int, threshold: int, tolerated: int) -> None:
    assert tolerated_failures(total, threshold) == tolerated


@given(total=st.integers(1, 10_000), threshold=st.integers(0, 100))
def test_one_failure_more_than_tolerated_exceeds_the_threshold(total: int, threshold: int) -> None:
    tolerated = tolerated_failures(total, threshold)
    assert tolerated * 100 <= threshold * total
    assert (tolerated + 1) * 100 > threshold * total


@pytest.mark.parametrize(
    "rules",
    [
        replace(RULES, batch_delay_seconds=300),
        replace(RULES, canary_delay_seconds=300),
        replace(RULES, switch_delay_seconds=300),
    ],
)
def test_devices_are_watched_for_the_delay_that_the_strategy_has(rules: RolloutRules) -> None:
    assert rules.watched_wait_seconds == 300


def test_without_a_delay_nobody_is_watched() -> None:
    assert RULES.watched_wait_seconds == 0


@given(timeout=st.integers(1, 7 * 86_400))
def test_an_order_lasts_for_its_job_and_for_clocks_that_differ_by_an_hour(timeout: int) -> None:
    rules = replace(RULES, timeout_seconds=timeout, batch_delay_seconds=300)
    assert order_lasts(rules) - timedelta(seconds=timeout) == timedelta(hours=1)


@pytest.mark.parametrize(("window", "enough"), [(None, True), (59, True), (60, False), (61, False)])
def test_a_timeout_must_be_longer_than_the_health_window(window: int | None, *, enough: bool) -> None:
    assert (too_short_for_window(replace(RULES, health_window_seconds=window)) is None) is enough


def test_a_timeout_that_is_too_short_is_told_with_both_durations() -> None:
    told = too_short_for_window(replace(RULES, timeout_seconds=90, health_window_seconds=3_600))
    assert told is not None
    assert told.startswith("timeout 1m30s leaves a device no time for its health_window of 1h,")
    assert told.endswith("use a longer timeout or a shorter health_window")
