"""``inject``: sends a fixed payload, once at the start, at an interval, or both."""

from edge_agent.flows.builtin.nodes.base import Emit, Node, Schedule
from edge_agent.flows.language.messages import Message
from edgeflow.contract.nodes.inject import InjectKind, InjectSettings


class InjectNode(InjectKind, Node[InjectSettings]):
    """Sends its payload."""

    def start(self, emit: Emit, schedule: Schedule) -> None:
        """Arrange when the payload is sent."""
        message = Message(payload=self.settings.payload, source=self.environment.node_id)
        interval = self.settings.interval

        def send() -> None:
            emit(message)

        def send_and_repeat() -> None:
            schedule.every(seconds, send)

        if interval is None:
            schedule.after(0, send)
            return
        seconds = interval.total_seconds()
        if self.settings.once:
            schedule.every(seconds, send)
        else:
            schedule.after(seconds, send_and_repeat)
