"""Takes what flows publish, and hands it to the connection as it comes through.

A job's word goes past all that waits here: it is given to the MQTT client at once, and there, and on the way to the
broker, is never more of the flows' than the window holds.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from enum import Enum
from typing import Final, Protocol

from edge_agent.cloud.outbox.backlog import Backlog
from edge_agent.cloud.outbox.message import Outgoing
from edge_agent.cloud.outbox.waiting import Waiting
from edge_agent.cloud.outbox.window import Window
from edge_agent.flows.publishing import NotPublished, Qos, Refusal, Settled
from edgeflow.contract.nodes.base import ACKNOWLEDGED_WITHIN_SECONDS

LOOKS_EVERY_SECONDS: Final = 1.0
"""So often what has arrived is forgotten on disk, and it is looked whether an acknowledgement is late."""
PAUSE_SECONDS: Final = 1.0
"""After a message that did not go out although the device is connected, nothing is sent for so long."""
_JOIN_SECONDS: Final = 10.0

_log = logging.getLogger(__name__)


class Ending(Enum):
    """What became of a message that was handed to the connection."""

    SENT = "sent"
    """It has left this program; only for QoS 0."""
    ACKNOWLEDGED = "acknowledged"
    FAILED = "failed"
    """It has not arrived, as far as is known; the next attempt may succeed."""
    REFUSED = "refused"
    """The broker will never take it."""


Done = Callable[[Ending, str], None]
"""Hears once what became of a message, on any thread, and why; it returns soon."""


class Send(Protocol):
    """Hands a message to the connection; raises nothing, and does not wait."""

    def __call__(self, topic: str, data: bytes, qos: Qos, done: Done, /) -> None:
        """Hand it over."""


class Outbox:
    """See the module. All methods are thread-safe; what they take is sent on a thread of the outbox."""

    def __init__(self, send: Send, backlog: Backlog, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._send = send
        self._backlog = backlog
        self._monotonic = monotonic
        self._connected = False
        self._waiting = Waiting()
        self._window = Window()
        self._news: deque[Callable[[], None]] = deque()
        """What the outbox's thread is still to note."""
        self._disk_is_next = False
        self._resumes = float("-inf")
        self._next_look = float("-inf")
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="outbox", daemon=True)

    def publish(
        self, topic: str, data: bytes, *, qos: Qos = 0, store: bool = False, settled: Settled | None = None
    ) -> None:
        """See :class:`~edge_agent.flows.publishing.Publish`."""
        if store:
            self._backlog.add(topic, data, settled)
        elif not self._connected:
            raise NotPublished(Refusal.OFFLINE, "the device is offline")
        else:
            self._waiting.add(
                Outgoing(topic=topic, data=data, qos=qos, since=self._monotonic(), settled=settled if qos else None)
            )
        self._wake.set()

    def connection(self, *, there: bool) -> None:
        """Note that the connection is there, or is no more."""
        self._connected = there
        self._note(self._connection_made if there else self._connection_lost)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def stop(self) -> None:
        """Send nothing any more; what is on disk stays there, what waits in memory is lost."""
        self._stopping.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(_JOIN_SECONDS)
        lost = len(self._waiting) + sum(each.stored is None for each in self._window.messages)
        if lost:
            _log.warning("%d messages of flows may not have arrived before the agent ends", lost)
        self._backlog.close()

    # --- On the outbox's thread -------------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.wait(LOOKS_EVERY_SECONDS)
            self._wake.clear()
            self.work()

    def work(self) -> None:
        """Do what can be done now; for the outbox's thread, or a test in its place."""
        while self._news:
            self._news.popleft()()
        now = self._monotonic()
        if now >= self._next_look:
            self._next_look = now + LOOKS_EVERY_SECONDS
            self._backlog.tidy()
            self._look_for_late_ones(now)
        while self._connected and not self._news and now >= self._resumes:
            source, message = self._next()
            if message is None or not self._window.has_room_for(message):
                return
            source.take()
            self._disk_is_next = source is self._waiting
            self._hand_over(message, now)

    def _next(self) -> tuple[Waiting | Backlog, Outgoing | None]:
        """Return what is to go next, and where it waits: memory and disk take turns."""
        preferred, other = (self._backlog, self._waiting) if self._disk_is_next else (self._waiting, self._backlog)
        message = preferred.first()
        return (preferred, message) if message is not None else (other, other.first())

    def _hand_over(self, message: Outgoing, now: float) -> None:
        if message.stored is not None:
            message.since = now
        number, qos = self._window.enter(message)

        def done(ending: Ending, text: str) -> None:
            self._note(lambda: self._ended(number, message, ending, text))

        self._send(message.topic, message.data, qos, done)

    def _note(self, news: Callable[[], None]) -> None:
        self._news.append(news)
        self._wake.set()

    def _connection_made(self) -> None:
        self._resumes = float("-inf")

    def _connection_lost(self) -> None:
        self._put_back(self._window.clear())

    def _ended(self, number: int, message: Outgoing, ending: Ending, text: str) -> None:
        if ending is Ending.SENT:
            return  # by this program; whether it has arrived is not known
        if ending is not Ending.FAILED:
            if self._window.arrived(number) is None:
                return
            self._backlog.done_with(message)
            if ending is Ending.REFUSED:
                _log.error("a message to %s is lost, for the broker refuses it: %s", message.topic, text)
            self._tell(message, None if ending is Ending.ACKNOWLEDGED else f"the broker refuses it: {text}")
            return
        if self._window.failed(number) is None:
            return
        self._put_back((message,))
        if self._connected:
            self._resumes = self._monotonic() + PAUSE_SECONDS

    def _put_back(self, messages: tuple[Outgoing, ...]) -> None:
        self._backlog.put_back([each for each in messages if each.stored is not None])
        self._waiting.put_back([each for each in messages if each.stored is None and each.qos == 1])

    def _look_for_late_ones(self, now: float) -> None:
        for message in (*self._window.messages, *self._waiting.oldest()):
            if message.qos == 1 and not message.overdue and now - message.since >= ACKNOWLEDGED_WITHIN_SECONDS:
                message.overdue = True
                why = "" if self._connected else ": the device is offline"
                self._tell(message, f"not acknowledged within {ACKNOWLEDGED_WITHIN_SECONDS:g} s{why}")

    def _tell(self, message: Outgoing, error: str | None) -> None:
        if message.settled is not None:
            message.settled(error)
        elif message.stored is not None:
            for settled in self._backlog.listeners(message.topic):
                settled(error)
