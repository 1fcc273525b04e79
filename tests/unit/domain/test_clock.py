"""Moments as they are written and read, also those that nobody can tell."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeflow.domain.clock import bound, milliseconds, read_timestamp, shifted, timestamp, utc_now

MOMENTS = st.datetimes(
    min_value=datetime(1971, 1, 1),  # noqa: DTZ001  hypothesis adds the zone
    max_value=datetime(2200, 1, 1),  # noqa: DTZ001  as above
    timezones=st.just(UTC),
)
FIRST = datetime.min.replace(tzinfo=UTC)
LAST = datetime.max.replace(tzinfo=UTC)


def test_the_clock_of_production_is_in_utc() -> None:
    assert utc_now().utcoffset() == timedelta()


def test_a_moment_is_written_in_utc_with_milliseconds() -> None:
    east = timezone(timedelta(hours=2))
    assert timestamp(datetime(2026, 2, 21, 14, 0, 0, 7_999, tzinfo=east)) == "2026-02-21T12:00:00.007Z"


@given(moment=MOMENTS)
def test_what_is_written_is_read_back_to_the_millisecond(moment: datetime) -> None:
    read = read_timestamp(timestamp(moment))
    assert read is not None
    assert timedelta() <= moment - read < timedelta(milliseconds=1)


@given(one=MOMENTS, other=MOMENTS)
def test_written_moments_sort_by_time(one: datetime, other: datetime) -> None:
    if timestamp(one) < timestamp(other):
        assert one < other


@given(start=MOMENTS, later=st.timedeltas(timedelta(), timedelta(milliseconds=3)))
def test_what_is_written_is_before_a_bound_just_where_it_is_before_the_moment(
    start: datetime, later: timedelta
) -> None:
    moment = start + later
    read = read_timestamp(timestamp(start))
    assert read is not None
    assert (timestamp(start) < bound(moment)) == (read < moment)


def test_a_bound_at_the_end_of_all_years_stays_there() -> None:
    assert bound(LAST) == "9999-12-31T23:59:59.999Z"


@pytest.mark.parametrize("written", [None, "", "yesterday", "2026-02-21T12:00:00", "9999-12-31T23:59:59-23:00"])
def test_a_moment_that_nobody_can_tell_is_none(written: str | None) -> None:
    assert read_timestamp(written) is None


def test_a_moment_with_another_zone_is_read_in_utc() -> None:
    assert read_timestamp("2026-02-21T14:00:00+02:00") == datetime(2026, 2, 21, 12, 0, tzinfo=UTC)


def test_milliseconds_count_from_1970() -> None:
    assert milliseconds(datetime(1970, 1, 1, 0, 0, 1, 500_000, tzinfo=UTC)) == 1_500


@given(moment=MOMENTS, seconds=st.integers(-(10**6), 10**6))
def test_a_shift_within_all_years_is_exact(moment: datetime, seconds: int) -> None:
    by = timedelta(seconds=seconds)
    assert shifted(moment, by) - moment == by


@pytest.mark.parametrize(("by", "end"), [(timedelta(days=1), LAST), (timedelta(days=-1), FIRST)])
def test_a_shift_beyond_all_years_ends_with_them(by: timedelta, end: datetime) -> None:
    assert shifted(end, by) == end
