"""What goes wrong between the agent and a real Node-RED, and that nobody is told anything but the truth."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from edge_agent.flows.node_red.client import Edit, Item, NodeRedClient, NodeRedFault
from edge_agent.flows.node_red.restart import RestartedNodeRed
from edgeflow.contract.flow import Definition, Node
from edgeflow.contract.report import Health
from tests.support.calls import CallsHeard
from tests.support.node_red import LocalNodeRed
from tests.support.node_red_device import SETTLES, NodeRedDevice, native
from tests.support.node_red_flows import function, inject, says
from tests.unit.edge_agent.device import FLOW

COUNTS = Definition(nodes=(Node(id="count", type="inject", config={"interval": "1s"}),))
COUNTS_TOO = Definition(nodes=(Node(id="count", type="inject", config={"interval": "2s"}),))
TELEPORTS = native(inject("timer", "t"), {"id": "t", "type": "teleport", "z": "x", "x": 1, "y": 1, "wires": []})
LONG = 60.0
"""A health window in seconds that no test waits for."""


def _foreign(url: str) -> list[Item]:
    """Return somebody's own flows: a tab, a config node, numbers and texts that are easily written otherwise."""
    z = {
        "id": "f0e1d2c3b4a59687",
        "type": "tab",
        "label": "Ours since 2019, Käse",
        "disabled": False,
        "info": "",
        "env": [],
    }
    broker = {"id": "b1", "type": "mqtt-broker", "name": "", "broker": "127.0.0.1", "port": "9", "autoConnect": False}
    odd: dict[str, Any] = {
        "id": "odd",
        "type": "comment",
        "z": z["id"],
        "name": "\u2028 \ud83e\uddc0",
        "x": 1e21,
        "y": 0.1,
    }
    odd |= {"wires": [], "big": 12345678901234567000, "small": 1e-7, "empty": {}, "zero": 0}
    return [z, broker, odd, *(item | {"z": z["id"]} for item in says(0, url))]


@pytest.fixture
def world() -> Iterator[CallsHeard]:
    """What flows can act on."""
    with CallsHeard() as heard:
        yield heard


def test_foreign_flows_stay_as_they_are_and_go_on(
    device: NodeRedDevice, node_red: LocalNodeRed, world: CallsHeard
) -> None:
    foreign = _foreign(world.url)
    broker = {"credentials": {"user": "me", "password": "secret"}}
    node_red.deploy([foreign[0], foreign[1] | broker, *foreign[2:]])
    before = [item for item in node_red.raw_flows() if "edgeflow_" not in item]
    kept = node_red.credentials()
    device.publish(1, COUNTS)
    device.publish(2, native(*says(2, world.url)))
    device.switch_on()
    assert [device.do("apply", 1), device.do("stage", 2), device.do("activate", 2)] == ["SUCCEEDED"] * 3
    assert [item for item in node_red.raw_flows() if "edgeflow_" not in item] == before
    assert device.do("remove") == "SUCCEEDED"
    assert node_red.raw_flows() == before
    assert node_red.credentials() == kept
    assert json.loads(kept)["b1"] == {"user": "me", "password": "secret"}
    counts = [int(body.split()[1]) for body in world.bodies() if body.startswith("v0 ")]
    assert counts == list(range(1, len(counts) + 1)), "the foreign flow was started anew"


@dataclass(frozen=True)
class _Refusing(NodeRedClient):
    """Node-RED takes no change while ``refuses`` is set, such as one whose disk is full."""

    refuses: threading.Event = field(default_factory=threading.Event)

    def change(self, edit: Edit) -> bool:
        if self.refuses.is_set():
            message = "Node-RED refuses POST /flows with 500"
            raise NodeRedFault(message)
        return super().change(edit)


