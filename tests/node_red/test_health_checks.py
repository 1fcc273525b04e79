"""A flow's own health checks, where a real Node-RED runs the flow: the agent makes them, Node-RED counts messages."""

from pathlib import Path

from edgeflow.contract.flow import Connection, Definition, Node
from edgeflow.contract.health_checks import CommandCheck, EmittedCheck, HttpCheck
from edgeflow.contract.report import Health, NodeHealth
from tests.support.node_red import LocalNodeRed
from tests.support.node_red_device import NodeRedDevice
from tests.support.ports import free_ports
from tests.support.site import serving
from tests.unit.edge_agent.device import FLOW

TICKS = Node(id="tick", type="inject", config={"interval": "1s"})
ONCE = Node(id="tick", type="inject", config={})
BY_NUMBER = Node(id="sw", type="switch", config={"rules": [{"operator": ">", "value": 3}], "otherwise": 2})


def _watched(*nodes: Node, node: str = "tick", within: str = "3s") -> Definition:
    check = EmittedCheck(name="alive", type="emitted", node=node, within=within)
    connections = (Connection(source="tick", target="sw"),) if BY_NUMBER in nodes else ()
    return Definition(nodes=nodes, connections=connections, health_checks=(check,))


def test_a_flow_whose_nodes_send_is_deployed_and_stays_healthy_on_either_slot(device: NodeRedDevice) -> None:
    device.publish(1, _watched(TICKS))
    device.publish(2, _watched(Node(id="tick", type="inject", config={"interval": "1s", "payload": 1}), BY_NUMBER))
    device.switch_on()
    assert [device.do("apply", 1), device.do("stage", 2)] == ["SUCCEEDED", "SUCCEEDED"]
    assert device.flows.start_seconds(FLOW) == 3
    assert [device.flows.health(FLOW, standby=each)[0] for each in (False, True)] == [Health.HEALTHY, Health.HEALTHY]
    assert device.flows.failures(FLOW) == ()


def test_a_message_counts_at_whichever_port_it_is_sent(device: NodeRedDevice) -> None:
    device.publish(1, _watched(TICKS, BY_NUMBER, node="sw"))  # null is not above 3, so all goes to port 2
    device.switch_on()
    assert device.do("apply", 1) == "SUCCEEDED"


def test_a_flow_whose_node_falls_silent_is_unhealthy_and_not_deployed(device: NodeRedDevice) -> None:
    device.publish(1, _watched(TICKS))
    device.publish(2, _watched(ONCE, within="1s"))
    device.switch_on()
    assert [device.do("apply", 1), device.do("apply", 2, window=5.0)] == ["SUCCEEDED", "FAILED"]
    assert device.details["message"].startswith("node check:alive: Node tick sent nothing for 1s.")
    device.wait_for_version(1)
    device.wait_for_health(Health.HEALTHY)


def test_messages_are_counted_on_when_node_red_comes_back(device: NodeRedDevice, node_red: LocalNodeRed) -> None:
    device.publish(1, _watched(TICKS))
    device.switch_on()
    assert device.do("apply", 1) == "SUCCEEDED"
    node_red.stop()
    device.wait_for_health(Health.UNHEALTHY)
    node_red.start()
    device.wait_for_health(Health.HEALTHY)


def test_an_address_that_answers_is_asked_by_the_agent(device: NodeRedDevice) -> None:
    with serving() as site:
        check = HttpCheck(name="panel", type="http", url=f"{site.address}/health", interval="1s")
        device.publish(1, Definition(nodes=(TICKS,), health_checks=(check,)))
        device.switch_on()
        assert device.do("apply", 1) == "SUCCEEDED"
        assert {(asked.method, asked.path) for asked in site.asked} == {("GET", "/health")}


def test_an_address_that_does_not_answer_fails_the_deployment(device: NodeRedDevice) -> None:
    (nobody,) = free_ports(1)
    url = f"http://127.0.0.1:{nobody}/"
    check = HttpCheck(name="panel", type="http", url=url, interval="1s", grace="1s")
    device.publish(1, Definition(nodes=(TICKS,), health_checks=(check,)))
    device.switch_on()
    assert device.do("apply", 1) == "FAILED"
    assert device.details["message"].startswith(f"node check:panel: {url}")


def test_a_program_decides_when_the_device_allows_it(device: NodeRedDevice, tmp_path: Path) -> None:
    program = tmp_path / "check-pump"
    program.write_text("#!/bin/sh\necho the pump is dry\ntest ! -e $1\n")
    program.chmod(0o755)
    flag = tmp_path / "dry"
    command = (str(program), str(flag))
    check = CommandCheck(name="pump", type="command", command=command, interval="1s", grace="1s")
    device.publish(1, Definition(nodes=(TICKS,), health_checks=(check,)))
    device.programs = frozenset({str(program)})
    device.switch_on()
    assert device.do("apply", 1) == "SUCCEEDED"
    flag.touch()
    dry = NodeHealth(node_id="check:pump", health=Health.UNHEALTHY, error=f"{program} ended with 1: the pump is dry")
    assert device.wait_for_health(Health.UNHEALTHY) == (dry,)
    assert device.flows.failures(FLOW) == (dry,)
    flag.unlink()
    device.wait_for_health(Health.HEALTHY)


def test_a_program_that_the_device_does_not_name_is_not_run(device: NodeRedDevice) -> None:
    check = CommandCheck(name="pump", type="command", command=("/bin/true",))
    device.publish(1, Definition(nodes=(TICKS,), health_checks=(check,)))
    device.switch_on()
    assert device.do("apply", 1) == "FAILED"
    assert "This device does not let flows run /bin/true" in device.details["message"]
