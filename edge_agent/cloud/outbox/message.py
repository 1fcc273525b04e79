"""A message of a flow on its way."""

import itertools
from dataclasses import dataclass, field

from edge_agent.disk.stored_message import StoredMessage, size_of
from edge_agent.flows.publishing import Qos, Settled

_numbers = itertools.count()


@dataclass(slots=True, eq=False, kw_only=True)
class Outgoing:
    """One message.

    Attributes:
        since: when its time began, by a monotonic clock in seconds: when it was taken, or, of one that is on disk, when
            it was handed to the connection.
        settled: hears what becomes of it; nobody does of one with QoS 0.
        stored: what it is on disk.
        number: in which order it was taken.
        overdue: whether it was told that no acknowledgement came in time.
    """

    topic: str
    data: bytes
    qos: Qos
    since: float
    settled: Settled | None = None
    stored: StoredMessage | None = None
    number: int = field(default_factory=_numbers.__next__)
    overdue: bool = False

    @property
    def size(self) -> int:
        """Bytes that it counts."""
        return size_of(self.topic, self.data)
