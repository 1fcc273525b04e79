"""Faults around the supervisor that a real Node-RED has no part in."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from edge_agent.disk.crashes import CrashFile
from edge_agent.disk.slots import InstalledVersion, Slots
from edge_agent.disk.store import ArtifactStore
from edge_agent.flows.builtin.context import FlowContext
from edge_agent.flows.builtin.on_behalf import prepare_checks_with, start_fault
from edge_agent.flows.node_red.client import Edit, Item, NodeRedFault, NodeRedUnreachable
from edge_agent.flows.node_red.draft import Surroundings
from edge_agent.flows.node_red.isolation import Isolation
from edge_agent.flows.node_red.supervisor import NodeRedSupervisor
from edgeflow.contract.flow import Definition, FlowArtifact, Node
from edgeflow.contract.reasons import Reason
from edgeflow.contract.report import Health, Slot
from tests.support.waiting import wait_for
from tests.unit.edge_agent.device import FLOW, NOON, sha256_of

TYPES = frozenset({"catch", "status", "complete", "function", "debug"})
DEVICE = Surroundings(device_id="dev_001", hardware={}, broker=("127.0.0.1", 9), start_fault=start_fault)


def surroundings_of(flow_id: str) -> FlowContext:
    """Return what the health checks of a flow get from the device."""
    return FlowContext(device_id="dev_001", flow_id=flow_id, hardware={}, publish=lambda *_, **__: None)


WATCH = 1.5
"""Seconds, longer than between two looks."""
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


class Falling(StandIn):
    """Goes down some requests after it got the version that it cannot bear, or was started with it."""

    def __init__(self) -> None:
        super().__init__()
        self.bears_not = 0
        self.answers = 5
        """So many requests it answers until it goes down; those until its flows are changed are four."""
        self.safe = False
        self.dies_of_it = False
        """It goes down while it starts that version, so that it does not answer the deployment."""
        self.happened: list[object] = []
        """Which versions it got, one set after the other; and what else happened."""
        self._starts = 0
        self._left = self.answers
        self._down = 0

    def change(self, edit: Edit) -> bool:
        self._answer()
        changed = super().change(edit)
        if changed:
            self.happened.append(self._versions())
        if self.dies_of_it and self.bears_not in self._versions():
            self.safe, self._left = False, 0
            self._answer()
        if changed or self.safe:
            self._left = self.answers
        self.safe = False
        return changed

    def node_types(self) -> frozenset[str]:
        self._answer()
        return TYPES

    def flow_context(self, tab_id: str, key: str) -> Any:  # noqa: ANN401  any JSON value
        self._answer()
        told: dict[str, Any] = super().flow_context(tab_id, key)
        return None if self.safe else told | {"run": f"start {self._starts}"}

    def is_in_safe_mode(self) -> bool:
        self._answer()
        return self.safe

    def restart_in_safe_mode(self) -> bool:
        self.happened.append("restarted in safe mode")
        self._start()
        self.safe = True
        return True

    def _versions(self) -> set[int]:
        return {int(item["label"].split()[2]) for item in self.items if item["type"] == "tab"}

    def _start(self) -> None:
        self._starts += 1
        self._left = self.answers

    def _answer(self) -> None:
        if not self._down and not self.safe and self.bears_not in self._versions():
            if self._left == 0:
                self.happened.append("down")
                self._start()
                self._down = 3
            self._left -= 1
        if self._down:
            self._down -= 1
            self._left = self.answers
            message = "Node-RED cannot be reached: Connection refused"
            raise NodeRedUnreachable(message)


class Bench:
    """A supervisor with a store."""

    def __init__(self, directory: Path, node_red: StandIn | None = None) -> None:
        self.node_red = node_red or StandIn()
        self.directory = directory
        self.store = ArtifactStore(directory)
        self.start()

    def start(self) -> None:
        """Start, or start anew, as the agent does."""
        isolation = Isolation(CrashFile(self.directory), watch=WATCH)
        self.supervisor = NodeRedSupervisor(
            self.store, self.node_red, DEVICE, CHECKS, isolation, on_change=lambda: None
        )

    def live(self, version: int = 1) -> InstalledVersion:
        """Keep an artifact; returns it as the live version of some flow."""
        content = FlowArtifact(definition=Definition(nodes=(Node(id=f"n{version}", type="debug"),))).canonical_bytes()
        self.store.put(sha256_of(content), content)
        return InstalledVersion(version=version, sha256=sha256_of(content), since=NOON + timedelta(days=version))

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


@pytest.fixture
def falling(tmp_path: Path) -> Iterator[tuple[Falling, Bench]]:
    """A Node-RED that cannot bear version 2, and what deploys to it."""
    node_red = Falling()
    bench = Bench(tmp_path, node_red)
    yield node_red, bench
    bench.supervisor.stop()


def _wait_for_quarantine(bench: Bench) -> None:
    wait_for(lambda: bench.supervisor.reason("flow_2") is Reason.CRASH_LOOP or None, what="version 2 is quarantined")
    wait_for(lambda: bench.supervisor.running() == {FLOW: 1} or None, what="version 1 runs")


@pytest.mark.slow
def test_the_flow_that_takes_node_red_down_is_found_and_the_others_run_on(falling: tuple[Falling, Bench]) -> None:
    node_red, bench = falling
    node_red.bears_not = 2
    bench.supervisor.bring_up({FLOW: Slots(bench.live(1)), "flow_2": Slots(bench.live(2))})
    _wait_for_quarantine(bench)
    bench.wait_for(Health.HEALTHY)
    assert node_red.happened == [{1, 2}, "down", "down", {1}, {1, 2}, "down", {1}]
    told = {each.flow_id: each for each in bench.supervisor.report()}
    assert (told[FLOW].running, told[FLOW].reason) == (True, None)
    assert (told["flow_2"].running, told["flow_2"].health, told["flow_2"].reason) == (
        False,
        Health.UNHEALTHY,
        Reason.CRASH_LOOP,
    )

    bench.supervisor.stop()
    bench.start()
    bench.supervisor.bring_up({FLOW: Slots(bench.live(1)), "flow_2": Slots(bench.live(2))})
    _wait_for_quarantine(bench)
    assert node_red.happened[-1] == {1}, "nothing was deployed"

    bench.supervisor.arrange("flow_2", Slots(bench.live(2), bench.live(3).model_copy(update={"slot": Slot.GREEN})))
    assert node_red.happened[-1] == {1, 3}, "one that stays where it is is not asked for by a job for another one"
    bench.supervisor.arrange("flow_2", Slots(bench.live(3).model_copy(update={"slot": Slot.GREEN}), bench.live(2)))
    wait_for(lambda: bench.supervisor.running() == {FLOW: 1, "flow_2": 3} or None, what="version 3 runs")
    assert bench.supervisor.reason("flow_2") is Reason.UNHEALTHY
    assert bench.supervisor.reason("flow_2", standby=True) is Reason.CRASH_LOOP
    assert node_red.happened.count("down") == 3


@pytest.mark.slow
def test_one_that_goes_down_before_it_takes_what_is_wanted_is_started_without_flows(
    falling: tuple[Falling, Bench],
) -> None:
    node_red, bench = falling
    bench.supervisor.bring_up({FLOW: Slots(bench.live(1)), "flow_2": Slots(bench.live(2))})
    bench.wait_for(Health.HEALTHY)
    node_red.bears_not, node_red.answers = 2, 3
    _wait_for_quarantine(bench)
    without_flows = "restarted in safe mode"
    assert node_red.happened == [
        {1, 2},
        *["down"] * 3,
        *[without_flows, {1}, {1, 2}, "down"],
        *["down", without_flows, {1}],
    ]


@pytest.mark.slow
def test_one_that_ends_it_before_the_deployment_is_answered_is_found(falling: tuple[Falling, Bench]) -> None:
    node_red, bench = falling
    bench.supervisor.bring_up({FLOW: Slots(bench.live(1)), "flow_2": Slots(bench.live(2))})
    bench.wait_for(Health.HEALTHY)
    node_red.bears_not, node_red.answers, node_red.dies_of_it = 2, 3, True
    without_flows = "restarted in safe mode"
    _wait_for_quarantine(bench)
    wait_for(lambda: node_red.happened[-2:] == [without_flows, {1}] or None, what="version 2 is taken away")
    assert node_red.happened[-8:] == [
        *[{1}, {1, 2}, "down", without_flows],
        "down",  # while it got version 2 alone, so that this one is to blame
        *["down", without_flows, {1}],
    ]
