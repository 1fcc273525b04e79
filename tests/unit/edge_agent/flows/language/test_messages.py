"""Messages that may flow: trees of a bounded size, whatever they were made of."""

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.flows.language.messages import (
    MAX_MESSAGE_BYTES,
    MAX_MESSAGE_LEVELS,
    VALUE_BYTES,
    Message,
    MessageRefused,
    bounded,
)

TEXTS = st.text(st.characters(codec=None), max_size=20)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXTS, inner, max_size=5),
    max_leaves=30,
)


def _size(value: Any) -> int:  # noqa: ANN401  any JSON
    match value:
        case str():
            return VALUE_BYTES + len(value.encode(errors="surrogatepass"))
        case dict():
            return VALUE_BYTES + sum(_size(name) + _size(item) for name, item in value.items())
        case list():
            return VALUE_BYTES + sum(map(_size, value))
        case int() if value.bit_length() > 64:
            return VALUE_BYTES + (value.bit_length() - 64) // 8
        case _:
            return VALUE_BYTES


def _containers(value: Any) -> Iterator[Any]:  # noqa: ANN401  any JSON
    if isinstance(value, dict | list):
        yield value
        for item in value.values() if isinstance(value, dict) else value:
            yield from _containers(item)


def _message(payload: Any, **metadata: str) -> Message:  # noqa: ANN401  any JSON
    return Message(payload=payload, source="s", metadata=metadata)


@given(VALUES)
def test_a_message_passes_just_when_its_size_is_within_the_limit(value: Any) -> None:  # noqa: ANN401  any JSON
    size = _size(value)
    assert bounded(_message(value), size).payload == value
    with pytest.raises(MessageRefused, match=f"more than {size - 1} bytes"):
        bounded(_message(value), size - 1)


@given(VALUES, st.data())
def test_what_passed_is_a_tree_that_shares_nothing_with_what_it_was_made_of(value: Any, data: st.DataObject) -> None:  # noqa: ANN401
    shared = [value, {"again": value, "and": data.draw(st.sampled_from([value, *_containers(value)]))}]
    payload = bounded(_message(shared), MAX_MESSAGE_BYTES).payload
    assert payload == shared
    mine = [id(part) for part in _containers(payload)]
    assert len(set(mine)) == len(mine)
    assert not set(mine) & {id(part) for part in _containers(shared)}


@pytest.mark.parametrize("doublings", [60, 120])
def test_counting_ends_soon_however_often_a_value_is_doubled(doublings: int) -> None:
    lists: Any = 1
    objects: Any = "x"
    for _ in range(doublings):
        lists, objects = [lists, lists], {"a": objects, "b": objects}
    for value in (lists, objects):
        with pytest.raises(MessageRefused, match="more than 262144 bytes"):
            bounded(_message(value), MAX_MESSAGE_BYTES)


def test_a_value_that_holds_itself_is_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(MessageRefused, match="levels"):
        bounded(_message(endless), MAX_MESSAGE_BYTES)


@pytest.mark.parametrize("wrap", [lambda inner: [inner], lambda inner: {"a": inner}])
def test_exactly_so_many_levels_pass(wrap: Any) -> None:  # noqa: ANN401  a function
    value: Any = 1
    for _ in range(MAX_MESSAGE_LEVELS):
        value = wrap(value)
    assert bounded(_message(value), MAX_MESSAGE_BYTES).payload == value
    with pytest.raises(MessageRefused, match=f"more than {MAX_MESSAGE_LEVELS} levels"):
        bounded(_message(wrap(value)), MAX_MESSAGE_BYTES)


@pytest.mark.parametrize("value", [b"x", {1: 2}, {"at": datetime(2026, 1, 1, tzinfo=UTC)}, [{1, 2}], {("a",): 1}])
def test_what_is_no_json_is_refused(value: Any) -> None:  # noqa: ANN401  no JSON
    with pytest.raises(MessageRefused, match="was dropped"):
        bounded(_message(value), MAX_MESSAGE_BYTES)


def test_tuples_become_lists() -> None:
    assert bounded(_message({"a": (1, (2,))}), 1_000).payload == {"a": [1, [2]]}


def test_metadata_counts_too() -> None:
    size = _size(1) + _size({"topic": "hall"})
    assert bounded(_message(1, topic="hall"), size).metadata == {"topic": "hall"}
    with pytest.raises(MessageRefused):
        bounded(_message(1, topic="hall"), size - 1)


def test_what_passed_passes_again_and_what_is_made_from_it_is_looked_at_anew() -> None:
    message = bounded(_message([1, 2]), 1_000)
    payload = message.payload
    assert bounded(message, 1_000).payload is payload
    for made in (dataclasses.replace(message, payload="x" * 1_000), message.carrying("x" * 1_000, "n")):
        with pytest.raises(MessageRefused):
            bounded(made, 1_000)
