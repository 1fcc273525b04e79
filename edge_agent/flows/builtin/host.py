"""One node in its flow: built, started, called and stopped so that its failures stay its own."""

import asyncio
import concurrent.futures
import dataclasses
import functools
import logging
import math
import traceback
from collections import deque
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import ValidationError

from edge_agent.flows.builtin.events import Fault, FlowEvents
from edge_agent.flows.builtin.loop import FlowLoop
from edge_agent.flows.builtin.nodes.base import Action, AsyncNode, Node, NodeEnvironment, NodeError, Outcome
from edge_agent.flows.builtin.standing import Standing, Work
from edge_agent.flows.builtin.threads import Threads, TooMuchWork
from edge_agent.flows.language.clock import Clock
from edge_agent.flows.language.messages import Message, MessageRefused, bounded
from edge_agent.flows.language.sentences import describe_faults
from edgeflow.contract.nodes.base import MAX_WAITING

_log = logging.getLogger(__name__)

Tell = Callable[[str, str | None], None]
"""Takes a node's id, and what is wrong with it or None."""
Build = Callable[[NodeEnvironment], Node[Any]]
"""Makes a node for its surroundings. Raises NodeError, ValidationError."""

TOO_FAST: Final = "Messages come faster than this flow works them off, so some were dropped."
TOO_FAST_FOR_NODE: Final = "Messages come faster than this node works them off, so some were dropped."
_NO_TARGETS: Final[Mapping[int, Sequence["NodeHost"]]] = {}


@dataclass(slots=True)
class Counts:
    """What a node did since it was started, and its last failure. Changed by the flow's thread, read by others."""

    received: int = 0
    sent: int = 0
    dropped: int = 0
    """Messages to this node that were lost, for too many waited, it was stuck or says so, and those it made that cannot
    flow."""
    last_error: str = ""


