"""A running flow: its health, its isolation of failures, its end."""

import json
import threading

import pytest

from edge_agent.flows.builtin.context import FlowContext
from edge_agent.flows.builtin.flow import RunningFlow
from edge_agent.flows.builtin.nodes.debug import DebugNode
from edge_agent.flows.builtin.sensors import SimulatedSensor
from edge_agent.flows.publishing import Publish
from edge_agent.flows.runtime import MAX_LISTED_NODES
from edgeflow.contract.nodes.dht import DhtModel
from edgeflow.contract.report import Health
from tests.support.product_page import CREATE_FLOW
from tests.unit.edge_agent.flows.builtin.bench import (
    DEVICE_ID,
    FLOW_ID,
    PATIENCE_SECONDS,
    Bench,
    ScriptedSensor,
    artifact,
    chain,
    node,
    publish_nothing,
)


def _kept(bench: Bench, node_id: str) -> list[object]:
    debug = bench.flow.node(node_id)
    assert isinstance(debug, DebugNode)
    return [message.payload for message in debug.messages]


def test_the_product_page_s_flow_alerts_above_30() -> None:
    with Bench(json.loads(CREATE_FLOW)["definition"], hardware={"dht_model": "DHT22"}) as bench:
        bench.run(60)
        assert bench.flow.health() == (Health.HEALTHY, ())
    sensor = SimulatedSensor(DEVICE_ID, DhtModel.DHT22)
    warm = [reading.temperature for reading in map(sensor.read, range(61)) if reading.temperature > 30]
    assert warm
    assert [payload["temperature"] for payload in bench.broker.payloads()] == warm
    assert {topic for topic, _ in bench.broker.published} == {f"edgeflow/devices/{DEVICE_ID}/out/{FLOW_ID}/n3"}


def test_a_flow_is_starting_until_every_node_has_started() -> None:
    bench = Bench(chain(node("in", "inject"), node("out", "debug")))
    assert bench.flow.health() == (Health.STARTING, ())
    with bench:
        assert bench.healths == [Health.HEALTHY]


def test_a_node_that_fails_is_unhealthy_until_it_works_again() -> None:
    sensor = ScriptedSensor()
    with Bench(chain(node("in", "dht"), node("out", "debug")), open_sensor=sensor.open) as bench:
        sensor.failure = OSError("no answer")
        bench.run(2)
        assert bench.flow.health()[0] is Health.UNHEALTHY
        assert bench.errors() == {"in": "The DHT22 sensor gave no reading: no answer"}
        sensor.failure = None
        bench.run(1)
        assert bench.flow.health() == (Health.HEALTHY, ())
    assert bench.healths == [Health.HEALTHY, Health.UNHEALTHY, Health.HEALTHY]


def test_one_node_s_failure_leaves_the_others_at_work() -> None:
    sensor = ScriptedSensor()
    sensor.failure = ZeroDivisionError("a bug")
    definition = {"nodes": [node("bad", "dht"), node("good", "inject", interval="1s"), node("out", "debug")]}
    definition["connections"] = [{"source": "good", "target": "out"}]
    with Bench(definition, open_sensor=sensor.open) as bench:
        bench.run(2)
        assert bench.errors() == {"bad": "The node failed unexpectedly: ZeroDivisionError: a bug"}
        assert len(_kept(bench, "out")) == 3


def test_a_message_goes_to_all_connected_nodes_in_order() -> None:
    definition = {
        "nodes": [node("in", "inject", payload=1), node("a", "debug"), node("b", "debug")],
        "connections": [{"source": "in", "target": "a"}, {"source": "in", "target": "b"}],
    }
    with Bench(definition) as bench:
        assert (_kept(bench, "a"), _kept(bench, "b")) == ([1], [1])


def test_a_flow_that_was_never_checked_is_unhealthy_and_raises_nothing() -> None:
    definition = chain(node("what", "teleport"), node("bad", "dht", colour="red"), node("in", "inject"))
    definition["connections"].append({"source": "in", "target": "nowhere"})
    with Bench(definition) as bench:
        assert bench.errors() == {
            "what": "This agent has no node type 'teleport'.",
            "bad": "colour: Extra inputs are not permitted",
        }


def test_errors_and_their_list_are_short_enough_for_a_report() -> None:
    sensor = ScriptedSensor()
    sensor.failure = OSError("\ud800" * 2_000)  # a half character, which UTF-8 has no bytes for
    with Bench({"nodes": [node(f"n{i}", "dht") for i in range(50)]}, open_sensor=sensor.open) as bench:
        errors = bench.errors()
    assert list(errors) == [f"n{i}" for i in range(MAX_LISTED_NODES)]
    assert {len(error) for error in errors.values()} == {512}