@dataclass(frozen=True)
class _Meddled:
    """A Node-RED whose flows somebody else deploys, so many times, just after they were read for a change."""

    client: NodeRedClient
    left: list[str]

    def flows(self) -> list[Item]:
        return self.client.flows()

    def node_types(self) -> frozenset[str]:
        return self.client.node_types()

    def flow_context(self, tab_id: str, key: str) -> object:
        return self.client.flow_context(tab_id, key)

    def is_in_safe_mode(self) -> bool:
        return self.client.is_in_safe_mode()

    def restart_in_safe_mode(self) -> bool:
        return self.client.restart_in_safe_mode()

    def change(self, edit: Edit) -> bool:
        def meddled(items: list[Item]) -> list[Item] | None:
            if self.left:
                name = self.left.pop()
                tab = {"id": name, "type": "tab", "label": name, "disabled": False, "info": "", "env": []}
                self.client.change(lambda present: [*present, tab])
            return edit(items)

        return self.client.change(meddled)


def test_an_edit_in_the_editor_at_the_same_time_is_not_lost(device: NodeRedDevice, node_red: LocalNodeRed) -> None:
    device.publish(1, COUNTS)
    device.switch_on()
    device.flows.stop()
    device.client = _Meddled(node_red.client, ["edit3", "edit2", "edit1"])
    device.switch_on()
    assert device.do("apply", 1) == "SUCCEEDED"
    labels = {item["label"] for item in node_red.client.flows() if item["type"] == "tab"}
    assert labels == {"edit1", "edit2", "edit3", "flow_1 version 1 (blue)"}


def test_what_somebody_deletes_of_a_flow_is_there_again(device: NodeRedDevice, node_red: LocalNodeRed) -> None:
    device.publish(1, COUNTS)
    device.switch_on()
    device.do("apply", 1)
    node_red.deploy([])
    device.wait(lambda: device.tabs() or None, what="the tab is back", seconds=30)
    assert device.tabs() == ["flow_1 version 1 (blue)"]


def test_a_type_that_node_red_lacks_is_refused_before_anything_is_deployed(
    device: NodeRedDevice, node_red: LocalNodeRed
) -> None:
    device.publish(1, TELEPORTS)
    device.switch_on()
    assert device.do("apply", 1) == "FAILED"
    assert device.details["reason"] == "unknown_node_type"
    assert "Node-RED has no node type teleport" in device.details["message"]
    assert node_red.client.flows() == []


def test_a_foreign_node_without_a_type_is_named_as_what_keeps_all_flows_from_starting(
    device: NodeRedDevice, node_red: LocalNodeRed
) -> None:
    z = {"id": "z1", "type": "tab", "label": "theirs", "disabled": False, "info": "", "env": []}
    node_red.deploy([z, {"id": "n1", "type": "teleport", "z": "z1", "x": 1, "y": 1, "wires": []}])
    device.publish(1, COUNTS)
    device.switch_on()
    job_id = device.ask("apply", 1, window=None)
    worker = threading.Thread(target=device.engine.work)
    worker.start()
    (node,) = device.wait_for_health(Health.STARTING)
    why = "Node-RED starts no flow while its flows have nodes of the types teleport"
    assert node.error.startswith(why)
    assert device.flows.running() == {}
    worker.join(4 * SETTLES)
    assert device.cloud.status(job_id) == "FAILED", "without a health check, too, a version that does not run is none"
    assert device.details["message"].startswith(f"node flow: {why}")
    assert "runs_version" not in device.details
    assert device.tabs() == []


def test_a_flow_that_node_red_does_not_give_up_is_not_removed(device: NodeRedDevice, node_red: LocalNodeRed) -> None:
    device.publish(1, COUNTS)
    client = _Refusing(node_red.url)
    device.client = client
    device.switch_on()
    assert device.do("apply", 1) == "SUCCEEDED"
    client.refuses.set()
    assert device.do("remove") == "FAILED"
    told = device.details
    assert (told["message"], told["runs_version"], told["holds_version"]) == ("version 1 still runs", "1", "1")
    client.refuses.clear()
    assert device.do("remove") == "SUCCEEDED"
    assert "runs_version" not in device.details
    assert (device.flows.running(), device.tabs()) == ({}, [])


def test_a_node_that_works_again_is_healthy_again(device: NodeRedDevice) -> None:
    script = """\
const n = (context.get("n") || 0) + 1;
context.set("n", n);
if (n < 12) { throw new Error("no water"); }
return msg;
"""
    device.publish(1, native(inject("timer", "work"), function("work", script)))
    device.switch_on()
    device.do("apply", 1, window=None)
    (node,) = device.wait_for_health(Health.UNHEALTHY)
    assert node.node_id == "native"
    assert node.error.startswith("function (work): Error: no water")
    assert device.wait_for_health(Health.HEALTHY) == ()
    assert [each.node_id for each in device.flows.failures(FLOW)] == ["native"]


