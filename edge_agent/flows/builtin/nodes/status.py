"""``status``: sends a message whenever a node of the same flow becomes unhealthy, or healthy again."""

from pydantic import JsonValue

from edge_agent.flows.builtin.nodes.base import Emit, Node, NodeEnvironment, Schedule
from edge_agent.flows.language.messages import Message
from edgeflow.contract.nodes.status import StatusKind, StatusSettings
from edgeflow.contract.report import Health


class StatusNode(StatusKind, Node[StatusSettings]):
    """Sends ``{"node": …, "health": "healthy" or "unhealthy", "error": …}``; the error is ``null`` when healthy."""

    def __init__(self, settings: StatusSettings, environment: NodeEnvironment) -> None:
        super().__init__(settings, environment)
        self._emit: Emit | None = None
        self._nodes = None if settings.nodes is None else frozenset(settings.nodes)

    def start(self, emit: Emit, schedule: Schedule) -> None:
        """Begin to listen."""
        self._emit = emit

        def notice(node_id: str, error: str | None) -> None:
            # By a timer: what the news leads to happens after what led to them, and a fault in it is this node's own.
            if node_id != self.environment.node_id and (self._nodes is None or node_id in self._nodes):
                schedule.after(0, lambda: self._send(emit, node_id, error))

        self.environment.events.on_health(notice)

    def _send(self, emit: Emit, node_id: str, error: str | None) -> None:
        health = Health.HEALTHY if error is None else Health.UNHEALTHY
        payload: JsonValue = {"node": node_id, "health": health.value, "error": error}
        emit(Message(payload=payload, source=self.environment.node_id))
