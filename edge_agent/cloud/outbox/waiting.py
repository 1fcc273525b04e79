"""Messages of flows that wait in memory for the connection: bounded for each topic and in all."""

import threading
from collections import OrderedDict, deque
from collections.abc import Sequence
from operator import attrgetter
from typing import Final

from edge_agent.cloud.outbox.message import Outgoing
from edge_agent.flows.publishing import NotPublished, Refusal
from edgeflow.contract.wording import counted

MAX_TOPIC_MESSAGES: Final = 100
MAX_TOPIC_BYTES: Final = 512 * 1024
MAX_MESSAGES: Final = 1_000
MAX_BYTES: Final = 4 * 1024 * 1024


class Waiting:
    """Topics take turns; the messages of one keep their order. All methods are thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._topics: OrderedDict[str, deque[Outgoing]] = OrderedDict()
        self._messages = 0
        self._bytes = 0

    def __len__(self) -> int:
        return self._messages

    def add(self, message: Outgoing) -> None:
        """Take a message. Raises NotPublished: as much waits as may."""
        with self._lock:
            present = self._topics.get(message.topic, ())
            size = sum(each.size for each in present)
            full = len(present) >= MAX_TOPIC_MESSAGES or size + message.size > MAX_TOPIC_BYTES
            if full or self._messages >= MAX_MESSAGES or self._bytes + message.size > MAX_BYTES:
                here = counted(len(present), "message")
                text = f"{here} to this topic, and {self._messages} in all, wait for the connection"
                raise NotPublished(Refusal.BUSY, text)
            self._put(message)

    def put_back(self, messages: Sequence[Outgoing]) -> None:
        """Put messages back to where they were among those of their topics; bounds do not hold for them."""
        with self._lock:
            for message in messages:
                self._put(message)
            for topic in {message.topic for message in messages}:
                self._topics[topic] = deque(sorted(self._topics[topic], key=attrgetter("number")))

    def first(self) -> Outgoing | None:
        """Return whose turn it is."""
        with self._lock:
            return next((messages[0] for messages in self._topics.values()), None)

    def take(self) -> None:
        """Take away whose turn it is; the next topic has the next turn."""
        with self._lock:
            topic, messages = self._topics.popitem(last=False)
            taken = messages.popleft()
            self._messages -= 1
            self._bytes -= taken.size
            if messages:
                self._topics[topic] = messages

    def oldest(self) -> tuple[Outgoing, ...]:
        """Return the first message of each topic."""
        with self._lock:
            return tuple(messages[0] for messages in self._topics.values())

    def _put(self, message: Outgoing) -> None:
        self._topics.setdefault(message.topic, deque()).append(message)
        self._messages += 1
        self._bytes += message.size