def test_a_red_status_is_a_fault_while_it_is_shown(device: NodeRedDevice) -> None:
    script = """\
const n = (context.get("n") || 0) + 1;
context.set("n", n);
node.status(n < 12 ? {fill: "red", shape: "dot", text: "too hot"} : {fill: "green", shape: "dot", text: "fine"});
return msg;
"""
    device.publish(1, native(inject("timer", "work"), function("work", script)))
    device.switch_on()
    device.do("apply", 1, window=None)
    (node,) = device.wait_for_health(Health.UNHEALTHY)
    assert (node.node_id, node.error) == ("native", "function (work): too hot")
    assert device.wait_for_health(Health.HEALTHY) == ()


def test_a_fault_that_the_flow_takes_care_of_is_none(device: NodeRedDevice) -> None:
    catch = {"id": "c", "type": "catch", "z": "x", "name": "", "scope": ["work"], "uncaught": False}
    catch |= {"x": 1, "y": 1, "wires": [["done"]]}
    flow = [inject("timer", "work"), function("work", 'throw new Error("as usual");'), catch, function("done", "")]
    device.publish(1, native(*flow))
    device.switch_on()
    assert device.do("apply", 1) == "SUCCEEDED"


def test_a_sensor_that_the_device_lacks_is_named(device: NodeRedDevice) -> None:
    needs = Definition(nodes=(Node(id="hall", type="dht", config={"model": "DHT11"}), Node(id="log", type="debug")))
    device.publish(1, needs)
    device.switch_on(hardware={"dht_model": "DHT22"})
    assert device.do("apply", 1) == "FAILED"
    assert device.details["message"] == "node hall: The node needs a DHT11 sensor, but this device has a DHT22."


def test_node_red_restarted_in_mid_job_fails_the_job_and_the_version_before_runs(
    device: NodeRedDevice, node_red: LocalNodeRed
) -> None:
    device.publish(1, COUNTS)
    device.publish(2, COUNTS_TOO)
    device.switch_on()
    device.do("apply", 1)
    job_id = device.ask("apply", 2, window=LONG)
    worker = threading.Thread(target=device.engine.work)
    worker.start()
    device.wait_for_version(2)
    device.wait_for_health(Health.HEALTHY)
    node_red.stop(kill=True)
    worker.join(20)
    assert not worker.is_alive()
    assert device.cloud.status(job_id) == "FAILED"
    told = device.details
    assert (told["reason"], told.get("runs_version"), told["holds_version"]) == ("unhealthy", None, "1")
    assert f"Node-RED at {node_red.url} cannot be reached: Connection refused" in device.details["message"]
    assert device.flows.running() == {}
    (node,) = device.wait_for_health(Health.STARTING)
    assert "cannot be reached" in node.error
    device.later = 2 * LONG
    device.wait_for_health(Health.UNHEALTHY)
    node_red.start()
    device.wait_for_version(1)
    assert device.tabs() == ["flow_1 version 1 (blue)"]
    assert device.wait_for_health(Health.HEALTHY) == ()


def test_flows_are_healthy_again_after_a_restart_of_node_red(device: NodeRedDevice, node_red: LocalNodeRed) -> None:
    device.publish(1, COUNTS)
    device.switch_on()
    device.do("apply", 1)
    node_red.stop()
    device.wait_for_health(Health.UNHEALTHY)
    node_red.start()
    device.wait_for_health(Health.HEALTHY)
    assert device.flows.running() == {FLOW: 1}


def test_node_red_that_comes_up_after_the_agent_is_waited_for(device: NodeRedDevice, node_red: LocalNodeRed) -> None:
    device.publish(1, COUNTS)
    node_red.stop()
    device.switch_on()
    job_id = device.ask("apply", 1)
    worker = threading.Thread(target=device.engine.work)
    worker.start()
    (node,) = device.wait_for_health(Health.STARTING)
    assert "cannot be reached" in node.error
    node_red.start()
    worker.join(30)
    assert device.cloud.status(job_id) == "SUCCEEDED"
    assert device.flows.running() == {FLOW: 1}


