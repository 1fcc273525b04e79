"""``change``: what its rules make of a message."""

import copy
from typing import Any

import pytest
from pydantic import ValidationError

from edgeflow.contract.nodes.change import MAX_TEXT_LENGTH
from tests.unit.edge_agent.flows.builtin.single import NODE_ID, SingleNode

PAYLOAD = {"temperature": 21.5, "hall": {"name": "north hall", "loads": [1, 2]}}


def _changed(*rules: dict[str, Any], payload: Any = PAYLOAD, **variables: Any) -> Any:  # noqa: ANN401  any JSON
    it = SingleNode("change", {"rules": list(rules)}, variables=variables)
    before = copy.deepcopy(payload)
    [after] = it.answers(payload)
    assert payload == before
    return after


def test_set_puts_a_value_a_variable_or_a_copy_of_another_place() -> None:
    assert _changed(
        {"action": "set", "property": "unit", "value": None},
        {"action": "set", "property": "hall.limit", "variable": "limit"},
        {"action": "set", "property": "hall.first", "from": "hall.loads[0]"},
        limit=30,
    ) == {
        "temperature": 21.5,
        "unit": None,
        "hall": {"name": "north hall", "loads": [1, 2], "limit": 30, "first": 1},
    }


def test_set_without_a_place_is_the_whole_payload() -> None:
    assert _changed({"action": "set", "from": "temperature"}) == 21.5
    assert _changed({"action": "set", "value": [1]}) == [1]


def test_delete_takes_out_what_is_there() -> None:
    rules = ({"action": "delete", "property": "hall"}, {"action": "delete", "property": "nowhere.at.all"})
    assert _changed(*rules) == {"temperature": 21.5}


def test_move_renames_and_wraps() -> None:
    assert _changed({"action": "move", "property": "hall", "to": "place"}) == {
        "temperature": 21.5,
        "place": PAYLOAD["hall"],
    }
    assert _changed({"action": "move", "to": "data"}, payload=5) == {"data": 5}
    assert _changed({"action": "move", "property": "a", "to": "a.b"}, payload={"a": 1}) == {"a": {"b": 1}}


def test_replace_replaces_text_wherever_it_occurs() -> None:
    rule = {"action": "replace", "property": "hall.name", "search": "h", "replacement": "-"}
    assert _changed(rule)["hall"]["name"] == "nort- -all"
    assert _changed({"action": "replace", "search": "a+"}, payload="ba+") == "b"


def test_the_message_keeps_its_metadata_and_names_its_maker() -> None:
    it = SingleNode("change", {"rules": [{"action": "delete", "property": "a"}]})
    it.send({"a": 1}, metadata={"unit": "celsius"})
    assert (it.sent[0].source, it.sent[0].metadata) == (NODE_ID, {"unit": "celsius"})


@pytest.mark.parametrize(
    ("rule", "payload", "words"),
    [
        ({"action": "set", "property": "a", "from": "b"}, {}, "had nothing at 'b'"),
        ({"action": "move", "property": "b", "to": "a"}, {}, "had nothing at 'b'"),
        ({"action": "set", "property": "a.b", "value": 1}, {"a": 1}, "takes nothing at 'a.b'"),
        ({"action": "replace", "property": "a", "search": "x"}, {"a": 1}, "is no text"),
        ({"action": "replace", "search": "x", "replacement": "y" * 1024}, "x" * 129, f"more than {MAX_TEXT_LENGTH}"),
    ],
)
def test_a_message_that_a_rule_does_not_fit_ends_there(
    rule: dict[str, Any],
    payload: Any,  # noqa: ANN401  any JSON
    words: str,
) -> None:
    it = SingleNode("change", {"rules": [rule]})
    assert it.answers(payload) == []
    assert words in it.errors[0]


def test_after_a_message_that_does_not_fit_the_next_goes_on() -> None:
    it = SingleNode("change", {"rules": [{"action": "set", "from": "a"}]})
    assert it.answers({}, {"a": 1}) == [1]


@pytest.mark.parametrize("action", ["set", "move", "replace"])
def test_an_optional_rule_passes_over_what_is_missing(action: str) -> None:
    more = {"set": {"from": "b"}, "move": {"to": "c"}, "replace": {"search": "x"}}[action]
    rule = {"action": action, "property": "b", "optional": True, **more}
    assert _changed(rule, payload={"a": 1}) == {"a": 1}


def test_an_optional_rule_still_says_that_there_is_no_place() -> None:
    it = SingleNode("change", {"rules": [{"action": "set", "property": "a.b", "value": 1, "optional": True}]})
    assert it.answers({"a": 1}) == []
    assert "takes nothing at" in it.errors[0]


def test_a_variable_that_the_flow_lacks_is_named_at_the_start() -> None:
    it = SingleNode("change", {"rules": [{"action": "set", "variable": "limit"}]})
    assert it.start_error is not None
    assert "no variable 'limit'" in it.start_error


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"action": "set"}, "one of value, variable and from"),
        ({"action": "set", "value": 1, "from": "a"}, "one of value, variable and from"),
        ({"action": "set", "value": float("nan")}, "not JSON compliant"),
        ({"action": "set", "property": "a..b", "value": 1}, "no place in a payload"),
        ({"action": "set", "property": 1, "value": 1}, "name of a place"),
        ({"action": "delete"}, "Field required"),
        ({"action": "move", "property": "a", "to": "a"}, "two places"),
        ({"action": "replace", "search": ""}, "at least 1 character"),
        ({"action": "rename", "property": "a"}, "does not match any of the expected tags"),
        ({"action": "delete", "property": "a", "value": 1}, "Extra inputs"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(rule: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        SingleNode("change", {"rules": [rule]})
