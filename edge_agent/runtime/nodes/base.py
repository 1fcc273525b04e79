"""What every node type is made of: settings, ports, and the calls the flow makes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Any, ClassVar, Final, Generic, Protocol, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict

from edge_agent.runtime.context import FlowContext
from edge_agent.runtime.events import FlowEvents
from edge_agent.runtime.messages import Message
from edgeflow.contract.durations import parse_duration

MIN_INTERVAL: Final = timedelta(seconds=1)
MAX_INTERVAL: Final = timedelta(days=7)
MAX_WAITING: Final = 1_000
"""Messages that may wait for one node."""
DEFAULT_TIMEOUT_SECONDS: Final = 60.0


class NodeError(Exception):
    """A node cannot do its work; the message is a sentence for the operator."""


def _read_interval(value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    if not isinstance(value, str):
        message = "write it like '1s', '5m' or '1h30m'"
        raise ValueError(message)  # noqa: TRY004  pydantic turns a ValueError, not a TypeError, into a fault
    interval = parse_duration(value)
    if not MIN_INTERVAL <= interval <= MAX_INTERVAL:
        message = "must be from 1s to 7d"
        raise ValueError(message)
    return interval


Interval = Annotated[timedelta, BeforeValidator(_read_interval)]
"""A time between two messages, from one second to seven days, written as a duration."""


class NodeSettings(BaseModel):
    """A node's ``config``: unknown keys are faults, and so are values of another type."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Emit(Protocol):
    """Sends a payload to the nodes connected to one of this node's ports."""

    def __call__(self, message: Message, *, port: int = 0) -> None:
        """Send the message on.

        Raises:
            NodeError: the flow has too many messages waiting; this one is dropped.
        """
        ...


class Schedule(Protocol):
    """A node's timers. They fire on the flow's thread, never while the node is busy, and end with the flow.

    Every method may be called from any thread.
    """

    def soon(self, action: Callable[[], None]) -> None:
        """Call the action once, after the messages that wait. When too many do, it is dropped and counted so."""
        ...

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        """Call the action once, so many seconds from now."""
        ...

    def every(self, seconds: float, action: Callable[[], None]) -> None:
        """Call the action now, as soon as the flow has started, and then again and again at this interval.

        Times that were missed are left out, and an action that fails is called again at its next time.
        """
        ...

    def handle(self, message: Message) -> None:
        """Have an :class:`AsyncNode` handle a message of its own, as if it had come in."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeEnvironment:
    """Where a node lives: its id, its device, the flow's variables in their types, and the flow's time in seconds.

    ``events`` tells what happens to the other nodes of the flow.
    """

    node_id: str
    context: FlowContext
    variables: Mapping[str, Any]
    now: Callable[[], float]
    events: FlowEvents = field(default_factory=FlowEvents)


SettingsT = TypeVar("SettingsT", bound=NodeSettings)


class Node(Generic[SettingsT]):
    """One node of a running flow. All calls come from the flow's thread, one after the other.

    A call that raises makes the node unhealthy and leaves the rest of the flow alone; the next call that
    returns makes it healthy again. ``NodeError`` says what is wrong in words for the operator.
    """

    settings_type: ClassVar[type[NodeSettings]]
    takes_messages: ClassVar[bool] = True

    def __init__(self, settings: SettingsT, environment: NodeEnvironment) -> None:
        self.settings = settings
        self.environment = environment

    @classmethod
    def ports(cls, settings: SettingsT) -> frozenset[int]:  # noqa: ARG003  some types have as many as they are told
        """Return the outputs that a node with these settings has; connections may start at no others."""
        return frozenset({0})

    def start(self, emit: Emit, schedule: Schedule) -> None:
        """Begin to work. A node that raises here stays unhealthy and gets no messages."""

    def receive(self, message: Message) -> None:
        """Take one message."""

    def stop(self) -> None:
        """Let go of what ``start`` took; called once at the flow's end when ``start`` was called."""


class AsyncNode(Node[SettingsT]):
    """A node whose work waits for something outside the flow, such as an answer by HTTP.

    ``handle`` takes the place of ``receive``. It runs on the asyncio loop that all flows of the device share, so it
    must wait by ``await``, and hand what blocks to :func:`edge_agent.runtime.io.in_thread`. Messages that come while
    ``concurrency`` others are being handled wait, up to ``MAX_WAITING``; beyond that they are dropped. A message that
    is not handled within ``timeout_seconds`` is given up and the node is unhealthy, as when ``handle`` raises.
    """

    @property
    def concurrency(self) -> int:
        """How many messages may be handled at once."""
        return 1

    @property
    def timeout_seconds(self) -> float:
        """How long one message may take, in seconds."""
        return DEFAULT_TIMEOUT_SECONDS

    async def handle(self, message: Message) -> None:
        """Take one message. Emitting is allowed; the node's other calls come from the flow's thread."""
