"""Values that would grow without end: dropped, counted and told by node, while the flow goes on."""

from typing import Any

import pytest

from edge_agent.flows.builtin.io import IoLoop
from edge_agent.flows.builtin.nodes.debug import DebugNode
from edge_agent.flows.language.messages import MAX_MESSAGE_BYTES
from edgeflow.contract.report import Health
from tests.support.doublings import COMPARED, DOUBLE, PUBLISHED, doublings
from tests.support.site import serving
from tests.support.waiting import wait_for
from tests.unit.edge_agent.flows.builtin.bench import PATIENCE_SECONDS, Bench, Definition, chain, node


def _change(node_id: str, rules: list[dict[str, Any]]) -> dict[str, Any]:
    return node(node_id, "change", rules=rules)


def _counted(bench: Bench) -> dict[str, tuple[int, str]]:
    """What was dropped, and the last error, by node; those without either left out."""
    nodes = bench.flow.activity().nodes
    return {each.node_id: (each.dropped, each.last_error) for each in nodes if each.dropped or each.last_error}


@pytest.mark.parametrize("definition", [PUBLISHED, COMPARED], ids=["mqtt_out", "template"])
def test_a_payload_that_two_rules_double_sixty_times_goes_nowhere_and_is_told(definition: Definition) -> None:
    with Bench(definition) as bench:
        bench.run(3)
        error = bench.errors()["first"]
        assert f"more than {MAX_MESSAGE_BYTES} bytes" in error
        assert "message_limit" in error
        assert _counted(bench) == {"first": (4, error)}
        assert bench.flow.health()[0] is Health.UNHEALTHY
        assert bench.broker.published == []


def test_a_value_that_two_nodes_double_is_dropped_by_the_one_that_goes_too_far() -> None:
    definition = chain(
        node("in", "inject", payload=[]),
        _change("first", doublings(10)),
        _change("second", DOUBLE * 30),
        node("out", "mqtt_out"),
    )
    with Bench(definition) as bench:
        assert list(bench.errors()) == ["second"]
        assert bench.flow.activity().dropped == 1


@pytest.mark.parametrize(
    "expression",
    [
        '$pad("", 1000000000, "x")',
        '($grow := function($text, $n) { $n = 0 ? $text : $grow($text & $text, $n - 1) }; $grow("x", 60))',
        "$reduce([1..60], function($all) { [$all, $all] }, 1)",
        '$reduce([1..60], function($all) { {"a": $all, "b": $all} }, 1)',
        "[1..10000000]",
        "$map([1..9999], function($x) { [1..9999] })",
        "$join($map([1..9999], function($x) { $pad('', 9999, 'x') }))",
        "$string($reduce([1..60], function($all) { [$all, $all] }, 1))",
    ],
)
@pytest.mark.slow
def test_an_expression_that_builds_something_giant_sends_nothing(expression: str) -> None:
    definition = chain(
        node("in", "inject", interval="1s"), node("made", "expression", expression=expression), node("out", "mqtt_out")
    )
    with Bench(definition) as bench:
        bench.run(1)
        assert list(bench.errors()) == ["made"]
        assert bench.broker.published == []


def test_the_flow_goes_on_with_messages_that_are_small_enough() -> None:
    rules = [{"action": "set", "property": "[1]", "from": "[0]"}]
    definition: Definition = {
        "nodes": [
            node("large", "inject", payload=["x" * 150_000], interval="2s"),
            node("small", "inject", payload=["x"], interval="2s", once=False),
            _change("change", rules),
            node("out", "mqtt_out"),
        ],
        "connections": [
            {"source": "large", "target": "change"},
            {"source": "small", "target": "change"},
            {"source": "change", "target": "out"},
        ],
    }
    with Bench(definition) as bench:
        assert list(bench.errors()) == ["change"]
        bench.run(2)
        assert {"x"} in [set(payload) for payload in bench.broker.payloads()]
        assert _counted(bench)["change"][0] == 2


def test_the_device_s_own_limit_counts() -> None:
    definition = chain(node("in", "inject", payload="x" * 30_000), node("out", "debug"))
    with Bench(definition, message_limit=20_000) as bench:
        assert "more than 20000 bytes" in bench.errors()["in"]
    with Bench(definition, message_limit=40_000) as bench:
        assert bench.errors() == {}


def test_what_catch_wraps_and_is_then_too_large_is_counted() -> None:
    limit = 20_000
    payload = {"temperature": "x" * (limit - 100)}
    definition: Definition = {
        "nodes": [
            node("in", "inject", payload=payload),
            node("switch", "switch", rules=[{"operator": ">", "value": 1}]),
            node("caught", "catch", handled=True),
            node("out", "mqtt_out"),
        ],
        "connections": [{"source": "in", "target": "switch"}, {"source": "caught", "target": "out"}],
    }
    with Bench(definition, message_limit=limit) as bench:
        assert list(bench.errors()) == ["switch"], "nobody could be told, so nobody takes care of it"
        dropped, error = _counted(bench)["caught"]
        assert (dropped, "more than 20000 bytes" in error) == (1, True)
        assert bench.broker.published == []


def test_an_answer_from_the_network_that_is_too_large_is_dropped_and_told() -> None:
    io = IoLoop()
    with serving() as site:
        site.answers["/"] = (200, b'"' + b"x" * 300_000 + b'"')
        definition = chain(node("in", "inject"), node("ask", "http_request", url=site.address), node("out", "debug"))
        with Bench(definition, io=io, allow_loopback=True) as bench:
            error = wait_for(lambda: bench.errors().get("ask"), what="it is told", seconds=PATIENCE_SECONDS)
            assert "more than 262144 bytes" in error
            assert _counted(bench) == {"ask": (1, error)}
            out = bench.flow.node("out")
            assert isinstance(out, DebugNode)
            assert not out.messages
    io.stop()
