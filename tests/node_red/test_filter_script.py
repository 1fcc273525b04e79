"""A translated ``filter`` lets pass what the built-in one does."""

import itertools
import json
from typing import Any, Final

from edge_agent.flows.node_red.nodes.filter import pass_changes
from edgeflow.contract.nodes.filter import MAX_KEYS, FilterSettings
from tests.support.node_red_scripts import Script, message, run_scripts
from tests.unit.edge_agent.flows.builtin.single import SingleNode

FIRST: Final[list[dict[str, Any]]] = [{}, {"pass_first": False}, {"initial": 0.3}]
BANDS: Final[list[dict[str, Any]]] = [
    {"mode": mode, "band": band, "percent": percent, "compare_with": compared} | first
    for mode, band, percent, compared, first in itertools.product(
        ("deadband", "narrowband"),
        (0.1, 1, 25),
        (False, True),
        ("passed", "received"),
        FIRST,
    )
]
CHANGES: Final[list[dict[str, Any]]] = [
    {},
    {"property": "v"},
    {"property": "v", "by": "k"},
    {"by": "k"},
    {"compare_with": "received"},
    {"pass_first": False},
    {"initial": None},
    {"initial": {"b": [1.0, True], "a": None}},
]
VALUES: Final[list[list[Any]]] = [
    json.loads("""[1, 1.0, true, "1", 1, [1], [1.0], [[1]], [true], {"a": 1, "b": 2},
        {"b": 2.0, "a": 1}, {"a": 1}, [["a", 1]],
        {}, [], null, null, "", "a,b", ["a,b"], ["a", "b"], -0.0, 0, 1e300, {"__proto__": 1}, {}, {"__proto__": 1},
        {"a": null, "b": [1, true]}]"""),
    json.loads("""[{"v": 1, "k": "x"}, {"v": 1, "k": "y"}, {"v": 1, "k": "x"}, {"v": 2, "k": "x"}, {"v": 1, "k": 1},
        {"v": 1, "k": true}, {"v": 2, "k": 1.0}, {"v": 1}, {"k": "x"}, 5, {"v": {"k": 1}, "k": {"a": 1, "b": 2}},
        {"v": {"k": 1}, "k": {"b": 2, "a": 1}}, {"v": null, "k": null}, {"v": null, "k": null}]"""),
    [0, 0.1, 0.2, 0.3, 0.4, 1, 1.1, "1", 1.25, True, 1.5, None, -1, -1.25, 0, 0, 100, 125, 100, 99, 75, {"a": 1}, 75.1],
]  # fmt: skip


def _built_in(config: dict[str, Any], payloads: list[Any]) -> list[tuple[list[Any], list[str]]]:
    node = SingleNode("filter", config)
    told = []
    for payload in payloads:
        node.errors.clear()
        told.append((node.answers(payload), list(node.errors)))
    return told


def _translated(cases: list[tuple[dict[str, Any], list[Any]]]) -> list[list[tuple[list[Any], list[str]]]]:
    scripts = [
        Script(pass_changes(FilterSettings.model_validate(config)), [message(payload) for payload in payloads])
        for config, payloads in cases
    ]
    return [[(step.payloads, step.errors) for step in told] for told in run_scripts(scripts)]


def test_the_same_messages_pass_and_fail() -> None:
    cases = list(itertools.product([*CHANGES, *BANDS], VALUES))
    different = [
        (config, payload, here, there)
        for (config, payloads), told in zip(cases, _translated(cases), strict=True)
        for payload, here, there in zip(payloads, told, _built_in(config, payloads), strict=True)
        if here != there
    ]
    assert different == []


def test_the_one_not_heard_of_for_longest_is_forgotten() -> None:
    keys = [*range(MAX_KEYS), 0, "new", 1, 2, 0, "new", 3]
    config = {"by": "k", "compare_with": "received"}
    payloads = [{"k": key} for key in keys]
    [told] = _translated([(config, payloads)])
    assert told == _built_in(config, payloads)
    assert [bool(sent) for sent, _ in told[MAX_KEYS:]] == [False, True, True, True, False, False, True]


def test_what_is_remembered_belongs_to_one_node() -> None:
    text = pass_changes(FilterSettings())
    assert [told.payloads for (told,) in run_scripts([Script(text, [message(1)])] * 2)] == [[1], [1]]
