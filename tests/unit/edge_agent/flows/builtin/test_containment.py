"""A node that hangs, floods or waits: it is named, and the others go on."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest

from edge_agent.flows.builtin.context import FlowContext
from edge_agent.flows.builtin.flow import STUCK_SECONDS, RunningFlow
from edge_agent.flows.builtin.io import IoLoop
from edge_agent.flows.builtin.nodes import NODE_TYPES
from edge_agent.flows.builtin.nodes.base import AsyncNode, Emit, Node, Schedule
from edge_agent.flows.builtin.nodes.debug import DebugNode
from edge_agent.flows.language.messages import Message
from edge_agent.flows.language.nodes.registry import NodeTypes
from edge_agent.flows.stuck_nodes import STUCK_IO_SECONDS, StuckNodes
from edgeflow.contract.nodes.base import MAX_WAITING, NodeSettings
from edgeflow.contract.report import Health
from tests.support.waiting import wait_for
from tests.unit.edge_agent.flows.builtin.bench import DEVICE_ID, FLOW_ID, PATIENCE_SECONDS, artifact, node


class Gate:
    """What the nodes of a test wait at."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.reached = threading.Semaphore(0)

    def pass_through(self) -> None:
        self.reached.release()
        assert self.open.wait(PATIENCE_SECONDS)

    def wait_until_reached(self) -> None:
        assert self.reached.acquire(timeout=PATIENCE_SECONDS)


class Plain(NodeSettings):
    """No settings."""


class Hangs(Node[Plain]):
    """Blocks in whatever it is asked for, until the gate opens; then it sends the message on."""

    settings_type: ClassVar[type[NodeSettings]] = Plain
    gate: ClassVar[Gate]
    _emit: Emit

    def start(self, emit: Emit, schedule: Schedule) -> None:  # noqa: ARG002  part of the interface
        self._emit = emit

    def receive(self, message: Message) -> None:
        self.gate.pass_through()
        self._emit(message)


class HangsAtStart(Hangs):
    """The same, in its start."""

    def start(self, emit: Emit, schedule: Schedule) -> None:
        self.gate.pass_through()
        super().start(emit, schedule)

    def receive(self, message: Message) -> None:
        self._emit(message)


class Floods(Node[Plain]):
    """Sends more at once than any node may have waiting."""

    settings_type: ClassVar[type[NodeSettings]] = Plain
    takes_messages: ClassVar[bool] = False

    def start(self, emit: Emit, schedule: Schedule) -> None:
        def flood() -> None:
            for number in range(MAX_WAITING + 50):
                emit(Message(payload=number, source=self.environment.node_id))

        schedule.after(0, flood)


class Waits(AsyncNode[Plain]):
    """Waits for its turn, then sends the message on; ``None`` as payload makes it wait for ever, ``"block"`` block."""

    settings_type: ClassVar[type[NodeSettings]] = Plain
    gate: ClassVar[Gate]
    _emit: Emit

    @property
    def timeout_seconds(self) -> float:
        return 0.05

    def start(self, emit: Emit, schedule: Schedule) -> None:  # noqa: ARG002  part of the interface
        self._emit = emit

    async def handle(self, message: Message) -> None:
        if message.payload is None:
            await asyncio.Event().wait()
        if message.payload == "block":
            self.gate.pass_through()
        if message.payload == "exit":
            raise SystemExit
        if message.payload == "fail":
            text = "no such host"
            raise OSError(text)
        self._emit(message)


class Exits(Node[Plain]):
    """Would end the program."""

    settings_type: ClassVar[type[NodeSettings]] = Plain

    def receive(self, message: Message) -> None:  # noqa: ARG002  part of the interface
        raise SystemExit


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """Node types of these tests, and the gate they stand at; opened in the end, so that no thread stays."""
    made = Gate()
    for node_type in (Hangs, HangsAtStart, Waits):
        monkeypatch.setattr(node_type, "gate", made, raising=False)
    types = {"hangs": Hangs, "hangs_at_start": HangsAtStart, "floods": Floods, "exits": Exits, "waits": Waits}
    places = {name: f"{__name__}:{each.__name__}" for name, each in types.items()}
    monkeypatch.setattr("edge_agent.flows.builtin.flow.NODE_TYPES", NodeTypes(Node, {**NODE_TYPES.built_in, **places}))
    yield made
    made.open.set()
    until(lambda: not _threads(), "no thread of a flow is left")


