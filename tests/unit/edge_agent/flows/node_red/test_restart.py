"""A Node-RED that answers nothing is restarted, once it was waited for; and its flows are started again."""

import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from edge_agent.flows.node_red.client import Edit, Item, NodeRedFault, NodeRedSilent, NodeRedUnreachable
from edge_agent.flows.node_red.restart import RestartCommand, RestartedNodeRed
from tests.support.waiting import wait_for

TIMEOUT = 10.0
AFTER = 15.0
AFTER_DOWN = 120.0


@dataclass
class Standing:
    """A Node-RED that stands still or not, and somebody who restarts it; seconds pass while it does not answer."""

    now: float = 0.0
    fault: NodeRedFault | None = None
    posts: list[list[Item]] = field(default_factory=list)
    restarts: int = 0
    goes_well: bool = True
    safe: bool = False
    may_end: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.may_end.set()

    def flows(self) -> list[Item]:
        self._answer()
        return [{"id": "a", "type": "tab"}]

    def change(self, edit: Edit) -> bool:
        edited = edit(self.flows())
        if edited is not None:
            self.posts.append(edited)
        return edited is not None

    def node_types(self) -> frozenset[str]:
        self._answer()
        return frozenset({"inject"})

    def flow_context(self, tab_id: str, key: str) -> object:
        self._answer()
        return tab_id, key

    def is_in_safe_mode(self) -> bool:
        self._answer()
        return self.safe

    def restart_in_safe_mode(self) -> bool:
        return False

    def restart(self) -> bool:
        self.restarts += 1
        assert self.may_end.wait(10)
        return self.goes_well

    def _answer(self) -> None:
        if isinstance(self.fault, NodeRedSilent):
            self.now += TIMEOUT
        if self.fault is not None:
            raise self.fault


@pytest.fixture
def standing() -> Iterator[Standing]:
    """One that answers; whoever restarts it is let go in the end."""
    made = Standing()
    yield made
    made.may_end.set()


@pytest.fixture
def node_red(standing: Standing) -> RestartedNodeRed:
    """The same, as the supervisor has it."""
    return RestartedNodeRed(
        standing, standing.restart, after=AFTER, after_down=AFTER_DOWN, monotonic=lambda: standing.now
    )


def refused(*asks: Callable[[], object]) -> None:
    """Ask what is not answered well."""
    for ask in asks:
        with pytest.raises(NodeRedFault):
            ask()


def restarted(standing: Standing, times: int) -> None:
    """Wait until it was restarted so often."""
    wait_for(lambda: standing.restarts == times or None, what=f"it is restarted, {times} times in all")


def no_change(_: list[Item]) -> None:
    """Find nothing to change."""


def test_what_is_asked_is_answered_and_nothing_is_deployed_that_changes_nothing(
    standing: Standing, node_red: RestartedNodeRed
) -> None:
    assert node_red.flows() == [{"id": "a", "type": "tab"}]
    assert node_red.node_types() == {"inject"}
    assert node_red.flow_context("a", "key") == ("a", "key")
    assert node_red.change(no_change) is False
    assert (standing.posts, standing.restarts) == ([], 0)


def test_one_that_lets_requests_go_unanswered_is_restarted_and_its_flows_are_started(
    standing: Standing, node_red: RestartedNodeRed
) -> None:
    standing.fault = NodeRedSilent("no answer")
    refused(node_red.node_types)
    assert standing.restarts == 0, "one request may take long"
    refused(node_red.flows)
    restarted(standing, 1)
    standing.fault = None
    wait_for(lambda: node_red.change(no_change) or None, what="the flows are deployed, though nothing changes")
    assert standing.posts == [[{"id": "a", "type": "tab"}]]
    assert node_red.change(no_change) is False, "once is enough"


