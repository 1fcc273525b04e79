"""Nodes that hear of other nodes: ``catch``, ``status``, and links between flows."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.flows.builtin.links import Links
from edge_agent.flows.builtin.nodes.debug import DebugNode
from edge_agent.flows.language.messages import Message
from edgeflow.contract.nodes.link import MAX_HOPS, LinkSettings
from edgeflow.contract.report import Health
from tests.support.waiting import wait_for
from tests.unit.edge_agent.flows.builtin.bench import PATIENCE_SECONDS, Bench, Definition, ScriptedSensor, chain, node

NEEDS_NUMBER = {"rules": [{"operator": ">", "value": 1}]}


def _kept(bench: Bench, node_id: str = "out") -> list[Any]:
    debug = bench.flow.node(node_id)
    assert isinstance(debug, DebugNode)
    return [message.payload for message in debug.messages]


def _failing(**catch: Any) -> Definition:  # noqa: ANN401  any setting
    """Return a flow whose switch fails at its one message, and a catch."""
    definition = chain(
        node("in", "inject", payload="warm"), node("bad", "switch", **NEEDS_NUMBER), node("end", "debug")
    )
    caught = chain(node("catch", "catch", **catch), node("out", "debug"))
    return {
        "nodes": definition["nodes"] + caught["nodes"],
        "connections": definition["connections"] + caught["connections"],
    }


def test_a_failure_is_caught_with_what_the_node_was_at_and_counts_all_the_same() -> None:
    with Bench(_failing()) as bench:
        (caught,) = _kept(bench)
        assert (caught["node"], caught["payload"]) == ("bad", "warm")
        assert caught["error"] == bench.errors()["bad"]


def test_a_failure_that_is_handled_leaves_the_node_healthy_and_is_still_its_last_error() -> None:
    with Bench(_failing(handled=True)) as bench:
        assert len(_kept(bench)) == 1
        assert bench.flow.health() == (Health.HEALTHY, ())
        assert {each.node_id for each in bench.flow.activity().nodes if each.last_error} == {"bad"}


def test_a_catch_for_other_nodes_hears_nothing() -> None:
    with Bench(_failing(nodes=["in"], handled=True)) as bench:
        assert _kept(bench) == []
        assert list(bench.errors()) == ["bad"]


def test_what_fails_on_a_caught_message_is_not_caught_again() -> None:
    definition = _failing(handled=True)
    definition["nodes"].append(node("bad2", "switch", property="temperature"))
    definition["variables"] = [{"name": "threshold", "type": "number", "value": 1}]
    definition["connections"].append({"source": "catch", "target": "bad2"})
    with Bench(definition) as bench:
        assert len(_kept(bench)) == 1
        assert list(bench.errors()) == ["bad2"]


def test_a_node_that_cannot_start_is_unhealthy_whoever_handles_it() -> None:
    definition = chain(node("catch", "catch", handled=True), node("out", "debug"))
    definition["nodes"].append(node("bad", "dht", model="DHT11"))
    with Bench(definition, hardware={"dht_model": "DHT22"}) as bench:
        assert list(bench.errors()) == ["bad"]
        assert [caught["node"] for caught in _kept(bench)] == ["bad"]


def test_changes_of_health_are_told_once_each() -> None:
    sensor = ScriptedSensor()
    definition = chain(node("status", "status"), node("out", "debug"))
    definition["nodes"].append(node("in", "dht"))
    with Bench(definition, open_sensor=sensor.open) as bench:
        sensor.failure = OSError("no answer")
        bench.run(3)
        sensor.failure = None
        bench.run(2)
        assert _kept(bench) == [
            {"node": "in", "health": "unhealthy", "error": "The DHT22 sensor gave no reading: no answer"},
            {"node": "in", "health": "healthy", "error": None},
        ]


def test_a_status_of_other_nodes_is_silent() -> None:
    sensor = ScriptedSensor()
    sensor.failure = OSError("no answer")
    definition = chain(node("status", "status", nodes=["other"]), node("out", "debug"))
    definition["nodes"].append(node("in", "dht"))
    with Bench(definition, open_sensor=sensor.open) as bench:
        bench.run(2)
        assert _kept(bench) == []


def test_a_message_goes_by_a_link_from_one_flow_to_the_others_of_that_name() -> None:
    links = Links()
    takes = chain(node("in", "link_in", link="hall"), node("out", "debug"))
    other = chain(node("in", "link_in", link="yard"), node("out", "debug"))
    sends = chain(node("in", "inject", payload=5), node("out", "link_out", link="hall"))
    with Bench(takes, links=links) as taking, Bench(other, links=links) as deaf, Bench(sends, links=links):
        wait_for(lambda: _kept(taking) or None, what="it came", seconds=PATIENCE_SECONDS)
        assert _kept(taking) == [5]
        assert _kept(deaf) == []
    assert links.send("hall", Message(payload=1, source="test")) == 0, "a flow that has stopped listens no longer"


def test_a_version_that_stands_by_listens_to_links_and_says_nothing_there() -> None:
    links = Links()
    takes = chain(node("in", "link_in", link="hall"), node("out", "debug"))
    sends = chain(node("in", "inject", payload=5), node("out", "link_out", link="hall"))
    with Bench(takes, links=links) as taking, Bench(sends, links=links, muted=lambda: True):
        assert _kept(taking) == []
        links.send("hall", Message(payload=6, source="test"))
        wait_for(lambda: _kept(taking) or None, what="it came", seconds=PATIENCE_SECONDS)


def test_flows_that_link_in_a_circle_come_to_an_end_and_are_unhealthy() -> None:
    definition = chain(node("a", "link_in"), node("b", "link_out"))
    definition["nodes"].append(node("in", "inject", payload=1))
    definition["connections"].append({"source": "in", "target": "b"})
    with Bench(definition) as bench:
        error = wait_for(lambda: bench.errors().get("b"), what="the circle is told", seconds=PATIENCE_SECONDS)
        assert f"more than {MAX_HOPS} links" in error


NAMES = st.none() | st.sampled_from(["hall", "yard", "default", "flow_1", "within:flow_1"])
FLOWS = st.sampled_from(["flow_1", "flow_2"])


@given(NAMES, NAMES, FLOWS, FLOWS)
def test_flows_are_linked_just_when_both_name_the_link(
    one: str | None, other: str | None, here: str, there: str
) -> None:
    linked = LinkSettings(link=one).joins(here) == LinkSettings(link=other).joins(there)
    assert linked == (one == other and (one is not None or here == there))


@pytest.mark.parametrize(("listens", "speaks"), [({}, {}), ({"link": "hall"}, {}), ({}, {"link": "hall"})])
def test_a_flow_that_names_no_link_reaches_no_other_and_hears_none(
    listens: dict[str, str], speaks: dict[str, str]
) -> None:
    links = Links()
    takes = chain(node("in", "link_in", **listens), node("out", "debug"))
    sends = chain(node("in", "inject", payload=5, interval="1s"), node("out", "link_out", **speaks))
    with (
        Bench(takes, links=links, flow_id="flow_2") as taking,
        Bench(sends, links=links, flow_id="flow_1") as sending,
    ):
        sending.run(3)
        taking.run(1)
        assert _kept(taking) == []


def test_a_link_without_a_name_joins_nodes_of_one_flow() -> None:
    definition = chain(node("in", "inject", payload=5), node("to", "link_out"))
    definition["nodes"] += [node("from", "link_in"), node("out", "debug")]
    definition["connections"].append({"source": "from", "target": "out"})
    with Bench(definition) as bench:
        assert _kept(bench) == [5]
