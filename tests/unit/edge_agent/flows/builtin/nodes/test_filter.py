"""``filter``: which messages pass."""

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from edgeflow.contract.nodes.filter import MAX_KEYS
from tests.unit.edge_agent.flows.builtin.single import SingleNode


def _passed(config: dict[str, Any], *payloads: Any) -> list[Any]:  # noqa: ANN401  any JSON
    return SingleNode("filter", config).answers(*payloads)


def test_what_does_not_change_is_held_back() -> None:
    assert _passed({}, 1, 1, 1.0, True, True, {"a": 1}, {"a": 1.0}, 1) == [1, True, {"a": 1}, 1]


def test_only_the_property_counts() -> None:
    messages = [{"t": 1, "at": 0}, {"t": 1, "at": 1}, {"t": 2, "at": 2}]
    assert _passed({"property": "t"}, *messages) == [messages[0], messages[2]]


def test_each_value_of_by_has_a_memory_of_its_own() -> None:
    messages = [{"id": i, "t": t} for i, t in [("a", 1), ("b", 1), ("a", 1), ("b", 2), (1, 2), (True, 2)]]
    assert _passed({"property": "t", "by": "id"}, *messages) == [messages[i] for i in (0, 1, 3, 4, 5)]


def test_of_too_many_keys_the_one_not_heard_of_for_longest_is_forgotten() -> None:
    it = SingleNode("filter", {"property": "t", "by": "id"})
    it.answers(*({"id": i, "t": 0} for i in range(MAX_KEYS)))
    it.answers({"id": 0, "t": 1}, {"id": "new", "t": 0})
    assert it.answers({"id": 0, "t": 1}, {"id": 2, "t": 0}) == []
    assert it.answers({"id": 1, "t": 0}) == [{"id": 1, "t": 0}]


@pytest.mark.parametrize(
    ("config", "values", "passed"),
    [
        ({"band": 0.1}, [20.0, 20.05, 20.1, 20.15, 20.0], [20.0, 20.1, 20.0]),
        ({"band": 0.1}, [0.2, 0.3], [0.2, 0.3]),
        ({"band": 10, "percent": True}, [100, 109, 110, 120, 121, 0, 0, 1], [100, 110, 121, 0, 1]),
        ({"band": 10, "percent": True}, [-100, -105, -90], [-100, -90]),
        ({"band": 2}, [0, 1, 2, 3, 4], [0, 2, 4]),
        ({"band": 2, "compare_with": "received"}, [0, 1, 2, 3, 5], [0, 5]),
    ],
)
def test_a_deadband_holds_back_small_changes(config: dict[str, Any], values: list[float], passed: list[float]) -> None:
    assert _passed({"mode": "deadband", **config}, *values) == passed


@pytest.mark.parametrize(
    ("config", "values", "passed"),
    [
        ({"band": 5}, [20, 90, 22, 27, 33, 33], [20, 22, 27]),
        ({"band": 5, "compare_with": "received"}, [20, 90, 91, 22], [20, 91]),
        ({"band": 10, "percent": True}, [100, 110, 122], [100, 110]),
        ({"band": 5, "initial": 0}, [20, 4, 9], [4, 9]),
    ],
)
def test_a_narrowband_holds_back_leaps(config: dict[str, Any], values: list[float], passed: list[float]) -> None:
    assert _passed({"mode": "narrowband", **config}, *values) == passed


def test_the_first_message_is_compared_with_the_initial_value_or_held_back() -> None:
    assert _passed({"initial": None}, None, 1) == [1]
    assert _passed({"pass_first": False}, 1, 1, 2) == [2]
    assert _passed({"mode": "deadband", "band": 5, "initial": 0}, 4, 5) == [5]


@given(st.lists(st.floats(-1e6, 1e6)))
def test_after_a_deadband_neighbours_differ_by_the_band(values: list[float]) -> None:
    passed = _passed({"mode": "deadband", "band": 2.0}, *values)
    assert all(abs(a - b) >= 2 - 1e-5 for a, b in itertools.pairwise(passed))
    assert bool(passed) == bool(values)


@pytest.mark.parametrize(
    ("config", "payload", "words"),
    [
        ({"property": "t"}, {}, "had nothing at 't'"),
        ({"by": "id"}, {}, "had nothing at 'id'"),
        ({"mode": "deadband", "band": 1}, "20", "is no number, which deadband needs"),
        ({"mode": "narrowband", "band": 1}, True, "is no number, which narrowband needs"),
    ],
)
def test_a_message_without_such_a_value_is_named_and_changes_nothing(
    config: dict[str, Any],
    payload: Any,  # noqa: ANN401  any JSON
    words: str,
) -> None:
    it = SingleNode("filter", config)
    good = {"t": 1, "id": 1} if "mode" not in config else 1
    it.answers(good)
    assert it.answers(payload) == []
    assert words in it.errors[0]
    assert it.answers(good) == ([good] if config.get("mode") == "narrowband" else [])


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"mode": "deadband"}, "need a band"),
        ({"band": 1}, "change takes none"),
        ({"percent": True}, "it needs one"),
        ({"mode": "deadband", "band": 0}, "greater than 0"),
        ({"mode": "deadband", "band": True}, "valid number"),
        ({"initial": 1, "pass_first": False}, "no first message"),
        ({"mode": "deadband", "band": 1, "initial": "x"}, "the initial value is a number"),
        ({"topic": "t"}, "Extra inputs"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(config: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        SingleNode("filter", config)
