"""Two node types for the agent, as a package beside it would bring them: they count messages through a flow."""

import time
import urllib.request
from typing import ClassVar, Final

from edge_agent.flows.builtin.nodes.base import Emit, Node, Schedule
from edge_agent.flows.language.messages import Message
from edgeflow.contract.nodes.base import NodeSettings

IN_FLIGHT: Final = 100
"""Messages under way at once: enough to keep every node busy, and far from any limit of a queue."""


class SourceSettings(NodeSettings):
    """How many messages are sent, and where to tell how long they took (seconds)."""

    total: int = 1_000
    report_to: str = ""


class _Run:
    """What source and sink share; there is one run in a process."""

    sent = 0
    came = 0
    total = 0
    report_to = ""
    started = 0.0
    emit: Emit

    @classmethod
    def send(cls, count: int) -> None:
        for number in range(cls.sent, min(cls.sent + count, cls.total)):
            cls.emit(Message(payload={"temperature": 20 + number % 20, "number": number}, source="source"))
            cls.sent += 1


class SourceNode(Node[SourceSettings]):
    """Sends as many messages as the sink has taken, beginning with a few."""

    settings_type: ClassVar[type[NodeSettings]] = SourceSettings
    takes_messages: ClassVar[bool] = False

    def start(self, emit: Emit, schedule: Schedule) -> None:
        """Begin."""
        _Run.emit, _Run.total, _Run.report_to = emit, self.settings.total, self.settings.report_to

        def begin() -> None:
            _Run.started = time.perf_counter()
            _Run.send(IN_FLIGHT)

        schedule.after(1, begin)


class SinkSettings(NodeSettings):
    """None."""


class SinkNode(Node[SinkSettings]):
    """Takes messages, asks for more, and tells of the end."""

    settings_type: ClassVar[type[NodeSettings]] = SinkSettings

    def receive(self, message: Message) -> None:  # noqa: ARG002  it only counts
        """Count."""
        _Run.came += 1
        if _Run.came % IN_FLIGHT == 0:
            _Run.send(IN_FLIGHT)
        if _Run.came == _Run.total:
            seconds = time.perf_counter() - _Run.started
            urllib.request.urlopen(f"{_Run.report_to}?seconds={seconds}", timeout=10).close()  # noqa: S310  our own address
