"""Jobs on a device whose flows a real Node-RED runs: deploy, upgrade, revert, stage, switch, remove."""

from edgeflow.contract.flow import Connection, Definition, Node, Variable, VariableType
from edgeflow.contract.report import Health
from tests.support.node_red_device import NodeRedDevice
from tests.unit.edge_agent.device import FLOW

HOT = Definition(
    nodes=(
        Node(id="sensor", type="dht"),
        Node(id="hot", type="switch", config={"rules": [{"operator": ">", "variable": "threshold"}]}),
        Node(id="alarm", type="mqtt_out", config={"topic": "alarms"}),
        Node(id="log", type="debug"),
    ),
    connections=(
        Connection(source="sensor", target="hot"),
        Connection(source="hot", target="alarm"),
        Connection(source="hot", target="log"),
    ),
    variables=(Variable(name="threshold", type=VariableType.NUMBER, value="10"),),
)


def test_a_first_version_is_deployed(device: NodeRedDevice) -> None:
    device.publish(1, HOT)
    device.switch_on()
    assert device.do("apply", 1) == "SUCCEEDED"
    assert device.flows.running() == {FLOW: 1}
    assert device.flows.health(FLOW) == (Health.HEALTHY, ())
    assert device.tabs() == ["flow_1 version 1 (blue)"]
