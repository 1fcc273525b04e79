"""Looks after the flows of a device: a node that is stuck must not hold up the others, nor one flow another."""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import Final, Protocol

LOOKS_EVERY_SECONDS: Final = 1.0
STUCK_IO_SECONDS: Final = 5.0
_JOIN_SECONDS: Final = 5.0

_log = logging.getLogger(__name__)


class Watched(Protocol):
    """Something that goes on without what is stuck in it, when it is looked at."""

    def watch(self, now: float) -> None:
        """Look; ``now`` is a monotonic time in seconds."""


class SharedLoop(Protocol):
    """The loop that nodes of all flows wait on."""

    def replace_if_stuck(self, now: float, limit: float) -> bool:
        """Leave it behind when it has not moved for ``limit`` seconds; returns whether it was."""
        ...

    def stop(self) -> None:
        """End it."""
        ...


class StuckNodes:
    """One thread for all flows, begun with the first."""

    def __init__(self, flows: Callable[[], Iterable[Watched]], io: SharedLoop | None) -> None:
        """Look after what ``flows`` returns, each time anew, and after the loop that they share."""
        self._flows = flows
        self._io = io
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin; nothing when it has. Without a thread left on the device, the next start tries again."""
        with self._lock:
            if self._thread is None and not self._stopping.is_set():
                thread = threading.Thread(target=self._work, name="flows-watch", daemon=True)
                try:
                    thread.start()
                except RuntimeError:
                    _log.warning("the device has no thread left to look after the flows")
                else:
                    self._thread = thread

    def stop(self) -> None:
        """Look no more."""
        self._stopping.set()
        with self._lock:
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(_JOIN_SECONDS)

    def look(self, now: float) -> None:
        """Look once."""
        for flow in self._flows():
            flow.watch(now)
        if self._io is not None and self._io.replace_if_stuck(now, STUCK_IO_SECONDS):
            _log.error("a node blocks the loop that all nodes wait on; they go on with another one")

    def _work(self) -> None:
        while not self._stopping.wait(LOOKS_EVERY_SECONDS):
            self.look(time.monotonic())
