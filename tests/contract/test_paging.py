"""Cursors come back as they went out, and no other text is one."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from edgeflow.contract.rest.paging import read_cursor, write_cursor

_NAMES = st.text(max_size=20)
_POSITIONS = st.from_regex(r"[A-Za-z0-9:._#-]{1,160}", fullmatch=True)
_FILTERS = st.dictionaries(st.sampled_from(["status", "tag", "name"]), st.none() | st.text(max_size=20))


@given(name=_NAMES, position=_POSITIONS, filters=_FILTERS)
def test_a_cursor_reads_back(name: str, position: str, filters: dict[str, str | None]) -> None:
    assert read_cursor(name, write_cursor(name, position, filters), filters) == position


@given(name=_NAMES, position=_POSITIONS, filters=_FILTERS, others=_FILTERS)
def test_a_cursor_belongs_to_its_filters(
    name: str, position: str, filters: dict[str, str | None], others: dict[str, str | None]
) -> None:
    given_filters = {key: value for key, value in filters.items() if value is not None}
    assume(given_filters != {key: value for key, value in others.items() if value is not None})
    with pytest.raises(ValueError, match="other filters"):
        read_cursor(name, write_cursor(name, position, filters), others)


@given(text=st.text(max_size=60) | st.binary(max_size=60).map(lambda raw: raw.hex()))
def test_no_other_text_is_a_cursor(text: str) -> None:
    with pytest.raises(ValueError, match="cursor"):
        read_cursor("flows", text)


@given(position=_POSITIONS, where=st.integers(0, 20))
def test_a_cursor_whose_beginning_was_changed_is_refused(position: str, where: int) -> None:
    cursor = write_cursor("flows", position)
    at = where % len(cursor)
    changed = cursor[:at] + ("A" if cursor[at] != "A" else "B") + cursor[at + 1 :]
    with pytest.raises(ValueError, match="cursor"):
        read_cursor("flows", changed)
