"""``catch``: sends a message for each failure of a node in the same flow."""

from edge_agent.flows.builtin.events import Fault
from edge_agent.flows.builtin.nodes.base import Emit, Node, NodeEnvironment, NodeError, Schedule
from edge_agent.flows.language.messages import Message
from edgeflow.contract.nodes.catch import CAUGHT, CatchKind, CatchSettings


class CatchNode(CatchKind, Node[CatchSettings]):
    """Sends ``{"node": …, "error": …, "payload": …}``; the payload is what the node was at, ``null`` without a message.

    With ``handled`` the node that failed stays healthy. A node that cannot even start is unhealthy all the same.
    """

    def __init__(self, settings: CatchSettings, environment: NodeEnvironment) -> None:
        super().__init__(settings, environment)
        self._emit: Emit | None = None
        self._nodes = None if settings.nodes is None else frozenset(settings.nodes)

    def start(self, emit: Emit, schedule: Schedule) -> None:  # noqa: ARG002  it has no timer
        """Begin to listen."""
        self._emit = emit
        self.environment.events.on_fault(self._take)

    def _take(self, fault: Fault) -> bool:
        if self._emit is None or fault.node_id == self.environment.node_id:
            return False
        if self._nodes is not None and fault.node_id not in self._nodes:
            return False
        if fault.message is not None and CAUGHT in fault.message.metadata:
            return False
        payload = fault.message.payload if fault.message is not None else None
        try:
            self._emit(
                Message(
                    payload={"node": fault.node_id, "error": fault.error, "payload": payload},
                    source=self.environment.node_id,
                    metadata={CAUGHT: fault.node_id},
                )
            )
        except NodeError:
            return False  # nobody was told, so nobody takes care of it
        return self.settings.handled
