"""A flow that works on what its messages carry, run by a real Node-RED."""

import itertools
import json

from edgeflow.contract.flow import Connection, Definition, Node, Variable, VariableType
from edgeflow.contract.report import Health
from tests.support.mqtt_ear import MqttEar
from tests.support.node_red_device import NodeRedDevice
from tests.unit.edge_agent.device import FLOW

LIMIT = Variable(name="limit", type=VariableType.NUMBER, value="30")


def _line(*nodes: Node) -> Definition:
    """Return a flow in which each node sends to the next."""
    connections = tuple(Connection(source=source.id, target=target.id) for source, target in itertools.pairwise(nodes))
    return Definition(nodes=nodes, connections=connections, variables=(LIMIT,))


WORKS = _line(
    Node(id="in", type="inject", config={"payload": {"t": 31.5, "name": "Käse"}, "interval": "1s"}),
    Node(id="set", type="change", config={"rules": [{"action": "move", "property": "t", "to": "hall.t"}]}),
    Node(id="once", type="filter", config={"property": "hall.t"}),
    Node(id="later", type="delay", config={"time": "1s"}),
    Node(
        id="text", type="template", config={"template": "{{ payload.name }}: {{ payload.hall.t }}", "property": "say"}
    ),
    Node(id="sum", type="expression", config={"expression": '{"text": say, "over": hall.t - $limit}'}),
    Node(id="out", type="mqtt_out"),
)


def test_a_message_comes_out_as_every_node_made_it(device: NodeRedDevice) -> None:
    device.publish(1, WORKS)
    with MqttEar() as ear:
        device.switch_on(broker=ear.address)
        assert device.do("apply", 1) == "SUCCEEDED"
        device.wait(ear.heard, what="the message comes out")
        device.wait(lambda: device.flows.health(FLOW) == (Health.HEALTHY, ()) or None, what="it is healthy")
        assert [json.loads(payload) for _, payload in ear.heard()] == [{"text": "Käse: 31.5", "over": 1.5}]
        assert device.do("remove") == "SUCCEEDED"


FAILS = Definition(
    nodes=(
        Node(id="bad", type="inject", config={"payload": {}, "once": False, "interval": "7d"}),
        Node(id="good", type="inject", config={"payload": {"a": "1", "clear": True}, "once": False, "interval": "7d"}),
        Node(id="set", type="change", config={"rules": [{"action": "replace", "property": "a", "search": "1"}]}),
        Node(id="once", type="filter", config={"property": "a"}),
        Node(id="later", type="delay", config={"time": "5s", "keep": 1, "reset": "clear"}),
        Node(id="text", type="template", config={"template": "{{ payload.a }}"}),
        Node(id="sum", type="expression", config={"expression": "a ? $limit : $error('no a')"}),
        Node(id="log", type="debug"),
    ),
    connections=(
        *(
            Connection(source=source, target=target)
            for source in ("bad", "good")
            for target in ("set", "once", "later", "text", "sum")
        ),
        *(Connection(source=source, target="log") for source in ("set", "once", "later", "text", "sum")),
    ),
    variables=(LIMIT,),
)
SENTENCES = {
    "set": "A message had nothing at 'a'.",
    "once": "A message had nothing at 'a'.",
    "later": "1 message waits, which is all that keep allows, so 1 was dropped.",
    "text": "The template could not be filled in with a message: there is nothing at 'a'.",
    "sum": "The expression failed with a message: no a.",
}


def test_each_node_says_what_it_cannot_do_and_is_healthy_when_it_can_again(device: NodeRedDevice) -> None:
    device.publish(1, FAILS)
    device.switch_on()
    assert device.do("apply", 1, window=None) == "SUCCEEDED", "nothing proves it before somebody presses"

    def press(node_id: str) -> None:
        (item,) = (item["id"] for item in device.items() if item["type"] == "inject" and item["name"] == node_id)
        device.node_red.press(item)

    def unwell() -> dict[str, str]:
        return {each.node_id: each.error for each in device.flows.health(FLOW)[1]}

    press("bad")
    press("bad")
    device.wait(lambda: unwell() == SENTENCES or None, what="each node says what is wrong")

    press("good")
    device.wait(lambda: device.flows.health(FLOW) == (Health.HEALTHY, ()) or None, what="each node works again")
