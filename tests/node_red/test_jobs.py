"""Jobs on a device whose flows a real Node-RED runs: deploy, upgrade, revert, stage, switch, remove."""

from collections.abc import Iterator

import pytest

from edge_agent.disk.slots import Slots
from edge_agent.disk.state import STATE_BEFORE_FILE, STATE_FILE
from edgeflow.contract.flow import Connection, Definition, Node, Variable, VariableType
from edgeflow.contract.report import Health, Slot
from tests.support.calls import CallsHeard
from tests.support.node_red_device import NodeRedDevice, native
from tests.support.node_red_flows import function, inject, says
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
COUNTS = Definition(nodes=(Node(id="count", type="inject", config={"interval": "1s"}),))
FAILS = native(inject("timer", "work"), function("work", 'node.error("the pump is stuck", msg);', name="pump"))


@pytest.fixture
def world() -> Iterator[CallsHeard]:
    """What flows can act on."""
    with CallsHeard() as heard:
        yield heard


def _hears(device: NodeRedDevice, world: CallsHeard, version: int) -> str:
    """Wait until a version is heard; returns what it says."""
    return device.wait(
        lambda: next((body for body in world.bodies() if body.startswith(f"v{version} ")), None),
        what=f"version {version} acts",
    )


def test_a_first_version_is_deployed(device: NodeRedDevice) -> None:
    device.publish(1, HOT)
    device.switch_on()
    assert device.do("apply", 1) == "SUCCEEDED"
    assert device.flows.running() == {FLOW: 1}
    assert device.flows.health(FLOW) == (Health.HEALTHY, ())
    assert device.tabs() == ["flow_1 version 1 (blue)"]


def test_an_upgrade_takes_the_place_of_the_version_before(device: NodeRedDevice) -> None:
    device.publish(1, HOT)
    device.publish(2, COUNTS)
    device.switch_on()
    assert [device.do("apply", 1), device.do("apply", 2)] == ["SUCCEEDED", "SUCCEEDED"]
    assert device.flows.running() == {FLOW: 2}
    assert device.tabs() == ["flow_1 version 2 (blue)"]
    (tab,) = [item["id"] for item in device.items() if item["type"] == "tab"]
    assert {item["z"] for item in device.items() if "z" in item} == {tab}


def test_a_version_that_is_not_well_gives_way_to_the_one_before(device: NodeRedDevice) -> None:
    device.publish(1, COUNTS)
    device.publish(2, FAILS)
    device.switch_on()
    assert [device.do("apply", 1), device.do("apply", 2)] == ["SUCCEEDED", "FAILED"]
    assert (device.details["reason"], device.details["step"], device.details["runs_version"]) == (
        "unhealthy",
        "revert",
        "1",
    )
    assert device.details["message"] == 'node native: function "pump" (work): the pump is stuck'
    assert device.tabs() == ["flow_1 version 1 (blue)"]
    device.wait(lambda: device.flows.running() == {FLOW: 1} or None, what="version 1 runs")


def test_a_first_version_that_is_not_well_is_taken_away(device: NodeRedDevice) -> None:
    device.publish(1, FAILS)
    device.switch_on()
    assert device.do("apply", 1) == "FAILED"
    assert device.items() == []
    assert device.flows.running() == {}


def test_what_stands_by_works_and_is_not_heard_until_the_switch(device: NodeRedDevice, world: CallsHeard) -> None:
    device.publish(1, native(*says(1, world.url)))
    device.publish(2, native(*says(2, world.url)))
    device.switch_on()
    assert device.do("apply", 1) == "SUCCEEDED"
    _hears(device, world, 1)
    world.forget()
    assert device.do("stage", 2) == "SUCCEEDED"
    assert device.flows.running(standby=True) == {FLOW: 2}
    _hears(device, world, 1)
    assert {body.split()[0] for body in world.bodies()} == {"v1"}
    before = [item for item in device.items() if not item.get("d")]

    assert device.do("activate", 2) == "SUCCEEDED"
    count = int(_hears(device, world, 2).split()[1])
    assert count > 5, "it was started anew by the switch, or did nothing while it stood by"
    world.forget()
    _hears(device, world, 2)
    assert {body.split()[0] for body in world.bodies()} == {"v2"}
    assert (device.flows.running(), device.flows.running(standby=True)) == ({FLOW: 2}, {FLOW: 1})
    muted = [item["type"] for item in device.items() if item.get("d")]
    assert muted == ["http request"]
    assert len([item for item in device.items() if not item.get("d")]) == len(before)


def test_the_switch_is_one_request(device: NodeRedDevice, world: CallsHeard) -> None:
    device.publish(1, native(*says(1, world.url)))
    device.publish(2, native(*says(2, world.url)))
    device.switch_on()
    device.do("apply", 1)
    device.do("stage", 2)
    posts = device.count_posts()
    device.do("activate", 2)
    assert posts() == 1
    device.do("activate", 1, clear_standby=True)
    assert posts() == 2
    assert device.tabs() == ["flow_1 version 1 (blue)"]


def test_arranging_what_is_there_sends_nothing(device: NodeRedDevice, world: CallsHeard) -> None:
    device.publish(1, native(*says(1, world.url)))
    device.publish(2, native(*says(2, world.url)))
    device.switch_on()
    device.do("apply", 1)
    device.do("stage", 2)
    posts = device.count_posts()
    device.flows.arrange(FLOW, device.slots())
    assert device.do("stage", 2) == "SUCCEEDED"
    assert posts() == 0


def test_an_unhealthy_version_in_standby_leaves_the_live_one_alone(device: NodeRedDevice) -> None:
    device.publish(1, COUNTS)
    device.publish(2, FAILS)
    device.switch_on()
    assert [device.do("apply", 1), device.do("stage", 2)] == ["SUCCEEDED", "FAILED"]
    assert device.tabs() == ["flow_1 version 1 (blue)"]
    assert device.flows.health(FLOW)[0] is Health.HEALTHY


def test_a_flow_is_removed_from_both_slots(device: NodeRedDevice) -> None:
    device.publish(1, HOT)
    device.publish(2, COUNTS)
    device.switch_on()
    assert [device.do("apply", 1), device.do("stage", 2), device.do("remove")] == ["SUCCEEDED"] * 3
    assert device.items() == []
    assert device.slots() == Slots()


def test_a_restarted_agent_finds_its_flows_and_restarts_none(device: NodeRedDevice, world: CallsHeard) -> None:
    device.publish(1, native(*says(1, world.url)))
    device.publish(2, COUNTS)
    device.switch_on()
    device.do("apply", 1)
    device.do("stage", 2)
    device.switch_off()
    posts = device.count_posts()
    device.switch_on()
    device.wait(lambda: device.flows.running() == {FLOW: 1} or None, what="version 1 is found")
    assert device.flows.running(standby=True) == {FLOW: 2}
    assert posts() == 0
    slots = {each.slot: (each.version, each.live, each.health) for each in device.flows.report()}
    assert slots == {Slot.BLUE: (1, True, Health.HEALTHY), Slot.GREEN: (2, False, Health.HEALTHY)}


def test_what_a_restarted_agent_does_not_have_any_more_is_taken_away(device: NodeRedDevice) -> None:
    device.publish(1, COUNTS)
    device.switch_on()
    device.do("apply", 1)
    device.switch_off()
    for file in (STATE_FILE, STATE_BEFORE_FILE):
        (device.directory / file).unlink()
    device.switch_on()
    assert device.items() == []