def test_messages_that_multiply_are_dropped_and_their_sender_unhealthy() -> None:
    layers = [[node(f"l{i}-{j}", "switch", property="hot", otherwise=0) for j in range(4)] for i in range(12)]
    definition = {"nodes": [node("in", "inject"), *(one for layer in layers for one in layer)]}
    definition["connections"] = [{"source": "in", "target": one["id"]} for one in layers[0]] + [
        {"source": a["id"], "target": b["id"]} for i in range(11) for a in layers[i] for b in layers[i + 1]
    ]
    definition["variables"] = [{"name": "threshold", "type": "number", "value": 1}]
    overloaded = threading.Event()

    def note() -> None:
        if flow.health()[0] is Health.UNHEALTHY:
            overloaded.set()

    flow = RunningFlow(artifact(definition), _context(), on_change=note)
    flow.start()
    assert overloaded.wait(PATIENCE_SECONDS)
    flow.stop()


def test_stop_leaves_no_thread_and_closes_the_sensor() -> None:
    sensor = ScriptedSensor()
    with Bench(chain(node("in", "dht"), node("out", "mqtt_out")), open_sensor=sensor.open) as bench:
        assert _threads()
        bench.flow.stop()
        assert not _threads()
        assert sensor.closed
        told = len(bench.healths)
        bench.flow.stop()
        bench.flow.start()
        assert not _threads()
        assert len(bench.healths) == told


def test_stop_before_start_is_fine() -> None:
    flow = RunningFlow(artifact({"nodes": [node("in", "inject")]}), _context(), on_change=lambda: None)
    flow.stop()
    flow.start()
    assert not _threads()


def test_a_device_without_threads_left_has_an_unhealthy_flow(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_thread: threading.Thread) -> None:
        message = "can't start new thread"
        raise RuntimeError(message)

    flow = RunningFlow(artifact({"nodes": [node("in", "inject")]}), _context(), on_change=lambda: None)
    monkeypatch.setattr(threading.Thread, "start", refuse)
    flow.start()
    health, (fault,) = flow.health()
    assert health is Health.UNHEALTHY
    assert fault.error == "The device has no thread left to run the flow: can't start new thread"
    flow.stop()


def test_the_listener_may_stop_the_flow() -> None:
    done = threading.Event()

    def stop() -> None:
        flow.stop()
        done.set()

    flow = RunningFlow(artifact({"nodes": [node("in", "inject")]}), _context(), on_change=stop)
    flow.start()
    assert done.wait(PATIENCE_SECONDS)
    flow.stop()
    assert not _threads()


def test_a_listener_that_fails_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    sensor = ScriptedSensor()
    definition = chain(node("in", "dht", interval="1s"), node("out", "debug"))
    with Bench(definition, open_sensor=sensor.open) as bench:
        bench.listener_failure = LookupError("a bug in the listener")
        sensor.failure = OSError("the sensor is gone")
        bench.run(1)
        assert bench.healths[-1] is Health.UNHEALTHY, "the listener was told"
        sensor.failure = None
        bench.run(1)
        assert bench.flow.health() == (Health.HEALTHY, ())
        assert len(_kept(bench, "out")) == 2
    assert "telling of changed health failed" in caplog.text


def test_a_node_that_hangs_delays_a_stop_for_a_bounded_time_and_says_nothing_after(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("edge_agent.flows.builtin.flow.STOP_SECONDS", 0.01)
    at_work, free = threading.Event(), threading.Event()
    published: list[str] = []

    def publish(topic: str, data: bytes, **_: object) -> None:
        at_work.set()
        free.wait(PATIENCE_SECONDS)
        published.append(topic)

    definition = chain(node("in", "inject"), node("out", "mqtt_out"))
    definition["nodes"].append(node("in2", "inject"))
    definition["connections"].append({"source": "in2", "target": "out"})
    flow = RunningFlow(artifact(definition), _context(publish), on_change=lambda: None)
    flow.start()
    assert at_work.wait(PATIENCE_SECONDS)
    thread = _threads()[0]
    flow.stop()
    assert thread.is_alive()
    free.set()
    thread.join(PATIENCE_SECONDS)
    assert not thread.is_alive()
    assert len(published) == 1


def _context(publish: Publish = publish_nothing) -> FlowContext:
    return FlowContext(device_id=DEVICE_ID, flow_id=FLOW_ID, hardware={}, publish=publish)


def _threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == f"flow-{FLOW_ID}"]
