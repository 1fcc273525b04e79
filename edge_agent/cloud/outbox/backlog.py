"""Messages of flows that wait on disk; a few of them, the next ones, are in memory as well."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from edge_agent.cloud.outbox.message import Outgoing
from edge_agent.disk.stored_message import StoredMessage, StoreFull, StoreUnusable
from edge_agent.flows.publishing import NotPublished, Refusal, Settled

if TYPE_CHECKING:
    from edge_agent.disk.message_store import MessageStore

AT_HAND: Final = 64
AT_HAND_BYTES: Final = 512 * 1024
"""So many messages, and about so many bytes of them, are in memory."""
MAX_LISTENERS: Final = 32
"""Those of a topic that have published last; processes that ended are among them until the topic is empty."""
PAUSE_SECONDS: Final = 10.0
"""A disk that did not do what it should is tried again after this time."""

_log = logging.getLogger(__name__)


class Backlog:
    """Opens the store when there is something to keep, or to send from before. All methods are thread-safe.

    A store that fails is let go and opened anew, which also finds out whether it is damaged.
    """

    def __init__(
        self, open_store: Callable[[], "MessageStore"], *, exists: bool, monotonic: Callable[[], float]
    ) -> None:
        """Open by this, which raises StoreUnusable; ``exists``: messages of before may wait."""
        self._open_store = open_store
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._store: MessageStore | None = None
        self._open_from = float("-inf")
        self._at_hand: deque[Outgoing] = deque()
        self._last = 0
        """Id of the last message that was at hand."""
        self._more = exists
        """Whether messages after that wait on disk."""
        self._file = 0
        self._known: set[int] = set()
        """Ids of messages of this file that are in memory: they are at hand or under way, or in the next list."""
        self._done: list[StoredMessage] = []
        """Acknowledged, and not forgotten yet."""
        self._listeners: dict[str, tuple[Settled, ...]] = {}
        self._closed = False

    def add(self, topic: str, data: bytes, settled: Settled | None) -> None:
        """Keep a message. Raises NotPublished: it is not kept."""
        with self._lock:
            try:
                stored = self._opened().add(topic, data)
            except StoreFull as error:
                raise NotPublished(Refusal.STORE_FULL, str(error)) from error
            except StoreUnusable as error:
                self._let_go(error)
                raise NotPublished(Refusal.STORE_UNUSABLE, str(error)) from error
            if settled is not None:
                others = (each for each in self._listeners.get(topic, ()) if each != settled)
                self._listeners[topic] = (*others, settled)[-MAX_LISTENERS:]
            if self._more or len(self._at_hand) >= AT_HAND:
                self._more = True
            else:
                self._take_up([stored])

    def first(self) -> Outgoing | None:
        """Return the next message that is to go."""
        with self._lock:
            if not self._at_hand and self._more:
                self._fetch()
            return self._at_hand[0] if self._at_hand else None

    def take(self) -> None:
        """Take it away; it is still on disk."""
        with self._lock:
            self._at_hand.popleft()

    def put_back(self, messages: Sequence[Outgoing]) -> None:
        """Put messages that were taken back to where they were."""
        with self._lock:
            self._at_hand = deque(sorted((*self._at_hand, *messages), key=attrgetter("number")))

    def done_with(self, message: Outgoing) -> None:
        """Note that a message has arrived; it is forgotten with the next :meth:`tidy`."""
        with self._lock:
            if message.stored is not None and message.stored.file == self._file:
                self._done.append(message.stored)

    def listeners(self, topic: str) -> tuple[Settled, ...]:
        """Return who hears of this topic."""
        with self._lock:
            return self._listeners.get(topic, ())

    def tidy(self) -> None:
        """Forget what has arrived, and let the rest survive a power cut."""
        with self._lock:
            store, done = self._store, self._done
            if store is None and not (done and self._may_open()):
                return
            try:
                store = self._opened()
                done = self._done  # none, when it is another file
                if done:
                    store.remove(done)
                    self._known -= {each.id for each in done}
                    self._done = []
                    for topic in {each.topic for each in done}:
                        if not store.holds(topic):
                            self._listeners.pop(topic, None)
            except StoreUnusable as error:
                self._let_go(error)
                return
        try:
            store.sync()  # while others go on
        except StoreUnusable as error:
            _log.warning("messages of flows may be lost when the power goes: %s", error)

    def close(self) -> None:
        """Tidy up, and let go of the store."""
        self.tidy()
        with self._lock:
            self._closed = True
            if self._store is not None:
                self._store.close()
                self._store = None

    def _may_open(self) -> bool:
        return not self._closed and self._monotonic() >= self._open_from

    def _opened(self) -> "MessageStore":
        if self._store is None:
            if not self._may_open():
                message = "the disk failed a moment ago" if not self._closed else "the agent ends"
                raise StoreUnusable(message)
            self._store = self._open_store()
            if self._store.file != self._file:
                self._file = self._store.file
                self._known.clear()
                self._done.clear()
        return self._store

    def _let_go(self, error: StoreUnusable) -> None:
        if self._may_open():
            _log.error("messages of flows cannot be kept on disk: %s", error)
            self._open_from = self._monotonic() + PAUSE_SECONDS
        if self._store is not None:
            self._store.close()
            self._store = None
        self._last, self._more = 0, True  # what comes next may be another file

    def _fetch(self) -> None:
        if self._store is None and not self._may_open():
            return
        try:
            while self._more and not self._at_hand:
                found = self._opened().after(self._last, count=AT_HAND, size=AT_HAND_BYTES)
                self._more = bool(found)
                self._take_up(found)
        except StoreUnusable as error:
            self._let_go(error)

    def _take_up(self, messages: Sequence[StoredMessage]) -> None:
        for each in messages:
            self._last = each.id
            if each.id in self._known:
                continue
            self._known.add(each.id)
            self._at_hand.append(Outgoing(topic=each.topic, data=each.data, qos=1, since=0.0, stored=each))