def test_a_job_while_node_red_is_down_fails_and_the_agent_goes_on(
    device: NodeRedDevice, node_red: LocalNodeRed
) -> None:
    device.publish(1, COUNTS)
    node_red.stop()
    device.switch_on()
    job_id = device.ask("apply", 1)
    worker = threading.Thread(target=device.engine.work)
    worker.start()
    device.wait_for_health(Health.STARTING)
    device.later = LONG
    worker.join(30)
    assert device.cloud.status(job_id) == "FAILED"
    assert device.details["message"].startswith(f"node flow: Node-RED at {node_red.url} cannot be reached")
    assert "runs_version" not in device.details
    node_red.start()
    assert device.do("apply", 1) == "SUCCEEDED"
    assert device.tabs() == ["flow_1 version 1 (blue)"]


def test_a_version_that_makes_node_red_hang_is_given_up(device: NodeRedDevice, node_red: LocalNodeRed) -> None:
    device.publish(1, COUNTS)
    device.publish(2, native(inject("timer", "work"), function("work", "while (true) {}")))
    device.client = replace(node_red.client, timeout=1.0)
    device.switch_on()
    assert [device.do("apply", 1), device.do("apply", 2, window=LONG)] == ["SUCCEEDED", "FAILED"]
    assert "did not answer GET /context/flow/" in device.details["message"]
    assert "runs_version" not in device.details, "nobody can tell while it hangs"
    assert device.details["holds_version"] == "1"
    node_red.stop(kill=True)
    node_red.start("--safe")
    device.wait_for_version(1)
    assert device.tabs() == ["flow_1 version 1 (blue)"]


def test_one_that_hangs_is_restarted_and_what_is_wanted_by_then_runs_beside_what_others_have(
    device: NodeRedDevice, node_red: LocalNodeRed, world: CallsHeard
) -> None:
    foreign = _foreign(world.url)
    node_red.deploy(foreign)
    device.publish(1, COUNTS)
    device.publish(2, native(inject("timer", "work"), function("work", "while (true) {}")))
    heard_before: list[int] = []

    def restart() -> bool:
        node_red.stop(kill=True)
        heard_before.append(len(world.bodies()))
        node_red.start("--safe")
        return True

    device.client = RestartedNodeRed(replace(node_red.client, timeout=1.0), restart, after=1.5)
    device.switch_on()
    assert [device.do("apply", 1), device.do("apply", 2, window=LONG)] == ["SUCCEEDED", "FAILED"]
    device.wait_for_version(1)
    assert device.wait_for_health(Health.HEALTHY) == ()
    assert device.tabs() == ["flow_1 version 1 (blue)"]
    device.wait(lambda: len(world.bodies()) > heard_before[0] or None, what="somebody's own flow goes on")
    assert len(heard_before) == 1


def test_flows_that_did_not_change_run_again_after_a_restart_in_safe_mode(
    device: NodeRedDevice, node_red: LocalNodeRed
) -> None:
    device.publish(1, COUNTS)
    restarts: list[str] = []

    def restart() -> bool:
        node_red.stop(kill=True)
        node_red.start("--safe")
        restarts.append("done")
        return True

    device.client = RestartedNodeRed(replace(node_red.client, timeout=1.0), restart, after=1.5)
    device.switch_on()
    assert device.do("apply", 1) == "SUCCEEDED"
    node_red.halt()
    (node,) = device.wait_for_health(Health.UNHEALTHY)
    assert "did not answer" in node.error
    device.wait(lambda: restarts or None, what="it is restarted", seconds=60)
    device.wait_for_version(1)
    assert device.wait_for_health(Health.HEALTHY) == ()


def test_a_function_that_cannot_be_read_is_unhealthy(device: NodeRedDevice) -> None:
    device.publish(1, native(inject("timer", "work"), function("work", "return msg", "log"), function("log", "if (")))
    device.switch_on()
    assert device.do("apply", 1) == "FAILED"
    assert device.details["message"] == "node native: function (log): SyntaxError: Unexpected token '}'"
