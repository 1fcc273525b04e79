"""Links between flows that a real Node-RED runs, each on a tab of its own."""

import json
from collections.abc import Iterator

import pytest

from edgeflow.contract.flow import Connection, Definition, Node
from edgeflow.contract.report import Health
from tests.support.mqtt_ear import MqttEar
from tests.support.node_red_device import NodeRedDevice
from tests.unit.edge_agent.device import FLOW

OTHER = "flow_2"


@pytest.fixture
def ear() -> Iterator[MqttEar]:
    """Where flows publish."""
    with MqttEar() as made:
        yield made


def _speaks(payload: str, link: str = "hall") -> Definition:
    return Definition(
        nodes=(
            Node(id="in", type="inject", config={"payload": payload, "interval": "1s"}),
            Node(id="to", type="link_out", config={"link": link}),
        ),
        connections=(Connection(source="in", target="to"),),
    )


def _hears(link: str = "hall") -> Definition:
    return Definition(
        nodes=(Node(id="from", type="link_in", config={"link": link}), Node(id="out", type="mqtt_out")),
        connections=(Connection(source="from", target="out"),),
    )


def _heard(ear: MqttEar) -> set[str]:
    return {json.loads(payload) for _, payload in ear.heard()}


def test_a_message_goes_to_another_flow_by_the_links_name_from_the_live_version_alone(
    device: NodeRedDevice, ear: MqttEar
) -> None:
    device.publish(1, _speaks("one"))
    device.publish(2, _speaks("two"))
    device.publish(3, _hears())
    device.publish(4, _speaks("nobody hears", link="elsewhere"))
    device.switch_on(broker=ear.address)
    assert [device.do("apply", 1), device.do("apply", 3, flow_id=OTHER)] == ["SUCCEEDED", "SUCCEEDED"]
    assert device.do("apply", 4, flow_id="flow_3") == "SUCCEEDED"
    device.wait(lambda: ear.heard() or None, what="the other flow publishes")
    assert device.do("stage", 2) == "SUCCEEDED"
    assert _heard(ear) == {"one"}
    posts = device.count_posts()
    device.flows.arrange(FLOW, device.slots())
    assert posts() == 0, "what Node-RED gives back is what was asked for"
    assert device.do("activate", 2) == "SUCCEEDED"
    before = len(ear.heard())
    device.wait(lambda: len(ear.heard()) > before + 1 or None, what="version 2 is heard")
    assert {json.loads(payload) for _, payload in ear.heard()[before + 1 :]} == {"two"}


def test_a_flow_that_goes_is_linked_to_no_more_and_leaves_the_others_healthy(
    device: NodeRedDevice, ear: MqttEar
) -> None:
    device.publish(1, _speaks("one"))
    device.publish(2, _hears())
    device.switch_on(broker=ear.address)
    assert [device.do("apply", 1), device.do("apply", 2, flow_id=OTHER)] == ["SUCCEEDED", "SUCCEEDED"]
    assert [len(item["links"]) for item in device.items() if item["type"] == "link out"] == [1]
    assert device.do("remove", flow_id=OTHER) == "SUCCEEDED"
    assert [item["links"] for item in device.items() if item["type"] == "link out"] == [[]]
    device.wait_for_health(Health.HEALTHY)
    assert device.flows.failures(FLOW) == ()


def test_a_message_that_goes_round_ends_and_is_said_of_the_link(device: NodeRedDevice) -> None:
    nodes = (
        Node(id="in", type="inject"),
        Node(id="from", type="link_in"),
        Node(id="to", type="link_out"),
        Node(id="also", type="link_out"),
    )
    links = (Connection(source="in", target="to"), Connection(source="from", target="also"))
    device.publish(1, Definition(nodes=nodes, connections=links))
    device.switch_on()
    assert device.do("apply", 1) == "FAILED"
    assert device.details["message"].startswith("node also: A message came through more than 16 links")
