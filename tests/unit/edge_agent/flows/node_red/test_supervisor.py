"""Faults around the supervisor that a real Node-RED has no part in."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edge_agent.disk.crashes import CrashFile
from edge_agent.disk.slots import InstalledVersion, Slots
from edge_agent.disk.store import ArtifactStore
from edge_agent.flows.builtin.context import FlowContext
from edge_agent.flows.builtin.on_behalf import prepare_checks_with, start_fault
from edge_agent.flows.node_red.client import Edit, Item, NodeRedFault
from edge_agent.flows.node_red.draft import Surroundings
from edge_agent.flows.node_red.isolation import Isolation
from edge_agent.flows.node_red.supervisor import NodeRedSupervisor
from edgeflow.contract.flow import Definition, FlowArtifact, Node
from edgeflow.contract.report import Health
from tests.support.waiting import wait_for
from tests.unit.edge_agent.device import FLOW, NOON, sha256_of

TYPES = frozenset({"catch", "status", "complete", "function", "debug"})
DEVICE = Surroundings(device_id="dev_001", hardware={}, broker=("127.0.0.1", 9), start_fault=start_fault)


def surroundings_of(flow_id: str) -> FlowContext:
    """Return what the health checks of a flow get from the device."""
    return FlowContext(device_id="dev_001", flow_id=flow_id, hardware={}, publish=lambda *_, **__: None)


CHECKS = prepare_checks_with(surroundings_of)


class StandIn:
    """Holds flows and starts each tab at once; can be told to fail."""

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.refuses: str = ""
        self.breaks: Exception | None = None

    def flows(self) -> list[Item]:
        return self.items

    def change(self, edit: Edit) -> bool:
        edited = edit(self.items)
        if edited is None:
            return False
        if self.refuses:
            raise NodeRedFault(self.refuses)
        self.items = edited
        return True

    def node_types(self) -> frozenset[str]:
        return TYPES

    def flow_context(self, tab_id: str, key: str) -> Any:  # noqa: ANN401  any JSON value
        assert key == "edgeflow"
        if self.breaks is not None:
            raise self.breaks
        return {"run": tab_id, "count": 0, "failures": [], "unwell": {}, "sent": {}}

    def is_in_safe_mode(self) -> bool:
        return False

    def restart_in_safe_mode(self) -> bool:
        return False


class Bench:
    """A supervisor with a store."""

    def __init__(self, directory: Path) -> None:
        self.node_red = StandIn()
        self.directory = directory
        self.store = ArtifactStore(directory)
        self.supervisor = NodeRedSupervisor(
            self.store, self.node_red, DEVICE, CHECKS, Isolation(CrashFile(directory)), on_change=lambda: None
        )

    def live(self, version: int = 1) -> InstalledVersion:
        """Keep an artifact; returns it as the live version of some flow."""
        content = FlowArtifact(definition=Definition(nodes=(Node(id=f"n{version}", type="debug"),))).canonical_bytes()
        self.store.put(sha256_of(content), content)
        return InstalledVersion(version=version, sha256=sha256_of(content), since=NOON)

    def wait_for(self, health: Health, text: str = "") -> None:
        """Wait until the flow is so, for this reason."""

        def look() -> bool | None:
            found, nodes = self.supervisor.health(FLOW)
            return (found is health and text in "; ".join(node.error for node in nodes)) or None

        wait_for(look, what=f"the flow is {health}: {text}")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A bench whose thread ends with the test."""
    made = Bench(tmp_path)
    yield made
    made.supervisor.stop()


def test_a_version_whose_artifact_is_damaged_is_unhealthy_and_the_others_run(bench: Bench) -> None:
    damaged = bench.live(2)
    (bench.directory / "artifacts" / f"{damaged.sha256}.json").write_text("?")
    bench.supervisor.bring_up({FLOW: Slots(damaged), "flow_2": Slots(bench.live())})
    bench.wait_for(Health.UNHEALTHY, "is damaged on disk")
    wait_for(lambda: bench.supervisor.running() == {"flow_2": 1} or None, what="the other flow runs")
    told = {each.flow_id: each.health for each in bench.supervisor.report()}
    assert told == {FLOW: Health.UNHEALTHY, "flow_2": Health.HEALTHY}


def test_a_refused_change_is_told_of_the_new_version_and_not_of_flows_that_run(bench: Bench) -> None:
    bench.supervisor.bring_up({"flow_2": Slots(bench.live())})
    bench.node_red.refuses = "Node-RED refuses POST /flows with 413"
    bench.supervisor.arrange(FLOW, Slots(bench.live(2)))
    bench.wait_for(Health.UNHEALTHY, "with 413")
    wait_for(lambda: bench.supervisor.running() == {"flow_2": 1} or None, what="the other flow runs")
    assert bench.supervisor.health("flow_2") == (Health.HEALTHY, ())
    bench.node_red.refuses = ""
    bench.wait_for(Health.HEALTHY)  # nobody has to ask again
    assert bench.supervisor.running() == {FLOW: 2, "flow_2": 1}


def test_while_a_change_is_refused_what_was_there_before_is_what_runs(bench: Bench) -> None:
    bench.supervisor.bring_up({FLOW: Slots(bench.live())})
    wait_for(lambda: bench.supervisor.running() == {FLOW: 1} or None, what="version 1 runs")
    bench.node_red.refuses = "Node-RED refuses POST /flows with 413"
    bench.supervisor.arrange(FLOW, Slots(bench.live(2)))
    bench.wait_for(Health.UNHEALTHY, "with 413")
    assert bench.supervisor.running() == {FLOW: 1}
    assert [(each.version, each.running) for each in bench.supervisor.report()] == [(2, False)]
    bench.supervisor.arrange(FLOW, Slots())
    assert bench.supervisor.running() == {FLOW: 1}, "it is not removed either"
    bench.node_red.refuses = ""
    wait_for(lambda: bench.supervisor.running() == {} or None, what="it is removed")
    assert bench.node_red.items == []


@pytest.mark.slow
def test_what_cannot_be_asked_is_not_said_to_run(bench: Bench) -> None:
    bench.supervisor.bring_up({FLOW: Slots(bench.live())})
    bench.wait_for(Health.HEALTHY)
    assert [(each.version, each.running) for each in bench.supervisor.report()] == [(1, True)]
    bench.node_red.breaks = NodeRedFault("Node-RED is away")
    wait_for(lambda: bench.supervisor.running() == {} or None, what="nothing is known to run")
    assert [each.running for each in bench.supervisor.report()] == [False]


@pytest.mark.slow
def test_an_error_that_nobody_thought_of_does_not_freeze_health(bench: Bench) -> None:
    bench.supervisor.bring_up({FLOW: Slots(bench.live())})
    bench.wait_for(Health.HEALTHY)
    bench.node_red.breaks = RuntimeError("what is this")
    bench.wait_for(Health.UNHEALTHY, "failed unexpectedly: RuntimeError: what is this")
    bench.node_red.breaks = None
    bench.wait_for(Health.HEALTHY)


def test_a_flow_that_nobody_asked_for_does_not_run(bench: Bench) -> None:
    bench.supervisor.bring_up({})
    assert bench.supervisor.health(FLOW) == (Health.UNHEALTHY, ())
    assert bench.supervisor.failures(FLOW) == ()
    assert bench.supervisor.report() == ()
