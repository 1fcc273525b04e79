"""One running flow: its nodes, the messages between them, and how each node is."""

import logging
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from edge_agent.clock import Clock
from edge_agent.config import Hardware
from edge_agent.errors import NodeError
from edge_agent.nodes.base import Context, Message, Node, Publish
from edge_agent.plan import Plan
from edge_agent.schedule import Schedule, Timer

RECOVERY_SECONDS: Final = 30.0
"""A node that failed counts as healthy again when it has not failed for this long."""
MAX_WAITING_MESSAGES: Final = 10_000
MESSAGES_A_TURN: Final = 500  # then the other flows get their turn; a loop of wires must not starve them
MAX_ERROR_LENGTH: Final = 512  # contract: NodeHealth.error

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """What all flows of a device share."""

    device_id: str
    hardware: Hardware
    clock: Clock
    schedule: Schedule
    publish: Publish


@dataclass(slots=True)
class _Running:
    """A node and how it is. ``failed_at`` is monotonic, in seconds; ``broken``: it never started."""

    node: Node | None = None
    error: str = ""
    failed_at: float | None = None
    broken: bool = False
    timers: list[Timer] = field(default_factory=list)


class RunningFlow:
    """A flow that runs. Every method is called on the schedule's thread."""

    def __init__(self, flow_id: str, plan: Plan, environment: Environment, on_change: Callable[[], None]) -> None:
        """Nothing runs until :meth:`start`; ``on_change`` is called when the flow's health may have changed."""
        self._flow_id = flow_id
        self._plan = plan
        self._environment = environment
        self._on_change = on_change
        self._nodes = {planned.node_id: _Running() for planned in plan.nodes}
        self._waiting: deque[tuple[str, Message]] = deque()
        self._working = False
        self._stopped = False
        self._healthy_from: float | None = None

    def start(self) -> None:
        """Start every node; one that cannot start is unhealthy and disturbs no other."""
        self._healthy_from = self._environment.clock.monotonic()
        self._working = True  # messages sent while others are not there yet wait
        for planned in self._plan.nodes:
            running = self._nodes[planned.node_id]

            def begin(node_id: str = planned.node_id, running: _Running = running) -> None:
                running.node = planned.type.make(planned.config, self._context(node_id))
                running.node.start()

            if not self._guard(planned.node_id, begin):
                running.broken = True
        self._working = False
        self._work()

    def stop(self) -> None:
        """Stop every node and drop what waits."""
        for node_id, running in self._nodes.items():
            for timer in running.timers:
                timer.cancel()
            if running.node is not None:
                self._guard(node_id, running.node.stop)
        self._stopped = True
        self._waiting.clear()

    def errors(self) -> dict[str, str]:
        """Return the error of every node that is not well now."""
        return {node_id: running.error for node_id, running in self._nodes.items() if self._is_failed(running)}

    def healthy_seconds(self) -> float | None:
        """Return how long every node has been well; None when one is not."""
        if self._healthy_from is None or self.errors():
            return None
        return self._environment.clock.monotonic() - self._healthy_from

    def node(self, node_id: str) -> Node | None:
        """Return a running node, to look at."""
        return self._nodes[node_id].node

    def _is_failed(self, running: _Running) -> bool:
        if running.broken:
            return True
        now = self._environment.clock.monotonic()
        return running.failed_at is not None and now - running.failed_at < RECOVERY_SECONDS

    def _guard(self, node_id: str, call: Callable[[], None]) -> bool:
        """Call into a node. Whatever goes wrong in it is its own failure; False then."""
        try:
            call()
        except NodeError as error:
            self._failed(node_id, str(error))
            return False
        except Exception as error:
            # Node code is the one thing here that may do anything; a bug in it must not take the other flows along.
            log.exception("node %s of flow %s failed", node_id, self._flow_id)
            self._failed(node_id, f"{type(error).__name__}: {error}")
            return False
        return True

    def _failed(self, node_id: str, error: str) -> None:
        if self._stopped:
            return
        running = self._nodes[node_id]
        was_well = not self._is_failed(running)
        now = self._environment.clock.monotonic()
        running.error, running.failed_at = error[:MAX_ERROR_LENGTH], now
        self._healthy_from = now + RECOVERY_SECONDS
        if was_well:
            log.warning("node %s of flow %s is unhealthy: %s", node_id, self._flow_id, error)
            self._on_change()
            self._look_again(node_id)

    def _look_again(self, node_id: str) -> None:
        """Tell of the change when the node has recovered by then."""
        running = self._nodes[node_id]

        def look() -> None:
            if self._stopped or running.broken or running.failed_at is None:
                return
            if self._is_failed(running):
                self._look_again(node_id)
            else:
                running.failed_at = None
                self._on_change()

        now = self._environment.clock.monotonic()
        due = (running.failed_at if running.failed_at is not None else now) + RECOVERY_SECONDS
        self._environment.schedule.after(max(0.0, due - now), look)

    def _context(self, node_id: str) -> Context:
        environment = self._environment

        def send(message: Message, port: int = 0) -> None:
            for target in self._plan.wires.get((node_id, port), ()):
                if len(self._waiting) >= MAX_WAITING_MESSAGES:
                    text = "messages come faster than the flow can take them; do its wires form a loop?"
                    raise NodeError(text)
                self._waiting.append((target, message))
            self._work()

        def after(seconds: float, call: Callable[[], None]) -> Timer:
            timers = self._nodes[node_id].timers

            def due() -> None:
                timers.remove(timer)
                if not self._stopped:
                    self._guard(node_id, call)

            timer = environment.schedule.after(seconds, due)
            timers.append(timer)
            return timer

        def every(seconds: float, call: Callable[[], None]) -> None:
            def again() -> None:
                after(seconds, again)  # first, so that a failed call is not the last
                call()

            after(0, again)

        def fail(error: str) -> None:
            # It may come from any thread, and after the flow has ended.
            environment.schedule.after(0, lambda: self._failed(node_id, error))

        return Context(
            device_id=environment.device_id,
            flow_id=self._flow_id,
            node_id=node_id,
            variables=self._plan.variables,
            hardware=environment.hardware,
            clock=environment.clock,
            random=random.Random(f"{environment.device_id}/{self._flow_id}/{node_id}"),  # noqa: S311  no secret
            log=logging.LoggerAdapter(log, {"flow_id": self._flow_id, "node_id": node_id}),
            send=send,
            after=after,
            every=every,
            publish=environment.publish,
            fail=fail,
        )

    def _work(self) -> None:
        if self._working or self._stopped:
            return
        self._working = True
        for _ in range(MESSAGES_A_TURN):
            if not self._waiting:
                break
            node_id, message = self._waiting.popleft()
            node = self._nodes[node_id].node
            if node is not None and not self._nodes[node_id].broken:
                self._guard(node_id, lambda node=node, message=message: node.receive(message))  # type: ignore[misc]
        self._working = False
        if self._waiting:
            self._environment.schedule.after(0, self._work)
