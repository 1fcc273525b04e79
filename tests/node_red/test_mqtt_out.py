"""What a translated ``mqtt_out`` really publishes, and when it is silent."""

import json
from typing import Any

from edgeflow.contract.flow import Connection, Definition, Node
from edgeflow.contract.report import Health
from tests.support.mqtt_ear import MqttEar
from tests.support.node_red_device import NodeRedDevice
from tests.support.ports import free_ports
from tests.unit.edge_agent.device import FLOW


def _says(payload: object, **config: Any) -> Definition:  # noqa: ANN401  settings of mqtt_out
    return Definition(
        nodes=(
            Node(id="in", type="inject", config={"payload": payload, "interval": "1s"}),
            Node(id="out", type="mqtt_out", config=config),
        ),
        connections=(Connection(source="in", target="out"),),
    )


def test_messages_are_published_as_json_under_the_device_by_the_live_version_alone(device: NodeRedDevice) -> None:
    device.publish(1, _says({"text": "Käse"}))
    device.publish(2, _says("plain", topic="alarms/hall"))
    with MqttEar() as ear:
        device.switch_on(broker=ear.address)
        assert [device.do("apply", 1), device.do("stage", 2)] == ["SUCCEEDED", "SUCCEEDED"]
        device.wait(lambda: ear.heard() or None, what="version 1 publishes")
        assert {topic for topic, _ in ear.heard()} == {"edgeflow/devices/dev_001/out/flow_1/out"}
        assert json.loads(ear.heard()[0][1]) == {"text": "Käse"}
        assert device.do("activate", 2) == "SUCCEEDED"
        before = len(ear.heard())
        device.wait(lambda: len(ear.heard()) > before + 1 or None, what="version 2 publishes")
        assert set(ear.heard()[before:]) == {("edgeflow/devices/dev_001/out/alarms/hall", '"plain"')}
        assert device.flows.health(FLOW) == (Health.HEALTHY, ())
        assert device.do("remove") == "SUCCEEDED"


def test_a_broker_that_is_away_is_no_fault_of_the_flow(device: NodeRedDevice) -> None:
    (nobody,) = free_ports(1)
    device.publish(1, _says(1))
    device.switch_on(broker=("127.0.0.1", nobody))
    assert device.do("apply", 1) == "SUCCEEDED"
    assert device.flows.failures(FLOW) == ()


def test_a_message_that_is_too_large_is_said_of_its_node(device: NodeRedDevice) -> None:
    device.publish(1, _says("x" * 140_000))
    device.switch_on()
    assert device.do("apply", 1) == "FAILED"
    assert device.details["message"] == "node out: A message of 140002 bytes was dropped; MQTT takes 131072."