@pytest.mark.parametrize(
    "between",
    [
        pytest.param(None, id="it_answers"),
        pytest.param(NodeRedFault("refuses"), id="it_refuses"),
        pytest.param(NodeRedUnreachable("refused"), id="it_is_down"),
    ],
)
def test_one_that_is_silent_now_and_then_or_is_down_is_left_alone(
    standing: Standing, node_red: RestartedNodeRed, between: NodeRedFault | None
) -> None:
    for _ in range(5):
        standing.fault = NodeRedSilent("no answer")
        refused(node_red.flows)
        standing.fault = between
        if between is None:
            node_red.flows()
        else:
            refused(node_red.flows)
    assert standing.restarts == 0


def test_one_that_stays_down_is_restarted(standing: Standing, node_red: RestartedNodeRed) -> None:
    standing.fault = NodeRedUnreachable("refused")
    refused(node_red.flows)
    standing.now += AFTER_DOWN - 1
    refused(node_red.flows)
    assert standing.restarts == 0, "whoever runs it has time to start it again"
    standing.now += 1
    refused(node_red.flows)
    restarted(standing, 1)


def test_one_that_is_down_now_and_then_is_not(standing: Standing, node_red: RestartedNodeRed) -> None:
    for fault in (NodeRedUnreachable("refused"), NodeRedFault("refuses")) * 3:
        standing.fault = fault
        refused(node_red.flows)
        standing.now += AFTER_DOWN - 1
    assert standing.restarts == 0


def test_it_is_restarted_on_demand_and_nobody_gets_an_answer_of_the_one_that_is_about_to_end(
    standing: Standing, node_red: RestartedNodeRed
) -> None:
    standing.may_end.clear()
    assert node_red.restart_in_safe_mode() is True
    assert node_red.restart_in_safe_mode() is True
    with pytest.raises(NodeRedUnreachable, match="is being restarted"):
        node_red.flows()
    standing.may_end.set()
    wait_for(lambda: _answers(node_red) or None, what="it is restarted")
    assert standing.restarts == 1
    assert node_red.change(no_change) is True, "in safe mode no flow runs until something is deployed"


def test_flows_of_one_that_somebody_else_started_in_safe_mode_are_started(
    standing: Standing, node_red: RestartedNodeRed
) -> None:
    standing.safe = True
    assert node_red.is_in_safe_mode() is True
    assert node_red.change(no_change) is True
    standing.safe = False
    assert node_red.change(no_change) is False


def _answers(node_red: RestartedNodeRed) -> bool:
    try:
        node_red.flows()
    except NodeRedUnreachable:
        return False
    return True


def test_while_it_is_restarted_nobody_restarts_it_and_one_that_goes_on_hanging_is_restarted_again(
    standing: Standing, node_red: RestartedNodeRed
) -> None:
    standing.fault = NodeRedSilent("no answer")
    standing.may_end.clear()
    refused(*[node_red.flows] * 6)
    restarted(standing, 1)
    standing.may_end.set()

    def again() -> bool | None:
        refused(node_red.flows)
        return standing.restarts == 2 or None

    wait_for(again, what="it is restarted again")


def test_a_restart_that_does_not_go_well_is_tried_again_and_starts_nothing(
    standing: Standing, node_red: RestartedNodeRed
) -> None:
    standing.goes_well = False
    standing.fault = NodeRedSilent("no answer")

    def again() -> bool | None:
        refused(node_red.flows)
        return standing.restarts >= 2 or None

    wait_for(again, what="it is tried again")
    standing.fault = None
    assert node_red.change(no_change) is False


@pytest.mark.parametrize(
    ("script", "well", "logged"),
    [
        ("pass", True, ""),
        ("raise SystemExit(7)", False, "ended with exit code 7"),
        ("input()", False, "ended with exit code 1"),
        ("import threading; threading.Event().wait(60)", False, "did not end within 2 s"),
    ],
)
def test_a_command_is_run_to_its_end(caplog: pytest.LogCaptureFixture, script: str, logged: str, *, well: bool) -> None:
    assert RestartCommand((sys.executable, "-c", script), within=2)() is well
    assert logged in caplog.text


def test_a_command_that_is_not_there_is_told(caplog: pytest.LogCaptureFixture) -> None:
    assert RestartCommand(("/nowhere/restart",))() is False
    assert "node_red.restart_command cannot be run" in caplog.text