def until(holds: Callable[[], object], what: str) -> None:
    """Wait until a condition holds."""
    wait_for(lambda: holds() or None, what=what, seconds=PATIENCE_SECONDS)


def _threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == f"flow-{FLOW_ID}"]


MakeFlow = Callable[..., RunningFlow]


@pytest.fixture
def make(gate: Gate) -> Iterator[MakeFlow]:
    """Make a flow of nodes and the pairs that are connected; stopped in the end."""
    io, made = IoLoop(), []

    def make_flow(*nodes: dict[str, Any], connections: list[tuple[str, str]], io: IoLoop = io) -> RunningFlow:
        made.append(_flow(io, *nodes, connections=connections))
        return made[-1]

    yield make_flow
    gate.open.set()
    for flow in made:
        flow.stop()
    io.stop()


def _flow(io: IoLoop, *nodes: dict[str, Any], connections: list[tuple[str, str]]) -> RunningFlow:
    definition = {"nodes": list(nodes), "connections": [{"source": a, "target": b} for a, b in connections]}
    context = FlowContext(device_id=DEVICE_ID, flow_id=FLOW_ID, hardware={}, publish=lambda *_, **__: None, io=io)
    return RunningFlow(artifact(definition), context, on_change=lambda: None)


def _payloads(flow: RunningFlow, node_id: str) -> list[object]:
    debug = flow.node(node_id)
    return [message.payload for message in debug.messages] if isinstance(debug, DebugNode) else []


def _errors(flow: RunningFlow) -> dict[str, str]:
    return {each.node_id: each.error for each in flow.health()[1]}


@pytest.mark.slow
def test_a_node_that_hangs_is_named_and_the_others_go_on_until_it_comes_back(gate: Gate, make: MakeFlow) -> None:
    flow = make(
        node("in", "inject", payload=1),
        node("stuck", "hangs"),
        node("after", "debug"),
        node("tick", "inject", interval="1s", payload=2),
        node("other", "debug"),
        connections=[("in", "stuck"), ("stuck", "after"), ("tick", "other")],
    )
    flow.start()
    gate.wait_until_reached()
    flow.watch(100.0)
    flow.watch(100.0 + STUCK_SECONDS - 0.1)
    assert _errors(flow) == {}, "it may take that long"
    flow.watch(100.0 + STUCK_SECONDS)
    until(lambda: len(_payloads(flow, "other")) >= 2, "the other nodes are at work")
    assert list(_errors(flow)) == ["stuck"]
    assert "busy for 5 s" in _errors(flow)["stuck"]
    assert len(_threads()) == 2
    gate.open.set()
    until(lambda: _payloads(flow, "after") == [1], "what it did is not lost")
    until(lambda: flow.health()[0] is Health.HEALTHY, "it is well again")
    assert len(_threads()) == 1


def test_a_node_that_hangs_in_its_start_lets_the_flow_start(gate: Gate, make: MakeFlow) -> None:
    flow = make(
        node("stuck", "hangs_at_start"), node("in", "inject"), node("out", "debug"), connections=[("in", "out")]
    )
    flow.start()
    gate.wait_until_reached()
    assert flow.health()[0] is Health.STARTING
    flow.watch(0.0)
    flow.watch(STUCK_SECONDS)
    until(lambda: _payloads(flow, "out") == [None], "the others have started")
    assert flow.health()[0] is Health.UNHEALTHY


@pytest.mark.slow
def test_a_flow_that_is_only_busy_is_left_alone(gate: Gate, make: MakeFlow) -> None:
    flow = make(node("in", "inject", interval="1s"), node("stuck", "hangs"), connections=[("in", "stuck")])
    flow.start()
    gate.wait_until_reached()
    flow.watch(0.0)
    gate.open.set()
    gate.wait_until_reached()  # the next message: another thing than before
    flow.watch(STUCK_SECONDS)
    assert len(_threads()) == 1
    assert _errors(flow) == {}


