"""The one thread that speaks with all workers of an agent: it waits for none of them, and does what is due."""

import contextlib
import heapq
import itertools
import logging
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Final

Action = Callable[[], None]
Ready = Callable[[int], None]
"""Takes what a descriptor is ready for: ``selectors.EVENT_READ``, ``EVENT_WRITE`` or both."""

MAX_WAIT_SECONDS: Final = 5.0
_JOIN_SECONDS: Final = 10.0
_WAKE_BYTES: Final = 4_096

_log = logging.getLogger(__name__)


class Timer:
    """Something that is to be done later."""

    def __init__(self, action: Action) -> None:
        self.action: Action | None = action

    def cancel(self) -> None:
        """Do not do it."""
        self.action = None


class Hub:
    """Begun with the first action. ``call`` and ``stop`` are for every thread, all others for the hub's own.

    Actions must not block, nor raise: one that does ends the hub, and ``on_failure`` hears of it.
    """

    def __init__(
        self,
        name: str,
        *,
        on_failure: Action,
        watched: Callable[[], AbstractContextManager[None]] = nullcontext,
        beat: Callable[[float], None] = lambda _: None,
    ) -> None:
        """The thread works within ``watched``; ``beat`` is told at each turn how long it may be until the next one."""
        self._name = name
        self._on_failure = on_failure
        self._watched = watched
        self._beat = beat
        self._lock = threading.Lock()
        self._calls: deque[Action] = deque()
        self._timers: list[tuple[float, int, Timer]] = []
        self._order: Final = itertools.count()
        self._selector = selectors.DefaultSelector()
        self._wake_writer: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._stopping = False

    def call(self, action: Action) -> bool:
        """Do the action on the hub's thread; false, and nothing is done, once it has stopped."""
        with self._lock:
            if self._stopping:
                return False
            self._calls.append(action)
            if self._thread is None:
                reader, self._wake_writer = socket.socketpair()
                for each in (reader, self._wake_writer):
                    each.setblocking(False)
                self._thread = threading.Thread(target=self._work, args=(reader,), name=self._name, daemon=True)
                self._thread.start()
                return True
        self._wake()
        return True

    @property
    def is_begun(self) -> bool:
        """Whether there was an action yet."""
        return self._thread is not None

    def call_later(self, seconds: float, action: Action) -> Timer:
        """Do the action so many seconds from now."""
        timer = Timer(action)
        heapq.heappush(self._timers, (time.monotonic() + seconds, next(self._order), timer))
        return timer

    def watch(self, descriptor: int, events: int, ready: Ready) -> None:
        """Call ``ready`` whenever the descriptor is ready for one of the events; anew, or instead of before."""
        if descriptor in self._selector.get_map():
            self._selector.modify(descriptor, events, ready)
        else:
            self._selector.register(descriptor, events, ready)

    def forget(self, descriptor: int) -> None:
        """Watch the descriptor no longer."""
        if descriptor in self._selector.get_map():
            self._selector.unregister(descriptor)

    def stop(self) -> None:
        """End the thread after what it is at. May be repeated."""
        with self._lock:
            self._stopping = True
            thread = self._thread
        if thread is not None:
            self._wake()
            if thread is not threading.current_thread():
                thread.join(_JOIN_SECONDS)
        else:
            self._selector.close()

    def _wake(self) -> None:
        writer = self._wake_writer
        with contextlib.suppress(OSError):  # it is full, so the thread wakes anyway; or the thread has ended
            if writer is not None:
                writer.send(b".")

    def _work(self, reader: socket.socket) -> None:
        def woken(_: int) -> None:
            with contextlib.suppress(BlockingIOError):
                reader.recv(_WAKE_BYTES)

        try:
            self._selector.register(reader, selectors.EVENT_READ, woken)
            with self._watched():
                while not self._stopping:
                    self._turn()
        except Exception:
            _log.exception("nobody speaks with the workers any more")
            self._on_failure()
            raise
        finally:
            with self._lock:
                self._stopping = True
                writer, self._wake_writer = self._wake_writer, None
            self._selector.close()
            reader.close()
            if writer is not None:
                writer.close()

    def _turn(self) -> None:
        self._beat(MAX_WAIT_SECONDS)
        wait = MAX_WAIT_SECONDS
        if self._calls:
            wait = 0.0
        elif self._timers:
            wait = min(wait, max(0.0, self._timers[0][0] - time.monotonic()))
        for key, events in self._selector.select(wait):
            if key.fd in self._selector.get_map():  # or it was forgotten in this turn
                key.data(events)
        for _ in range(len(self._calls)):
            self._calls.popleft()()
        now = time.monotonic()
        while self._timers and self._timers[0][0] <= now:
            action = heapq.heappop(self._timers)[2].action
            if action is not None:
                action()
