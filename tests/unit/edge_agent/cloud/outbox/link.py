"""A connection under the test's hand: it takes what the outbox sends, and says what became of it when told so."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from edge_agent.cloud.outbox.backlog import Backlog
from edge_agent.cloud.outbox.outbox import Done, Ending, Outbox
from edge_agent.disk.message_store import MessageStore
from edge_agent.disk.stored_message import MESSAGES_FILE
from edge_agent.flows.publishing import Qos

LIMIT: Final = 1024 * 1024


@dataclass
class Sent:
    """One message that the connection got."""

    topic: str
    data: bytes
    qos: Qos
    done: Done


@dataclass
class Link:
    """Attributes: ``under_way`` is what the broker has not answered yet; ``arrived`` what came to it, in order."""

    under_way: list[Sent] = field(default_factory=list)
    arrived: list[tuple[str, bytes]] = field(default_factory=list)
    most: int = 0

    def send(self, topic: str, data: bytes, qos: Qos, done: Done) -> None:
        self.under_way.append(Sent(topic, data, qos, done))
        self.most = max(self.most, len(self.under_way))

    def deliver(self, count: int | None = None) -> None:
        """Let the broker have so many of them, the first ones, and answer; all when absent."""
        taken, self.under_way = self.under_way[:count], self.under_way[len(self.under_way[:count]) :]
        for sent in taken:
            self.arrived.append((sent.topic, sent.data))
            sent.done(Ending.ACKNOWLEDGED if sent.qos else Ending.SENT, "")

    def break_off(self, *, arrived: int = 0) -> None:
        """Lose all that is under way; the broker got the first so many of it all the same, and its answers are lost."""
        self.arrived += [(sent.topic, sent.data) for sent in self.under_way[:arrived]]
        lost, self.under_way = self.under_way, []
        for sent in lost:
            sent.done(Ending.FAILED, "the connection is gone")


class Clock:
    """Shows what it is set to, in seconds."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def outbox(link: Link, folder: Path, clock: Clock, *, limit: int = LIMIT) -> Outbox:
    """Make an outbox as the agent has it, without its thread: the test calls ``work``."""
    backlog = Backlog(lambda: MessageStore(folder, limit), exists=(folder / MESSAGES_FILE).exists(), monotonic=clock)
    return Outbox(link.send, backlog, monotonic=clock)
