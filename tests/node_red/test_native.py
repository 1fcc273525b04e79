"""A flow as Node-RED exports it, run by a real one: links, groups, subflows, config nodes, environment."""

from collections.abc import Iterator

import pytest

from edge_agent.flows.node_red.client import Item
from edgeflow.contract.flow import Definition, Node, Variable, VariableType
from edgeflow.contract.report import Health
from tests.support.calls import CallsHeard
from tests.support.node_red_device import NodeRedDevice, native
from tests.support.node_red_flows import Z, function, inject, link, post
from tests.unit.edge_agent.device import FLOW

SUB = "5ab5ab5ab5ab5ab0"


@pytest.fixture
def world() -> Iterator[CallsHeard]:
    """What flows can act on."""
    with CallsHeard() as heard:
        yield heard


def _export(url: str) -> list[Item]:
    """Return an export with everything that refers to something else."""
    tab = {"id": Z, "type": "tab", "label": "Hall", "disabled": False, "info": "", "env": []}
    tab["env"] = [{"name": "HALL", "value": "north", "type": "str"}]
    subflow = {
        "id": SUB,
        "type": "subflow",
        "name": "Double",
        "info": "",
        "in": [{"x": 50, "y": 30, "wires": [{"id": "inner"}]}],
        "out": [{"x": 300, "y": 30, "wires": [{"id": "inner", "port": 0}]}],
        "env": [],
    }
    inner = function("inner", 'if (msg.payload === 13) { throw new Error("unlucky"); } msg.payload *= 2; return msg;')
    group = {"id": "g1", "type": "group", "z": Z, "name": "in", "style": {}, "nodes": ["timer", "out1"]}
    return [
        tab,
        subflow,
        inner | {"z": SUB},
        group | {"x": 1, "y": 1, "w": 100, "h": 100},
        inject("timer", "out1", payload="21", g="g1"),
        link("out1", "out", ["in1"], g="g1"),
        link("in1", "in", ["out1"], "double"),
        {"id": "double", "type": f"subflow:{SUB}", "z": Z, "name": "", "x": 1, "y": 1, "wires": [["say"]]},
        function(
            "say", 'msg.payload = env.get("HALL") + " " + msg.payload + " " + env.get("unit"); return msg;', "send"
        ),
        post("send", url),
    ]


def test_an_export_works_as_it_did_where_it_comes_from(device: NodeRedDevice, world: CallsHeard) -> None:
    unit = Variable(name="unit", type=VariableType.STRING, value="kW")
    nodes = native(*_export(world.url)).nodes
    device.publish(1, Definition(nodes=nodes, variables=(unit,)))
    device.switch_on()
    assert device.do("apply", 1) == "SUCCEEDED"
    assert device.wait(lambda: world.bodies() or None, what="it acts")[0] == "north 42 kW"


def test_one_export_runs_in_both_slots_and_in_two_nodes_at_once(device: NodeRedDevice, world: CallsHeard) -> None:
    export = _export(world.url)
    twice = (
        Node(id="one", type="node-red", config={"flows": export}),
        Node(id="two", type="node-red", config={"flows": export}),
    )
    unit = Variable(name="unit", type=VariableType.STRING, value="kW")
    device.publish(1, Definition(nodes=twice, variables=(unit,)))
    device.switch_on()
    assert [device.do("apply", 1), device.do("stage", 1)] == ["SUCCEEDED", "SUCCEEDED"]
    ids = [item["id"] for item in device.node_red.client.flows()]
    assert len(ids) == len(set(ids))
    assert device.tabs() == ["flow_1 version 1 (blue)", "flow_1 version 1 (green)"]
    assert [item["type"] for item in device.items() if item.get("d")] == ["http request", "http request"]


def test_a_fault_in_a_subflow_is_said_of_the_node_that_holds_it(device: NodeRedDevice) -> None:
    export = [item for item in _export("http://127.0.0.1:9/") if item["id"] != "send"]
    export = [item | {"payload": "13"} if item["id"] == "timer" else item for item in export]
    export = [item | {"wires": [[]]} if item["id"] == "say" else item for item in export]
    device.publish(1, native(*export))
    device.switch_on()
    assert device.do("apply", 1) == "FAILED"
    assert device.details["message"] == f"node native: subflow:{SUB} (double): Error: unlucky"


def test_what_an_author_names_is_muted_as_well(device: NodeRedDevice) -> None:
    lamp = function("lamp", 'node.error("the lamp is lit", msg);')
    device.publish(1, Definition(nodes=(Node(id="log", type="debug"),)))
    device.publish(2, native(inject("timer", "lamp"), lamp, mute=["function"]))
    device.switch_on()
    assert [device.do("apply", 1), device.do("stage", 2)] == ["SUCCEEDED", "SUCCEEDED"]
    assert device.flows.health(FLOW, standby=True) == (Health.HEALTHY, ())
    assert device.do("activate", 2) == "FAILED"
    assert device.flows.running() == {FLOW: 1}
