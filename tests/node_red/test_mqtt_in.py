"""What a translated ``mqtt_in`` hears from a broker, and what it makes of it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from edgeflow.contract.flow import Connection, Definition, Node
from edgeflow.contract.report import Health, NodeHealth
from tests.support.mqtt_ear import MqttEar
from tests.support.node_red_device import NodeRedDevice
from tests.support.ports import free_ports
from tests.unit.edge_agent.device import FLOW

IN = "edgeflow/devices/dev_001/in/"


@pytest.fixture
def broker() -> Iterator[MqttEar]:
    """The device's broker."""
    with MqttEar() as made:
        yield made


def _listens(**config: Any) -> Definition:  # noqa: ANN401  settings of mqtt_in
    return Definition(
        nodes=(Node(id="in", type="mqtt_in", config=config), Node(id="out", type="mqtt_out")),
        connections=(Connection(source="in", target="out"),),
    )


def _runs(device: NodeRedDevice, broker: MqttEar, definition: Definition, topics: str) -> None:
    device.publish(1, definition)
    device.switch_on(broker=broker.address)
    assert device.do("apply", 1) == "SUCCEEDED"
    device.wait(lambda: topics in broker.filters() or None, what="the flow has subscribed")


def test_json_that_comes_is_sent_on(device: NodeRedDevice, broker: MqttEar) -> None:
    _runs(device, broker, _listens(topic="orders/+"), IN + "orders/+")
    broker.publish(IN + "orders/+", IN + "orders/7", json.dumps({"text": "Käse"}).encode())
    device.wait(lambda: broker.heard() or None, what="it is sent on")
    assert json.loads(broker.heard()[0][1]) == {"text": "Käse"}


def test_what_is_not_of_the_format_is_a_fault_until_the_next_that_is(device: NodeRedDevice, broker: MqttEar) -> None:
    _runs(device, broker, _listens(), IN + "#")
    for payload, error in (
        (b"{", "A message that came was not JSON."),
        (b'"\xff"', "A message that came was not JSON."),
        (b"[" * 65 + b"]" * 65, "A message that came has more than 64 levels of JSON."),
    ):
        broker.publish(IN + "#", IN + "x", payload)
        ill = NodeHealth(node_id="in", health=Health.UNHEALTHY, error=error)
        assert device.wait_for_health(Health.UNHEALTHY) == (ill,)
        broker.publish(IN + "#", IN + "x", b"1")
        device.wait_for_health(Health.HEALTHY)


def test_text_is_taken_as_it_is(device: NodeRedDevice, broker: MqttEar) -> None:
    _runs(device, broker, _listens(format="text"), IN + "#")
    broker.publish(IN + "#", IN + "x", b"{")
    device.wait(lambda: broker.heard() or None, what="it is sent on")
    assert broker.heard()[0][1] == '"{"'


def test_a_broker_that_is_away_is_no_fault(device: NodeRedDevice) -> None:
    (nobody,) = free_ports(1)
    device.publish(1, _listens())
    device.switch_on(broker=("127.0.0.1", nobody))
    assert device.do("apply", 1) == "SUCCEEDED"
    assert device.flows.failures(FLOW) == ()
