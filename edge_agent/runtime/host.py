"""One node in its flow: built, started, called and stopped so that its failures stay its own."""

import functools
import logging
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from edge_agent.runtime.clock import Clock
from edge_agent.runtime.loop import FlowLoop
from edge_agent.runtime.messages import Message
from edge_agent.runtime.nodes import NODE_TYPES
from edge_agent.runtime.nodes.base import Node, NodeEnvironment, NodeError
from edge_agent.runtime.sentences import describe_faults
from edgeflow.contract.flow import Node as NodeDefinition

_log = logging.getLogger(__name__)

Tell = Callable[[str, str | None], None]
"""Takes a node's id, and what is wrong with it or None."""


class NodeHost:
    """Holds one node. All methods run on the flow's thread, and none raises.

    ``targets`` are the hosts that each port is connected to; the flow fills them in once all hosts exist.
    """

    def __init__(
        self,
        definition: NodeDefinition,
        environment: NodeEnvironment,
        *,
        loop: FlowLoop,
        clock: Clock,
        tell: Tell,
    ) -> None:
        self.definition = definition
        self.targets: Mapping[int, Sequence[NodeHost]] = {}
        self.node: Node[Any] | None = None
        self._environment = environment
        self._loop = loop
        self._clock = clock
        self._tell = tell
        self._works = False

    def start(self) -> None:
        """Build the node and start it; one that cannot is unhealthy, and gets no messages."""
        self._works = self._guard(self._build_and_start)

    def stop(self) -> None:
        """Let the node clean up, also when it failed to start."""
        self._works = False
        node = self.node
        if node is not None:
            self._guard(node.stop)

    def deliver(self, message: Message) -> None:
        """Hand the node one message."""
        node = self.node
        if self._works and node is not None:
            self._guard(functools.partial(node.receive, message))

    def emit(self, message: Message, *, port: int = 0) -> None:
        """See :class:`~edge_agent.runtime.nodes.base.Emit`."""
        for target in self.targets.get(port, ()):
            if not self._loop.post(functools.partial(target.deliver, message)):
                reason = "Messages come faster than this flow works them off, so some were dropped."
                raise NodeError(reason)

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        """See :meth:`~edge_agent.runtime.nodes.base.Schedule.after`."""
        self._loop.call_at(self._clock.now() + seconds, functools.partial(self._fire, action))

    def every(self, seconds: float, action: Callable[[], None]) -> None:
        """See :meth:`~edge_agent.runtime.nodes.base.Schedule.every`."""
        self._repeat(self._clock.now(), seconds, action)

    def _repeat(self, due: float, seconds: float, action: Callable[[], None]) -> None:
        def fire() -> None:
            self._fire(action)
            missed = max(0, math.floor((self._clock.now() - due) / seconds))
            self._repeat(due + (missed + 1) * seconds, seconds, action)

        self._loop.call_at(due, fire)

    def _fire(self, action: Callable[[], None]) -> None:
        if self._works:
            self._guard(action)

    def _build_and_start(self) -> None:
        node_type = NODE_TYPES.get(self.definition.type)
        if node_type is None:
            message = f"This agent has no node type {self.definition.type!r}."
            raise NodeError(message)
        try:
            settings = node_type.settings_type.model_validate(self.definition.config)
        except ValidationError as error:
            raise NodeError("; ".join(describe_faults(error))) from None
        self.node = node_type(settings, self._environment)
        self.node.start(self.emit, self)

    def _guard(self, action: Callable[[], None]) -> bool:
        """Do the action; tell how it went, unless the flow is ending."""
        error: str | None = None
        try:
            action()
        except NodeError as fault:
            error = str(fault)
        except Exception as fault:  # noqa: BLE001  whatever a node does, the rest of the flow goes on
            _log.exception("flow %s, node %s failed", self._environment.context.flow_id, self.definition.id)
            error = f"The node failed unexpectedly: {type(fault).__name__}: {fault}"
        if not self._loop.stopping:
            self._tell(self.definition.id, error)
        return error is None
