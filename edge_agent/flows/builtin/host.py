"""One node in its flow: built, started, called and stopped so that its failures stay its own."""

import asyncio
import concurrent.futures
import functools
import logging
import math
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import ValidationError

from edge_agent.flows.builtin.events import Fault, FlowEvents
from edge_agent.flows.builtin.loop import FlowLoop
from edge_agent.flows.builtin.nodes.base import AsyncNode, Node, NodeEnvironment, NodeError
from edge_agent.flows.language.clock import Clock
from edge_agent.flows.language.messages import Message, MessageRefused, bounded
from edge_agent.flows.language.nodes.base import MAX_WAITING
from edge_agent.flows.language.sentences import describe_faults

_log = logging.getLogger(__name__)

Tell = Callable[[str, str | None], None]
"""Takes a node's id, and what is wrong with it or None."""
Build = Callable[[NodeEnvironment], Node[Any]]
"""Makes a node for its surroundings. Raises NodeError, ValidationError."""

TOO_FAST: Final = "Messages come faster than this flow works them off, so some were dropped."
_NO_TARGETS: Final[Mapping[int, Sequence["NodeHost"]]] = {}


@dataclass(slots=True)
class Counts:
    """What a node did since it was started, and its last failure. Changed by the flow's thread, read by others."""

    received: int = 0
    sent: int = 0
    dropped: int = 0
    """Messages to this node that were lost, for too many waited or it was stuck, and those it made that cannot flow."""
    last_error: str = ""


@dataclass(slots=True)
class _Handling:
    """One message that an :class:`AsyncNode` is at."""

    message: Message
    future: concurrent.futures.Future[None] = field(init=False)


