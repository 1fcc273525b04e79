"""A flow with which a real Node-RED ends or hangs again and again is found and set aside; the others run on."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from edge_agent.flows.node_red.restart import RestartedNodeRed
from edgeflow.contract.flow import Definition, Node
from edgeflow.contract.reasons import Reason
from edgeflow.contract.report import FlowHealth, Health
from tests.support.node_red import LocalNodeRed
from tests.support.node_red_device import NodeRedDevice, native
from tests.support.node_red_flows import function, inject

GOOD = "flow_good"
BAD = "flow_bad"
OTHER = "flow_other"
COUNTS = Definition(nodes=(Node(id="count", type="inject", config={"interval": "1s"}),))
OTHER_COUNTS = Definition(nodes=(Node(id="count", type="inject", config={"interval": "2s"}),))
ENDS = 'Promise.reject(new Error("nobody takes care of this"));'
"""Node.js ends by a rejection that nobody handles, and Node-RED with it."""
HANGS = "while (true) {}"
LONG = 120.0


def _after(seconds: float, script: str) -> Definition:
    """Return a flow that does this so long after each start."""
    return native(inject("timer", "work", every=None, onceDelay=seconds), function("work", script))


@pytest.fixture
def kept_up(node_red: LocalNodeRed) -> Iterator[list[int]]:
    """Somebody starts Node-RED again whenever it ends; the exit codes that it had."""
    with node_red.kept_up() as codes:
        yield codes


def _restarted(device: NodeRedDevice, node_red: LocalNodeRed) -> None:
    """Give the device a command that restarts Node-RED in safe mode."""

    def restart() -> bool:
        node_red.stop(kill=True)
        node_red.start("--safe")
        return True

    device.client = RestartedNodeRed(replace(node_red.client, timeout=1.0), restart, after=1.5, after_down=6.0)


def _told(device: NodeRedDevice, flow_id: str) -> FlowHealth | None:
    return next((each for each in device.flows.report() if each.flow_id == flow_id), None)


def _wait_for_quarantine(device: NodeRedDevice) -> str:
    """Wait until the flow is set aside; returns what is told of it."""

    def look() -> FlowHealth | None:
        told = _told(device, BAD)
        return told if told is not None and told.reason is Reason.CRASH_LOOP else None

    told = device.wait(look, what="the flow is quarantined", seconds=LONG)
    assert (told.health, told.running) == (Health.UNHEALTHY, False)
    return told.nodes[0].error


def _wait_for_good(device: NodeRedDevice, *flow_ids: str) -> None:
    def look() -> bool | None:
        told = [_told(device, flow_id) for flow_id in flow_ids]
        return all(each is not None and each.running and each.health is Health.HEALTHY for each in told) or None

    device.wait(look, what=f"{flow_ids} run and are healthy", seconds=LONG)


def _prepare(device: NodeRedDevice, bad: Definition) -> None:
    device.publish(1, COUNTS)
    device.publish(2, bad)
    device.publish(3, OTHER_COUNTS)
    device.switch_on()
    assert device.do("apply", 1, flow_id=GOOD) == "SUCCEEDED"
    assert device.do("apply", 2, flow_id=BAD, window=None) == "SUCCEEDED"


def test_one_that_ends_node_red_is_set_aside_across_restarts_of_the_agent_until_another_version_comes(
    device: NodeRedDevice, kept_up: list[int]
) -> None:
    _prepare(device, _after(1.5, ENDS))
    why = _wait_for_quarantine(device)
    assert why.startswith("crash_loop: Node-RED goes down again and again with this flow; the last time it ended some")
    _wait_for_good(device, GOOD)
    assert device.tabs() == ["flow_good version 1 (blue)"]
    ended = len(kept_up)

    device.switch_off()
    device.switch_on()
    assert _wait_for_quarantine(device) == why
    _wait_for_good(device, GOOD)

    assert device.do("apply", 3, flow_id=BAD) == "SUCCEEDED"
    _wait_for_good(device, GOOD, BAD)
    assert device.tabs() == ["flow_bad version 3 (blue)", "flow_good version 1 (blue)"]
    assert kept_up == [1] * ended
    assert ended <= 5, (
        "three times with the flow on trial, and twice while it was taken away from one that was starting"
    )


def test_one_that_hangs_node_red_is_set_aside_and_jobs_are_done_meanwhile(
    device: NodeRedDevice, node_red: LocalNodeRed
) -> None:
    _restarted(device, node_red)
    _prepare(device, _after(2.0, HANGS))

    def waits() -> bool | None:
        told = _told(device, BAD)
        return (told is not None and any("it waits until" in node.error for node in told.nodes)) or None

    device.wait(waits, what="the flow at fault is looked for", seconds=LONG)
    assert device.do("apply", 3, flow_id=OTHER) == "SUCCEEDED"
    why = _wait_for_quarantine(device)
    assert "answered nothing and was started anew" in why
    _wait_for_good(device, GOOD, OTHER)


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(_after(0.1, ENDS), id="just_after"),
        pytest.param(native(inject("timer", "work"), function("work", "", initialize=ENDS)), id="while_it_starts"),
    ],
)
def test_one_that_ends_node_red_as_soon_as_it_starts_is_set_aside_where_a_command_starts_it_without_flows(
    device: NodeRedDevice, node_red: LocalNodeRed, kept_up: list[int], bad: Definition
) -> None:
    _restarted(device, node_red)
    _prepare(device, COUNTS)
    device.switch_off()
    device.hold(GOOD, 1)
    device.publish(2, bad)
    device.hold(BAD, 2)
    device.switch_on()
    _wait_for_quarantine(device)
    _wait_for_good(device, GOOD)
    assert set(kept_up) == {1}


def test_a_job_takes_the_flow_back_while_it_is_looked_for(
    device: NodeRedDevice, node_red: LocalNodeRed, kept_up: list[int]
) -> None:
    _restarted(device, node_red)
    _prepare(device, _after(1.5, ENDS))
    device.wait(lambda: kept_up or None, what="Node-RED ends")
    assert device.do("apply", 3, flow_id=BAD) == "SUCCEEDED"
    _wait_for_good(device, GOOD, BAD)
