"""What every node that runs here is made of: its surroundings, and the calls the flow makes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, Protocol

from edge_agent.flows.builtin.context import FlowContext
from edge_agent.flows.builtin.events import FlowEvents
from edge_agent.flows.language.messages import Message
from edge_agent.flows.language.secrets import Redactor
from edgeflow.contract.nodes.kind import NodeKind, SettingsT

DEFAULT_TIMEOUT_SECONDS: Final = 60.0
GIVE_UP_SECONDS: Final = 1.0
"""A node with a time-out of its own is given up so much later: its own sentence says more, unless its loop is stuck."""


class NodeError(Exception):
    """A node cannot do its work; the message is a sentence for the operator."""


class Outcome(Enum):
    """What a call says of the node's work, by returning it. A call that returns nothing succeeded in what it is for.

    That is: a message that was taken makes up for one that could not be, and a timer for its own failures, but neither
    for the other's. Whoever knows more says so.
    """

    DONE = "done"
    """What messages ask of the node has succeeded just now, whichever call did it."""
    NOT_YET = "not yet"
    """It is under way, or was not tried: no evidence, so the node is as healthy as before."""


Action = Callable[[], Outcome | None]
"""What a node has done at another time."""


class Emit(Protocol):
    """Sends a payload to the nodes connected to one of this node's ports."""

    def __call__(self, message: Message, *, port: int = 0) -> None:
        """Send the message on.

        Raises:
            NodeError: the message is too large or no JSON, or too many wait in the flow; it is dropped, and counted.
        """
        ...


class Schedule(Protocol):
    """A node's timers. They fire on the flow's thread, never while the node is busy, and end with the flow.

    Every method may be called from any thread.
    """

    def soon(self, action: Action) -> None:
        """Call the action once, after the messages that wait. When too many do, it is dropped and counted so."""
        ...

    def after(self, seconds: float, action: Action) -> None:
        """Call the action once, so many seconds from now. Its success makes up for failures of such timers alone."""
        ...

    def every(self, seconds: float, action: Action) -> None:
        """Call the action now, as soon as the flow has started, and then again and again at this interval.

        Times that were missed are left out, and an action that fails is called again at its next time: the node is
        unhealthy until then, whatever else succeeds.
        """
        ...

    def handle(self, message: Message) -> None:
        """Have an :class:`AsyncNode` handle a message of its own, as if it had come in."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeEnvironment:
    """Where a node lives: its id, its device, the flow's variables in their types, and the flow's time in seconds.

    ``events`` tells what happens to the other nodes of the flow. ``redact`` takes the values of the flow's secrets out
    of texts: all that a node logs goes through it; a ``NodeError`` does by itself. ``dropped`` notes that so many
    messages which the node had taken are lost, to be called on the flow's thread.
    """

    node_id: str
    context: FlowContext
    variables: Mapping[str, Any]
    now: Callable[[], float]
    events: FlowEvents = field(default_factory=FlowEvents)
    redact: Redactor = field(default_factory=Redactor)
    dropped: Callable[[int], None] = lambda _: None


class Node(NodeKind[SettingsT]):
    """One node of a running flow. All calls come from the flow's thread, one after the other.

    A call that raises makes the node unhealthy and leaves the rest of the flow alone, until a call of the same kind
    succeeds (see :class:`Outcome`). ``NodeError`` says what is wrong in words for the operator.
    """

    def __init__(self, settings: SettingsT, environment: NodeEnvironment) -> None:
        self.settings = settings
        self.environment = environment

    def start(self, emit: Emit, schedule: Schedule) -> None:
        """Begin to work. A node that raises here stays unhealthy and gets no messages."""

    def receive(self, message: Message) -> Outcome | None:
        """Take one message."""

    def stop(self) -> None:
        """Let go of what ``start`` took; called once at the flow's end when ``start`` was called."""


class AsyncNode(Node[SettingsT]):
    """A node whose work waits for something outside the flow, such as an answer by HTTP.

    ``handle`` takes the place of ``receive``. It runs on the asyncio loop that all flows of the device share, so it
    must wait by ``await``, and hand what blocks to :func:`edge_agent.runtime.io.in_thread`. Messages that come while
    ``concurrency`` others are being handled wait, up to ``MAX_WAITING``; beyond that they are dropped. A message that
    is not handled within ``timeout_seconds`` is given up and the node is unhealthy, as when ``handle`` raises, until
    ``handle`` has returned for another one: that it has begun says nothing.
    """

    @classmethod
    def seconds_to_fail(cls, settings: SettingsT) -> float:  # noqa: ARG003  types that know more say so
        """See the base: as long as a message may take, unless a type says otherwise."""
        return DEFAULT_TIMEOUT_SECONDS

    @property
    def concurrency(self) -> int:
        """How many messages may be handled at once."""
        return 1

    @property
    def timeout_seconds(self) -> float:
        """How long one message may take, in seconds."""
        return DEFAULT_TIMEOUT_SECONDS

    async def handle(self, message: Message) -> Outcome | None:
        """Take one message; returning nothing is :attr:`Outcome.DONE`.

        Emitting is allowed; the node's other calls come from the flow's thread.
        """
