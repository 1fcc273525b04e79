"""What translated ``catch`` and ``status`` nodes send in a real Node-RED, and what that means for the flow's health."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from edgeflow.contract.flow import Connection, Definition, Node
from edgeflow.contract.report import Health, NodeHealth
from tests.support.mqtt_ear import MqttEar
from tests.support.node_red_device import NodeRedDevice
from tests.unit.edge_agent.device import FLOW

ABOVE_3 = {"rules": [{"operator": ">", "value": 3}]}
NO_NUMBER = "A message's value is no number, so > cannot compare it."
SW_FAILS = NodeHealth(node_id="sw", health=Health.UNHEALTHY, error=NO_NUMBER)


@pytest.fixture
def ear() -> Iterator[MqttEar]:
    """Where flows publish."""
    with MqttEar() as made:
        yield made


def _fails(
    *nodes: Node, connections: tuple[tuple[str, str], ...] = (), first: str = "text", every: str | None = "1s"
) -> Definition:
    """Return a flow whose switch ``sw`` fails each second, with these nodes beside it; ``out`` publishes."""
    return Definition(
        nodes=(
            Node(id="in", type="inject", config={"payload": first, "interval": "1s"}),
            Node(id="sw", type="switch", config=ABOVE_3),
            *nodes,
            Node(id="out", type="mqtt_out"),
        ),
        connections=tuple(Connection(source=a, target=b) for a, b in (("in", "sw"), *connections)),
    )


def _hears(device: NodeRedDevice, ear: MqttEar) -> list[Any]:
    device.wait(lambda: ear.heard() or None, what="something is published")
    return [json.loads(payload) for _, payload in ear.heard()]


def _catch(node_id: str = "catch", **config: Any) -> Node:  # noqa: ANN401  settings of catch
    return Node(id=node_id, type="catch", config=config)


def test_a_failure_that_is_handled_is_told_and_leaves_the_node_healthy(device: NodeRedDevice, ear: MqttEar) -> None:
    device.publish(1, _fails(_catch(handled=True), connections=(("catch", "out"),)))
    device.switch_on(broker=ear.address)
    assert device.do("apply", 1) == "SUCCEEDED"
    assert _hears(device, ear)[0] == {"node": "sw", "error": NO_NUMBER, "payload": "text"}
    assert device.flows.failures(FLOW) == ()


def test_a_failure_that_is_caught_but_not_handled_leaves_the_node_unhealthy(
    device: NodeRedDevice, ear: MqttEar
) -> None:
    device.publish(1, _fails(_catch(), connections=(("catch", "out"),)))
    device.switch_on(broker=ear.address)
    device.ask("apply", 1, window=None)
    device.engine.work()
    assert device.wait_for_health(Health.UNHEALTHY) == (SW_FAILS,)
    assert _hears(device, ear)[0]["node"] == "sw"


def test_it_is_enough_that_one_of_two_takes_care_of_it(device: NodeRedDevice, ear: MqttEar) -> None:
    both = (_catch(), _catch("other", handled=True, nodes=["sw"]))
    device.publish(1, _fails(*both, connections=(("catch", "out"), ("other", "out"))))
    device.switch_on(broker=ear.address)
    assert device.do("apply", 1) == "SUCCEEDED"
    device.wait(lambda: len(ear.heard()) >= 2 or None, what="both tell")


def test_the_failures_of_nodes_that_are_not_meant_are_not_caught(device: NodeRedDevice, ear: MqttEar) -> None:
    device.publish(1, _fails(_catch(handled=True, nodes=["in"]), connections=(("catch", "out"),)))
    device.switch_on(broker=ear.address)
    assert device.do("apply", 1) == "FAILED"
    assert device.details["message"].startswith(f"node sw: {NO_NUMBER}")
    assert ear.heard() == []


def test_what_fails_on_what_was_caught_is_not_caught_again(device: NodeRedDevice, ear: MqttEar) -> None:
    again = Node(id="again", type="switch", config=ABOVE_3)
    flow = _fails(_catch(handled=True), again, connections=(("catch", "again"), ("catch", "out")))
    device.publish(1, flow)
    device.switch_on(broker=ear.address)
    device.ask("apply", 1, window=None)
    device.engine.work()
    (told,) = device.wait_for_health(Health.UNHEALTHY)
    assert told.node_id == "again"
    assert {each["node"] for each in _hears(device, ear)} == {"sw"}


def test_what_fails_on_something_too_large_that_was_caught_is_not_caught_either(
    device: NodeRedDevice, ear: MqttEar
) -> None:
    device.publish(1, _fails(_catch(handled=True), connections=(("catch", "out"),), first="x" * 140_000))
    device.switch_on(broker=ear.address)
    device.ask("apply", 1, window=None)
    device.engine.work()
    (told,) = device.wait_for_health(Health.UNHEALTHY)
    assert told.node_id == "out"
    assert told.error.startswith("A message of 14")


GOOD = Node(id="good", type="inject", name="good", config={"payload": 5, "once": False, "interval": "1h"})
"""Lets the switch work once, when its button is pressed."""


def _recovers(device: NodeRedDevice, ear: MqttEar) -> list[tuple[str, Any]]:
    """Let the switch work now and then until its recovery and relapse are told; returns what was, and by which node."""

    def told() -> list[tuple[str, Any]]:
        return [(topic.rpartition("/")[2], json.loads(payload)) for topic, payload in ear.heard()]

    # Node-RED drops what it publishes before it is connected, such as the first failure.
    device.wait(lambda: ear.clients or None, what="the flow is connected")
    button = next(item["id"] for item in device.items() if item.get("name") == "good")

    def press_until(count: int) -> None:
        device.node_red.press(button)
        device.wait(lambda: len(told()) >= count or None, what="something is told")

    while len(told()) < 3:
        press_until(len(told()) + 1)
    return told()


def test_each_change_of_health_is_told_once(device: NodeRedDevice, ear: MqttEar) -> None:
    status = Node(id="status", type="status", config={"nodes": ["sw"]})
    device.publish(1, _fails(GOOD, status, connections=(("status", "out"), ("good", "sw"))))
    device.switch_on(broker=ear.address)
    device.ask("apply", 1, window=None)
    device.engine.work()
    ill = {"node": "sw", "health": "unhealthy", "error": NO_NUMBER}
    well = {"node": "sw", "health": "healthy", "error": None}
    told = [each for _, each in _recovers(device, ear)]
    assert {each["health"] for each in told} == {"healthy", "unhealthy"}
    assert all(each in (ill, well) for each in told)
    assert all(told[i] != told[i + 1] for i in range(len(told) - 1))


def test_a_status_node_hears_nothing_of_nodes_that_are_not_meant(device: NodeRedDevice, ear: MqttEar) -> None:
    status = Node(id="status", type="status", config={"nodes": ["in"]})
    everything = Node(id="all", type="status", config={})
    out2 = Node(id="out2", type="mqtt_out")
    links = (("status", "out"), ("all", "out2"), ("good", "sw"))
    device.publish(1, _fails(GOOD, status, everything, out2, connections=links))
    device.switch_on(broker=ear.address)
    device.ask("apply", 1, window=None)
    device.engine.work()
    assert {out for out, _ in _recovers(device, ear)} == {"out2"}
