"""A translated ``change`` does to every payload what the built-in one does."""

import itertools
import json
from typing import Any, Final

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from edge_agent.flows.node_red.nodes.change import apply_rules
from edgeflow.contract.nodes.change import MAX_TEXT_LENGTH, ChangeSettings
from edgeflow.contract.nodes.paths import MAX_INDEX
from tests.support.node_red_scripts import answers
from tests.unit.edge_agent.flows.builtin.single import SingleNode

VARIABLES: Final = {"list": [1, {"a": 2}], "__proto__": {"__proto__": 1}, "text": "ü"}
PLACES: Final = [
    "", "a", "a.b", "a.0", "a[0]", "[0]", "0", "[1]", "a[2].b", '["__proto__"]', "__proto__.a", "constructor",
    "toString", "length", "a.length", 'a["it\'s"]', f"a.{MAX_INDEX}", "a.123456", "a.٣", "a.00",
]  # fmt: skip
PAYLOADS: Final[list[Any]] = json.loads("""[
    null, 5, "text", true, [], [1], [[1, 2], {"b": 3}], {}, {"a": null}, {"a": 1}, {"a": "b"}, {"a": [7, 8]},
    {"a": {"b": [1], "0": "zero", "it's": 4, "length": 2}}, {"a": [1, 2, {"b": 3}], "0": "x", "1": "y"},
    {"__proto__": {"a": 1}, "constructor": 2}, {"__proto__": null, "toString": [3]}, {"a": [{"__proto__": 9}]}
]""")


def _differences(rules: list[list[dict[str, Any]]], payloads: list[Any]) -> list[Any]:
    pairs = list(itertools.product(rules, payloads))
    texts = [apply_rules(ChangeSettings.model_validate({"rules": each}), VARIABLES) for each, _ in pairs]
    found = []
    for (each, payload), here in zip(pairs, answers(texts, [payload for _, payload in pairs]), strict=True):
        node = SingleNode("change", {"rules": each}, variables=VARIABLES)
        there = (node.answers(payload), node.errors)
        if here != there:
            found.append((each, payload, here, there))
    return found


def test_every_place_is_found_taken_and_changed_as_by_the_built_in_node() -> None:
    rules = [
        [rule]
        for place in PLACES
        for rule in (
            {"action": "set", "property": place, "value": {"new": ["ü", None]}},
            {"action": "set", "property": "x", "from": place},
            {"action": "delete", "property": place},
            {"action": "move", "property": place, "to": "moved.to[0]"},
            {"action": "replace", "property": place, "search": "e"},
        )
    ]
    assert _differences(rules, PAYLOADS) == []


def test_rules_follow_one_another_and_optional_ones_may_find_nothing() -> None:
    rules: list[list[dict[str, Any]]] = [
        [{"action": "set", "property": "", "variable": name}] for name in VARIABLES
    ] + [
        [{"action": "set", "property": "a.c", "value": {"__proto__": {"x": 1}, "constructor": 2}}],
        [{"action": "set", "property": "x", "from": "nope", "optional": True}, {"action": "delete", "property": "a"}],
        [{"action": "move", "property": "nope", "to": "x", "optional": True}],
        [{"action": "move", "property": "a", "to": "a.b"}],
        [{"action": "move", "property": "a[0]", "to": "a[1]"}],
        [{"action": "move", "property": "", "to": "whole"}, {"action": "set", "property": "again", "from": ""}],
        [{"action": "move", "property": "a", "to": "__proto__"}, {"action": "set", "from": "__proto__"}],
        [{"action": "replace", "property": "nope", "search": "x", "optional": True}],
        [{"action": "replace", "property": "a", "search": "x", "optional": True}],
    ]  # fmt: skip
    assert _differences(rules, PAYLOADS) == []


def test_a_text_is_replaced_literally() -> None:
    replacements = ["$&", "$1", "\\1", "$$", "", "bb", "😀"]
    rules = [
        [{"action": "replace", "search": search, "replacement": replacement}]
        for search, replacement in itertools.product([".", "a", "aa", "b*", "(", "😀", '"'], replacements)
    ]
    assert _differences(rules, ["", "a.b", "aaa", "b*b", "(😀)", '"\\"']) == []


def test_characters_are_counted_as_the_built_in_node_counts_them() -> None:
    rules = [
        [{"action": "replace", "search": "a", "replacement": "b"}],
        [{"action": "replace", "search": "a", "replacement": "😀"}],
        [{"action": "replace", "search": "a", "replacement": "bb"}],
        [{"action": "replace", "search": "it's", "replacement": "bb"}],
    ]
    sizes = [MAX_TEXT_LENGTH - 1, MAX_TEXT_LENGTH, MAX_TEXT_LENGTH + 1]
    payloads = ["a" + "😀" * (size - 1) for size in sizes]
    assert _differences(rules, payloads) == []


FEW = settings(max_examples=5, deadline=None, phases=[Phase.generate])
"""Each example is many at once: to find a smaller one takes longer than to read it."""
KEYS = st.sampled_from(["a", "b", "0", "1", "__proto__", "constructor"])
JSON = st.recursive(
    st.none() | st.integers(-9, 9) | st.text("ab", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
ANYWHERE = st.lists(KEYS | st.sampled_from(["[0]", "[1]"]), max_size=4).map(
    lambda steps: "".join(f".{step}" if step[0] != "[" else step for step in steps).removeprefix(".")
)
RULES = st.one_of(
    st.builds(lambda at, value: {"action": "set", "property": at, "value": value}, ANYWHERE, JSON),
    st.builds(lambda at, there: {"action": "set", "property": at, "from": there}, ANYWHERE, ANYWHERE),
    st.builds(lambda at: {"action": "delete", "property": at}, ANYWHERE),
    st.builds(lambda at, to: {"action": "move", "property": at + ".b" if at else "b", "to": to}, ANYWHERE, ANYWHERE),
).filter(lambda rule: rule["action"] != "move" or rule["property"] != rule["to"])


@FEW
@given(
    st.lists(st.lists(RULES, min_size=1, max_size=3), min_size=30, max_size=30),
    st.lists(JSON, min_size=20, max_size=20),
)
def test_any_rules_do_the_same_to_any_payload(rules: list[list[dict[str, Any]]], payloads: list[Any]) -> None:
    assert _differences(rules, payloads) == []