@pytest.mark.slow
def test_messages_to_a_node_that_hangs_are_dropped_and_counted(gate: Gate, make: MakeFlow) -> None:
    flow = make(node("in", "inject", interval="1s"), node("stuck", "hangs"), connections=[("in", "stuck")])
    flow.start()
    gate.wait_until_reached()
    flow.watch(0.0)
    flow.watch(STUCK_SECONDS)
    until(lambda: flow.activity().dropped > 0, "one is dropped")
    (dropping,) = [each for each in flow.activity().nodes if each.dropped]
    assert dropping.node_id == "stuck"


def test_a_flood_is_bounded_counted_and_the_fault_of_who_floods(gate: Gate, make: MakeFlow) -> None:
    flow = make(node("source", "floods"), node("out", "debug"), connections=[("source", "out")])
    flow.start()
    until(lambda: flow.health()[0] is Health.UNHEALTHY, "somebody is at fault")
    assert list(_errors(flow)) == ["source"]
    out = wait_for(
        lambda: next((each for each in flow.activity().nodes if each.node_id == "out" and each.dropped), None),
        what="the drop is counted",
        seconds=PATIENCE_SECONDS,
    )
    assert out.dropped == 1, "the first that is refused ends the flood, for it raises"


def test_a_node_that_waits_holds_nobody_up_and_is_given_up_in_time(gate: Gate, make: MakeFlow) -> None:
    flow = make(
        node("never", "inject", payload=None),
        node("soon", "inject", payload=3),
        node("a", "waits"),
        node("b", "waits"),
        node("out", "debug"),
        connections=[("never", "a"), ("soon", "b"), ("b", "out")],
    )
    flow.start()
    until(lambda: _payloads(flow, "out") == [3], "the other one's message is through")
    until(lambda: "a" in _errors(flow), "it is given up")
    assert _errors(flow) == {"a": "A message was not handled within 0.05 s and is given up."}


def test_what_a_waiting_node_raises_is_its_own_fault(gate: Gate, make: MakeFlow) -> None:
    flow = make(node("in", "inject", payload="fail"), node("a", "waits"), connections=[("in", "a")])
    flow.start()
    until(lambda: _errors(flow), "it failed")
    assert _errors(flow) == {"a": "The node failed unexpectedly: OSError: no such host"}


@pytest.mark.slow
def test_a_node_that_blocks_where_it_should_wait_does_not_hold_up_the_others(gate: Gate, make: MakeFlow) -> None:
    io = IoLoop()
    flow = make(
        node("block", "inject", payload="block"),
        node("again", "inject", interval="1s", payload=4),
        node("a", "waits"),
        node("b", "waits"),
        node("out", "debug"),
        connections=[("block", "a"), ("again", "b"), ("b", "out")],
        io=io,
    )
    flow.start()
    gate.wait_until_reached()
    stuck = StuckNodes(lambda: [flow], io)
    stuck.look(0.0)
    stuck.look(STUCK_IO_SECONDS)
    before = len(_payloads(flow, "out"))
    until(lambda: len(_payloads(flow, "out")) > before, "b is at work again")
    until(lambda: "a" in _errors(flow), "it is told which node it was")
    gate.open.set()
    io.stop()


@pytest.mark.parametrize("exits", ["waits", "exits"])
@pytest.mark.slow
def test_a_node_that_would_end_the_program_is_at_fault_and_the_others_go_on(
    make: MakeFlow, gate: Gate, exits: str
) -> None:
    flow = make(
        node("in", "inject", payload="exit"),
        node("a", exits),
        node("tick", "inject", interval="1s", payload=2),
        node("b", "waits"),
        node("out", "debug"),
        connections=[("in", "a"), ("tick", "b"), ("b", "out")],
    )
    flow.start()
    until(lambda: len(_payloads(flow, "out")) >= 2, "the others are at work")
    assert _errors(flow) == {"a": "The node failed unexpectedly: SystemExit: "}