@dataclass(slots=True, eq=False)
class _Handling:
    """One message that an :class:`AsyncNode` is at."""

    message: Message
    future: concurrent.futures.Future[Outcome | None] = field(init=False)


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
        threads: Threads,
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
        self._environment = dataclasses.replace(environment, dropped=self._note_dropped)
        self._limit = environment.context.message_limit
        self._loop = loop
        self._threads = threads
        self._clock = clock
        self._tell = tell
        self._events = events
        self._works = False
        self._standing = Standing()
        self._left_behind = False
        self._handling: list[_Handling] = []
        self._backlog: deque[Message] = deque()
        self._outside: deque[Action] = deque()

    def start(self) -> None:
        """Build the node and start it; one that cannot is unhealthy, and gets no messages."""
        self._works = self._guard(self._build_and_start, Work.START)

    def stop(self) -> None:
        """Let the node clean up, also when it failed to start."""
        self._works = False
        self._backlog.clear()
        for handling in self._handling:
            handling.future.cancel()
        if self.node is not None and not self._left_behind:
            self._guard(self.node.stop, Work.MESSAGE)

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
            self._guard(functools.partial(self._begin_to_handle, node, message), Work.MESSAGE, message)
            return
        # As _guard does, without its cost: all that goes through a flow goes through here.
        try:
            outcome = node.receive(message)
        except (Exception, SystemExit) as fault:  # noqa: BLE001  whatever a node does, the rest of the flow goes on
            self._done(Work.MESSAGE, message, error=self._sentence(fault))
        else:
            if self._standing.error is not None or self._left_behind:
                self._done(Work.MESSAGE, message, outcome)

    def leave_behind(self, seconds: float) -> None:
        """Note that the node's thread does not come back; what it is at then has no more to say. From any thread."""
        self._left_behind = True
        message = f"The node has been busy for {seconds:g} s with one thing, and gets no messages until it is done."
        self._loop.post(functools.partial(self._note, Work.BUSY, error=message), always=True)

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

    def _note_dropped(self, count: int) -> None:
        self.counts.dropped += count

    def _drop(self, reason: str) -> None:
        if not self._loop.in_charge:
            self._loop.post(self._drop, reason, owner=self, always=True)
            return
        self.counts.dropped += 1
        self.counts.last_error = self._environment.redact(reason)  # also when the node takes no notice

    def soon(self, action: Action) -> None:
        """See :meth:`~edge_agent.flows.builtin.nodes.base.Schedule.soon`. From any thread."""
        if len(self._outside) >= MAX_WAITING:
            self.counts.dropped += 1
            if not self._standing.is_failing(Work.MESSAGE):
                self._loop.post(functools.partial(self._note, Work.MESSAGE, error=TOO_FAST), always=True)
            return
        self._outside.append(action)
        self._loop.post(self._fire_next_of_outside, owner=self, always=True)

    def _fire_next_of_outside(self) -> None:
        self._fire(self._outside.popleft(), Work.MESSAGE)

    def after(self, seconds: float, action: Action) -> None:
        """See :meth:`~edge_agent.flows.builtin.nodes.base.Schedule.after`. From any thread."""
        self._loop.call_at(self._clock.now() + seconds, functools.partial(self._fire, action, Work.LATER), owner=self)

    def every(self, seconds: float, action: Action) -> None:
        """See :meth:`~edge_agent.flows.builtin.nodes.base.Schedule.every`. From any thread."""
        self._repeat(self._clock.now(), seconds, action, timer=object())

    def handle(self, message: Message) -> None:
        """See :meth:`~edge_agent.flows.builtin.nodes.base.Schedule.handle`. From any thread."""
        self._loop.post(self._handle_own, message, owner=self, always=True)

    def _handle_own(self, message: Message) -> None:
        node = self.node
        if isinstance(node, AsyncNode) and not self._loop.stopping:
            self._guard(functools.partial(self._begin_to_handle, node, message), Work.MESSAGE, message)

    def _emit_for_another_thread(self, message: Message, port: int) -> None:
        self._guard(functools.partial(self.emit, message, port=port), Work.EMIT, message)

    def _repeat(self, due: float, seconds: float, action: Action, *, timer: Hashable) -> None:
        def fire() -> None:
            self._fire(action, timer)
            missed = max(0, math.floor((self._clock.now() - due) / seconds))
            self._repeat(due + (missed + 1) * seconds, seconds, action, timer=timer)

        self._loop.call_at(due, fire, owner=self)

    def _fire(self, action: Action, work: Hashable) -> None:
        if self._works and not self._left_behind:
            self._guard(action, work)

    # --- Nodes that wait for the world ------------------------------------------------------------------------------

    def _begin_to_handle(self, node: AsyncNode[Any], message: Message) -> Outcome:
        if len(self._handling) >= node.concurrency:
            if len(self._backlog) >= MAX_WAITING:
                self.counts.dropped += 1
                raise NodeError(TOO_FAST_FOR_NODE)
            self._backlog.append(message)
            return Outcome.NOT_YET
        handling, limit = _Handling(message), node.timeout_seconds
        try:
            handling.future = self._environment.context.io.submit(
                self._threads.lend(functools.partial(node.handle, message))
            )
        except RuntimeError as error:
            reason = f"The device cannot begin what the node waits for: {error}"
            raise NodeError(reason) from error
        self._handling.append(handling)
        self._loop.call_at(self._clock.now() + limit, functools.partial(self._give_up, handling, limit), owner=self)
        handling.future.add_done_callback(
            lambda _: self._loop.post(self._handled, handling, owner=self, always=True),
        )
        return Outcome.NOT_YET

    def _give_up(self, handling: _Handling, seconds: float) -> None:
        if handling in self._handling:
            self._handling.remove(handling)
            handling.future.cancel()
            reason = f"A message was not handled within {seconds:g} s and is given up."
            self._done(Work.MESSAGE, handling.message, error=reason)
            self._next_of_backlog()

    def _handled(self, handling: _Handling) -> None:
        if handling in self._handling:
            self._handling.remove(handling)
            self._guard(functools.partial(self._result, handling), Work.MESSAGE, handling.message)
            self._next_of_backlog()

    def _result(self, handling: _Handling) -> Outcome:
        try:
            return handling.future.result() or Outcome.DONE
        except TooMuchWork:
            self.counts.dropped += 1
            raise NodeError(TOO_FAST_FOR_NODE) from None

    def _next_of_backlog(self) -> None:
        node = self.node
        if self._works and self._backlog and isinstance(node, AsyncNode):
            message = self._backlog.popleft()
            self._guard(functools.partial(self._begin_to_handle, node, message), Work.MESSAGE, message)

    # --- Containment ------------------------------------------------------------------------------------------------

    def _build_and_start(self) -> None:
        try:
            self.node = self._build(self._environment)
        except ValidationError as error:
            raise NodeError("; ".join(describe_faults(error))) from None
        self.node.start(self.emit, self)

    def _guard(self, action: Action, work: Hashable, message: Message | None = None) -> bool:
        """Do the action; note how it went, unless the flow is ending; returns whether it did not fail."""
        error: str | None = None
        outcome: Outcome | None = None
        try:
            outcome = action()
        except (asyncio.CancelledError, concurrent.futures.CancelledError):
            if not self._loop.stopping:
                error = "What the node waited for was cancelled."
        except (Exception, SystemExit) as fault:  # noqa: BLE001  whatever a node does, the rest of the flow goes on
            error = self._sentence(fault)
        self._done(work, message, outcome, error=error)
        return error is None

    def _sentence(self, fault: BaseException) -> str:
        if isinstance(fault, NodeError):
            return str(fault)
        trace = "".join(traceback.format_exception(fault))
        told = self._environment.redact(trace)
        if told == trace:
            _log.error("flow %s, node %s failed", self._environment.context.flow_id, self.node_id, exc_info=fault)
        else:  # the exception itself shows a secret
            _log.error("flow %s, node %s failed\n%s", self._environment.context.flow_id, self.node_id, told.rstrip())
        return f"The node failed unexpectedly: {type(fault).__name__}: {fault}"

    def _done(
        self, work: Hashable, message: Message | None, outcome: Outcome | None = None, *, error: str | None = None
    ) -> None:
        """Note how an action of the node ended."""
        if self._left_behind and not self._loop.in_charge:
            come_back = functools.partial(self._come_back, work, message, outcome, error=error)
            self._loop.post(come_back, always=True)
            if self._loop.stopping and self.node is not None:
                self.node.stop()  # the flow could not wait for it
        elif error is not None or self._standing.error is not None:
            self._note(work, message, outcome, error=error)

    def _come_back(
        self, work: Hashable, message: Message | None, outcome: Outcome | None, *, error: str | None
    ) -> None:
        self._left_behind = False
        self._note(work, message, outcome, error=error)
        self._note(Work.BUSY)  # last: a node that failed meanwhile was never well in between

    def _note(
        self,
        work: Hashable,
        message: Message | None = None,
        outcome: Outcome | None = None,
        *,
        error: str | None = None,
    ) -> None:
        if self._loop.stopping:
            return
        if error is not None:
            error = self._environment.redact(error)
        before = self._standing.error
        if error is None:
            self._standing.returned(work, outcome)
        else:
            self.counts.last_error = error
            handled = self._events.fault(Fault(node_id=self.node_id, error=error, message=message))
            if handled and work is not Work.START:
                return
            self._standing.failed(work, error)
        now = self._standing.error
        if now != before:
            self._tell(self.node_id, now)
            self._events.health(self.node_id, now)
