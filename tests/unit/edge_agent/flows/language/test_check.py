"""What check_flow refuses, and that it refuses in no other way."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from edge_agent.flows.builtin.check import check_for_builtin
from edge_agent.flows.builtin.nodes import NODE_TYPES
from edge_agent.flows.language.rejected import FlowRejected
from edgeflow.contract.flow import FlowArtifact
from edgeflow.contract.reasons import Reason
from tests.support.product_page import CREATE_FLOW
from tests.unit.edge_agent.flows.builtin.bench import artifact, chain, node, variable


def _faults(definition: dict[str, Any], reason: Reason = Reason.INVALID_ARTIFACT) -> tuple[str, ...]:
    with pytest.raises(FlowRejected) as caught:
        check_for_builtin(artifact(definition))
    assert caught.value.reason is reason
    assert caught.value.message == str(caught.value) == "; ".join(caught.value.faults)
    return caught.value.faults


def _fault(definition: dict[str, Any]) -> str:
    faults = _faults(definition)
    assert len(faults) == 1
    return faults[0]


def test_the_product_page_s_flow_is_accepted() -> None:
    check_for_builtin(artifact(json.loads(CREATE_FLOW)["definition"]))


def test_all_unknown_node_types_are_named() -> None:
    definition = chain(node("a", "teleport"), node("b", "dht", colour="red"), node("c", "function"))
    assert _faults(definition, Reason.UNKNOWN_NODE_TYPE) == (
        f"this agent has no node type function, teleport; it has {', '.join(NODE_TYPES)}",
    )


def test_every_fault_is_named() -> None:
    definition = {
        "nodes": [
            node("a", "dht", model="DHT99", colour="red"),
            node("b", "mqtt_out"),
            node("b", "mqtt_out"),
            node("c", "inject"),
        ],
        "connections": [
            {"source": "a", "target": "gone"},
            {"source": "b", "target": "c"},
            {"source": "c", "target": "b", "port": 3},
        ],
        "variables": [variable("t", "number", "warm"), variable("t", "number", 1)],
    }
    assert _faults(definition) == (
        "2 nodes have the id b",
        "node a (dht): model: Input should be 'DHT11', 'DHT22' or 'AM2302'",
        "node a (dht): colour: Extra inputs are not permitted",
        "connection a to gone: there is no node gone",
        "connection b to c: starts at port 0, but mqtt_out b has no output",
        "connection b to c: inject c takes no messages",
        "connection c to b: starts at port 3, but inject c has the ports 0",
        "the connections c to b to c are a circle, in which messages would go round for ever",
        "2 variables have the name t",
        'variable t: a number variable needs a finite number, such as 30 or "30"',
    )


def test_a_flow_without_nodes_is_refused() -> None:
    assert _fault({}) == "the flow has no nodes"


@pytest.mark.parametrize(
    "topic",
    ["", "/a", "a/", "a//b", "../x", "a/../b", "$aws/things", "+", "a/#", "a b", "a/b/c/d/e", "x" * 101, "é",
     "edgeflow/devices/other/out", 7],
)  # fmt: skip
def test_a_topic_stays_under_the_device_s_own(topic: object) -> None:
    assert _fault({"nodes": [node("out", "mqtt_out", topic=topic)]}).startswith("node out (mqtt_out): topic: ")


@pytest.mark.parametrize("topic", ["alerts", "a/b/c/d", "x" * 100, "a.b:c_d-e"])
def test_a_topic_under_the_device_s_own_is_accepted(topic: str) -> None:
    check_for_builtin(artifact({"nodes": [node("out", "mqtt_out", topic=topic)]}))


@pytest.mark.parametrize("interval", ["0s", "8d", "fast", 5, None, "100ms", "999999999d"])
def test_an_interval_is_a_duration_from_one_second_to_seven_days(interval: object) -> None:
    assert _fault({"nodes": [node("in", "dht", interval=interval)]}).startswith("node in (dht): interval: ")


@pytest.mark.parametrize("interval", ["1s", "7d", "1m30s"])
def test_an_interval_within_its_limits_is_accepted(interval: str) -> None:
    check_for_builtin(artifact({"nodes": [node("in", "dht", interval=interval)]}))


@pytest.mark.parametrize(
    "rule",
    [
        {"operator": ">"},
        {"operator": ">", "value": 1, "variable": "threshold"},
        {"operator": ">", "value": True},
        {"operator": "<", "value": None},
        {"operator": "=>", "value": 1},
        {"operator": ">", "value": 1, "port": 64},
        {"operator": "==", "value": [1]},
        {"operator": ">", "value": float("nan")},
        {"operator": ">", "variable": "not a name"},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(rule: dict[str, Any]) -> None:
    assert all(
        fault.startswith("node if (switch): rules.0")
        for fault in _faults({"nodes": [node("if", "switch", rules=[rule])]})
    )


def test_a_property_has_one_name() -> None:
    assert _fault({"nodes": [node("if", "switch", property_="hot")]}).startswith("node if (switch): property_: Extra")


def test_an_inject_that_never_sends_and_no_json_are_refused() -> None:
    assert "would never send anything" in _fault({"nodes": [node("in", "inject", once=False)]})
    assert _fault({"nodes": [node("in", "inject", payload=float("inf"))]}).startswith("node in (inject): payload: ")


def test_a_switch_has_the_ports_that_its_rules_name() -> None:
    switch = node("if", "switch", rules=[{"operator": ">", "value": 1, "port": 2}], otherwise=5)
    definition = {"nodes": [switch, node("out", "debug")]}
    for port in (2, 5):
        check_for_builtin(artifact(definition | {"connections": [{"source": "if", "target": "out", "port": port}]}))
    assert "has the ports 2, 5" in _fault(definition | {"connections": [{"source": "if", "target": "out"}]})


def test_a_long_fault_is_cut() -> None:
    assert len(_fault({"nodes": [node("in", "dht", **{"x" * 10_000: 1})]})) == 256


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(
    ["model", "interval", "unit", "property", "rules", "otherwise", "topic", "payload", "once", "keep", "property_"]
)
RULES = st.lists(
    st.dictionaries(st.sampled_from(["operator", "value", "variable", "port"]), JSON | st.sampled_from([">", "=="])),
    max_size=2,
)
CONFIGS = st.dictionaries(KEYS | st.text(max_size=5), JSON | RULES | st.just("1s"), max_size=4)
IDS = st.sampled_from(["a", "b", "c", "d"])
DEFINITIONS = st.fixed_dictionaries(
    {
        "nodes": st.lists(
            st.fixed_dictionaries(
                {"id": IDS, "type": st.sampled_from([*NODE_TYPES, *NODE_TYPES, "teleport"]), "config": CONFIGS}
            ),
            max_size=4,
        ),
        "connections": st.lists(
            st.fixed_dictionaries({"source": IDS, "target": IDS, "port": st.integers(0, 63)}), max_size=6
        ),
        "variables": st.lists(
            st.fixed_dictionaries(
                {
                    "name": st.sampled_from(["threshold", "t"]),
                    "type": st.sampled_from(["string", "number", "boolean", "json"]),
                    "value": JSON,
                }
            ),
            max_size=3,
        ),
    }
)


@given(DEFINITIONS)
@pytest.mark.slow
def test_whatever_the_contract_allows_is_accepted_or_rejected_with_faults(definition: dict[str, Any]) -> None:
    try:
        flow = artifact(definition)
    except ValidationError:
        return  # not of the contract: lone surrogates in keys
    _accept_or_reject(flow)


def test_values_that_python_cannot_write_are_rejected_like_others() -> None:
    deep: Any = []
    for _ in range(50_000):
        deep = [deep]
    for value in (10**5_000, deep, "\ud800", b"bytes", object()):
        for node_type in NODE_TYPES:
            for key in ("payload", "interval", "topic", "rules", "model", "keep"):
                flow = artifact({"nodes": [node("n", node_type, **{key: value})]})
                _accept_or_reject(flow)


def _accept_or_reject(flow: FlowArtifact) -> None:
    try:
        check_for_builtin(flow)
    except FlowRejected as rejected:
        faults = rejected.faults
    else:
        return
    assert all(faults)
    assert faults