class NodeHost:
    """Holds one node. All methods run on the flow's thread unless they say otherwise, and none raises.

    ``targets`` are the hosts that each port is connected to; the flow fills them in once all hosts exist.
    """

    def __init__(
        self,
        node_id: str,
        build: Build,
        environment: NodeEnvironment,
        *,
        loop: FlowLoop,
        clock: Clock,
        tell: Tell,
        events: FlowEvents,
    ) -> None:
        self.node_id = node_id
        self.targets: Mapping[int, Sequence[NodeHost]] = _NO_TARGETS
        self.node: Node[Any] | None = None
        self.counts = Counts()
        self.waiting = 0
        """Messages that wait for this node in the flow's queue."""
        self._build = build
        self._environment = environment
        self._limit = environment.context.message_limit
        self._loop = loop
        self._clock = clock
        self._tell = tell
        self._events = events
        self._works = False
        self._error: str | None = None
        self._left_behind = False
        self._handling: list[_Handling] = []
        self._backlog: deque[Message] = deque()
        self._outside: deque[Callable[[], None]] = deque()

    def start(self) -> None:
        """Build the node and start it; one that cannot is unhealthy, and gets no messages."""
        self._works = self._guard(self._build_and_start, None, start=True)

    def stop(self) -> None:
        """Let the node clean up, also when it failed to start."""
        self._works = False
        self._backlog.clear()
        for handling in self._handling:
            handling.future.cancel()
        if self.node is not None and not self._left_behind:
            self._guard(self.node.stop, None)

    def deliver(self, message: Message) -> None:
        """Hand the node one message that waited in the queue."""
        self.waiting -= 1
        node = self.node
        if not self._works or node is None:
            return
        if self._left_behind:
            self.counts.dropped += 1
            return
        self.counts.received += 1
        if isinstance(node, AsyncNode):
            self._guard(functools.partial(self._begin_to_handle, node, message), message)
            return
        # As _guard does, without its cost: all that goes through a flow goes through here.
        try:
            node.receive(message)
        except Exception as fault:  # noqa: BLE001  whatever a node does, the rest of the flow goes on
            self._done(self._sentence(fault), message)
        else:
            if self._error is not None or self._left_behind:
                self._done(None, message)

    def leave_behind(self, seconds: float) -> None:
        """Note that the node's thread does not come back; what it is at then has no more to say. From any thread."""
        self._left_behind = True
        message = f"The node has been busy for {seconds:g} s with one thing, and gets no messages until it is done."
        self._loop.post(self._note, message, None, owner=None, always=True)

    # --- base.Emit and base.Schedule --------------------------------------------------------------------------------

    def emit(self, message: Message, *, port: int = 0) -> None:
        """See :class:`~edge_agent.flows.builtin.nodes.base.Emit`. From any thread."""
        if not message.is_bounded:
            try:
                bounded(message, self._limit)
            except MessageRefused as fault:
                self._drop(str(fault))
                raise NodeError(str(fault)) from None
        if not self._loop.in_charge:
            if not self._loop.post(self._emit_for_another_thread, message, port, owner=self):
                raise NodeError(TOO_FAST)
            return
        self.counts.sent += 1
        full = False
        for target in self.targets.get(port, ()):
            if target.waiting < MAX_WAITING and self._loop.post(target.deliver, message, owner=target):
                target.waiting += 1
            else:
                target.counts.dropped += 1
                full = True
        if full:
            raise NodeError(TOO_FAST)

    def _drop(self, reason: str) -> None:
        if not self._loop.in_charge:
            self._loop.post(self._drop, reason, owner=self, always=True)
            return
        self.counts.dropped += 1
        self.counts.last_error = reason  # also when the node takes no notice

    def soon(self, action: Callable[[], None]) -> None:
        """See :meth:`~edge_agent.flows.builtin.nodes.base.Schedule.soon`. From any thread."""
        if len(self._outside) >= MAX_WAITING:
            self.counts.dropped += 1
            if self._error is None:
                self._loop.post(self._note, TOO_FAST, None, always=True)
            return
        self._outside.append(action)
        self._loop.post(self._fire_next_of_outside, owner=self, always=True)

    def _fire_next_of_outside(self) -> None:
        self._fire(self._outside.popleft())

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        """See :meth:`~edge_agent.flows.builtin.nodes.base.Schedule.after`. From any thread."""
        self._loop.call_at(self._clock.now() + seconds, functools.partial(self._fire, action), owner=self)

    def every(self, seconds: float, action: Callable[[], None]) -> None:
        """See :meth:`~edge_agent.flows.builtin.nodes.base.Schedule.every`. From any thread."""
        self._repeat(self._clock.now(), seconds, action)

    def handle(self, message: Message) -> None:
        """See :meth:`~edge_agent.flows.builtin.nodes.base.Schedule.handle`. From any thread."""
        self._loop.post(self._handle_own, message, owner=self, always=True)

    def _handle_own(self, message: Message) -> None:
        node = self.node
        if isinstance(node, AsyncNode) and not self._loop.stopping:
            self._guard(functools.partial(self._begin_to_handle, node, message), message)

    def _emit_for_another_thread(self, message: Message, port: int) -> None:
        self._guard(functools.partial(self.emit, message, port=port), message)

    def _repeat(self, due: float, seconds: float, action: Callable[[], None]) -> None:
        def fire() -> None:
            self._fire(action)
            missed = max(0, math.floor((self._clock.now() - due) / seconds))
            self._repeat(due + (missed + 1) * seconds, seconds, action)

        self._loop.call_at(due, fire, owner=self)

    def _fire(self, action: Callable[[], None]) -> None:
        if self._works and not self._left_behind:
            self._guard(action, None)

    # --- Nodes that wait for the world ------------------------------------------------------------------------------

    def _begin_to_handle(self, node: AsyncNode[Any], message: Message) -> None:
        if len(self._handling) >= node.concurrency:
            if len(self._backlog) >= MAX_WAITING:
                self.counts.dropped += 1
                reason = "Messages come faster than this node works them off, so some were dropped."
                raise NodeError(reason)
            self._backlog.append(message)
            return
        handling = _Handling(message)
        try:
            handling.future = self._environment.context.io.submit(node.handle(message))
        except RuntimeError as error:
            reason = f"The device cannot begin what the node waits for: {error}"
            raise NodeError(reason) from error
        self._handling.append(handling)
        self.after(node.timeout_seconds, functools.partial(self._give_up, handling, node.timeout_seconds))
        handling.future.add_done_callback(
            lambda _: self._loop.post(self._handled, handling, owner=self, always=True),
        )

    def _give_up(self, handling: _Handling, seconds: float) -> None:
        if handling in self._handling:
            self._handling.remove(handling)
            handling.future.cancel()
            self._next_of_backlog()
            reason = f"A message was not handled within {seconds:g} s and is given up."
            raise NodeError(reason)

    def _handled(self, handling: _Handling) -> None:
        if handling in self._handling:
            self._handling.remove(handling)
            self._guard(handling.future.result, handling.message)
            self._next_of_backlog()

    def _next_of_backlog(self) -> None:
        node = self.node
        if self._works and self._backlog and isinstance(node, AsyncNode):
            message = self._backlog.popleft()
            self._guard(functools.partial(self._begin_to_handle, node, message), message)

    # --- Containment ------------------------------------------------------------------------------------------------

    def _build_and_start(self) -> None:
        try:
            self.node = self._build(self._environment)
        except ValidationError as error:
            raise NodeError("; ".join(describe_faults(error))) from None
        self.node.start(self.emit, self)

    def _guard(self, action: Callable[[], object], message: Message | None, *, start: bool = False) -> bool:
        """Do the action; tell how it went, unless the flow is ending."""
        try:
            action()
        except (asyncio.CancelledError, concurrent.futures.CancelledError):
            error = None if self._loop.stopping else "What the node waited for was cancelled."
        except Exception as fault:  # noqa: BLE001  whatever a node does, the rest of the flow goes on
            error = self._sentence(fault)
        else:
            error = None
        self._done(error, message, start=start)
        return error is None

    def _sentence(self, fault: Exception) -> str:
        if isinstance(fault, NodeError):
            return str(fault)
        _log.error("flow %s, node %s failed", self._environment.context.flow_id, self.node_id, exc_info=fault)
        return f"The node failed unexpectedly: {type(fault).__name__}: {fault}"

    def _done(self, error: str | None, message: Message | None, *, start: bool = False) -> None:
        """Note how an action of the node ended."""
        if self._left_behind and not self._loop.in_charge:
            self._loop.post(self._come_back, error, message, always=True)
            if self._loop.stopping and self.node is not None:
                self.node.stop()  # the flow could not wait for it
        elif (error is not None or self._error is not None) and not self._loop.stopping:
            self._note(error, None if start else message, start=start)

    def _come_back(self, error: str | None, message: Message | None) -> None:
        self._left_behind = False
        self._note(error, message)

    def _note(self, error: str | None, message: Message | None, *, start: bool = False) -> None:
        if self._loop.stopping:
            return
        if error is not None:
            self.counts.last_error = error
            handled = self._events.fault(Fault(node_id=self.node_id, error=error, message=message))
            if handled and not start:
                return
        changed, self._error = error != self._error, error
        if changed:
            self._tell(self.node_id, error)
            self._events.health(self.node_id, error)
