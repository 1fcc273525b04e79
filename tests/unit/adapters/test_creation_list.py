"""Lists by the time of creation: page after page, they give exactly what a look at every record would."""

from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edgeflow.adapters.creation_list import CreationList, Span, position
from edgeflow.adapters.keys import Key
from edgeflow.adapters.table import Table
from edgeflow.domain.clock import timestamp
from edgeflow.domain.errors import InvalidRequest

NOON: Final = datetime(2026, 2, 21, 12, tzinfo=UTC)
EVERYTHING: Final = Span()


def _key_of(record_id: str) -> Key:
    return f"NOTE#{record_id}", "NOTE"


NOTES: Final = CreationList("NOTES", _key_of, "notes")

created = st.lists(st.integers(0, 6).map(lambda number: NOON + timedelta(milliseconds=number)), max_size=9)
moments = st.none() | st.integers(-500, 6_500).map(lambda number: NOON + timedelta(microseconds=number))
spans = st.builds(Span, since=moments, until=moments).filter(
    lambda span: span.since is None or span.until is None or span.since < span.until
)


def _id(number: int) -> str:
    return f"{number:02d}"


def _write(table: Table, moments: list[datetime]) -> None:
    for number in range(9):
        table.delete(_key_of(_id(number)))
    for number, moment in enumerate(moments):
        pk, sk = _key_of(_id(number))
        place = position(timestamp(moment), _id(number))
        table.put({"pk": pk, "sk": sk, "gsi1pk": "NOTES", "gsi1sk": place, "id": _id(number), "odd": str(number % 2)})


def _page(
    table: Table, *, limit: int, after: str | None, created: Span, oldest_first: bool = False, odd: bool = False
) -> tuple[list[str], str | None]:
    items, last = NOTES.page(
        table,
        limit=limit,
        after=after,
        created=created,
        oldest_first=oldest_first,
        conditions={"odd": "#odd = :odd"} if odd else {},
        values={":odd": "1"} if odd else {},
        at_a_time=1,
    )
    return [item["id"] for item in items], last


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moments=created, span=spans, limit=st.integers(1, 4), oldest_first=st.booleans(), odd=st.booleans())
@pytest.mark.slow
def test_all_that_was_created_then_is_listed_in_order(
    *, table: Table, moments: list[datetime], span: Span, limit: int, oldest_first: bool, odd: bool
) -> None:
    _write(table, moments)
    found: list[str] = []
    after: str | None = None
    for _ in range(len(moments) + 1):
        page, after = _page(table, limit=limit, after=after, created=span, oldest_first=oldest_first, odd=odd)
        assert len(page) <= limit
        found += page
        if after is None:
            break
    assert after is None
    fitting = [
        (moment, _id(number))
        for number, moment in enumerate(moments)
        if (span.since is None or moment >= span.since)
        and (span.until is None or moment < span.until)
        and (number % 2 or not odd)
    ]
    assert found == [name for _, name in sorted(fitting, reverse=not oldest_first)]


@pytest.mark.parametrize("after", ["nonsense", "#1", "2026-02-21T12:00:00.000Z#", "2026-02-21T12:00:00.000Z", "~#1"])
def test_a_position_that_no_list_gave_is_refused(table: Table, after: str) -> None:
    with pytest.raises(InvalidRequest, match="list of notes"):
        _page(table, limit=2, after=after, created=EVERYTHING)


def test_a_position_of_another_time_is_refused(table: Table) -> None:
    _write(table, [NOON, NOON + timedelta(milliseconds=1)])
    _, after = _page(table, limit=1, after=None, created=EVERYTHING, oldest_first=True)
    assert after == position(timestamp(NOON), "00")
    for span in (Span(since=NOON + timedelta(milliseconds=1)), Span(until=NOON)):
        with pytest.raises(InvalidRequest, match="list of notes"):
            _page(table, limit=1, after=after, created=span, oldest_first=True)
