"""One node by itself: fed with payloads, its timers under the test's hand."""

import functools
import heapq
import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from edge_agent.flows.builtin.context import FlowContext
from edge_agent.flows.builtin.nodes import NODE_TYPES
from edge_agent.flows.builtin.nodes.base import Action, NodeEnvironment, NodeError
from edge_agent.flows.language.messages import Message

NODE_ID: Final = "it"


class SingleNode:
    """Starts a node; ``start_error`` and ``errors`` hold what it said was wrong."""

    def __init__(
        self,
        node_type: str,
        config: Mapping[str, Any],
        *,
        variables: Mapping[str, Any] | None = None,
        hardware: Mapping[str, Any] | None = None,
        muted: bool = False,
        files: Path | None = None,
    ) -> None:
        self.now = 0.0
        self.muted = muted
        self.sent: list[Message] = []
        self.errors: list[str] = []
        self.start_error: str | None = None
        self._order = itertools.count()
        self._timers: list[tuple[float, int, float | None, Action]] = []
        context = FlowContext(
            device_id="dev_001",
            flow_id="flow_abc123",
            hardware=hardware or {},
            publish=lambda *_, **__: None,
            muted=lambda: self.muted,
            files=files,
        )
        environment = NodeEnvironment(node_id=NODE_ID, context=context, variables=variables or {}, now=lambda: self.now)
        kind = NODE_TYPES[node_type]
        self.node = kind(kind.settings_type.model_validate(config), environment)
        try:
            self.node.start(self._emit, self)
        except NodeError as error:
            self.start_error = str(error)

    def send(self, *payloads: Any, metadata: Mapping[str, str] | None = None) -> None:  # noqa: ANN401  any JSON
        """Hand it one message after the other."""
        for payload in payloads:
            message = Message(payload=payload, source="in", metadata=metadata or {})
            self._guard(functools.partial(self.node.receive, message))

    def take(self) -> list[Any]:
        """Return the payloads sent since the last call."""
        payloads = [message.payload for message in self.sent]
        self.sent.clear()
        return payloads

    def answers(self, *payloads: Any) -> list[Any]:  # noqa: ANN401  any JSON
        """Return what it sends for these payloads."""
        self.send(*payloads)
        return self.take()

    def advance(self, seconds: float) -> None:
        """Let so much time pass; timers fire at their time."""
        end = self.now + seconds
        while self._timers and self._timers[0][0] <= end:
            due, _, interval, action = heapq.heappop(self._timers)
            self.now = max(self.now, due)
            if interval is not None:
                self._set(due + interval, interval, action)
            self._guard(action)
        self.now = end

    def soon(self, action: Action) -> None:
        self._guard(action)

    def handle(self, message: Message) -> None:
        problem = f"{NODE_ID} takes its messages by receive, and yet {message.payload!r} is to be handled"
        raise AssertionError(problem)

    def after(self, seconds: float, action: Action) -> None:
        self._set(self.now + seconds, None, action)

    def every(self, seconds: float, action: Action) -> None:
        self._set(self.now, seconds, action)

    def _set(self, due: float, interval: float | None, action: Action) -> None:
        heapq.heappush(self._timers, (due, next(self._order), interval, action))

    def _emit(self, message: Message, *, port: int = 0) -> None:
        assert port in type(self.node).ports(self.node.settings)
        self.sent.append(message)

    def _guard(self, action: Action) -> None:
        try:
            action()
        except NodeError as error:
            self.errors.append(str(error))
