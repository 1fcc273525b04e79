"""When the next health report is due: at once after a change, but never in a flood, and at times without one."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from edgeflow.contract.wire import MAX_WIRE_NUMBER

PAUSE_SECONDS: Final = 10.0
"""Between two reports there is at least so long: a node that flaps tells how often it did, not each time."""


@dataclass(frozen=True, slots=True)
class Due:
    """What a report is due for: how often something changed since the one before, and whether it was asked for."""

    changes: int
    wanted: bool


class ReportPace:
    """Counts what is to be told, and says when. Used from several threads."""

    def __init__(self, *, monotonic: Callable[[], float], pause: float, every: Callable[[], float]) -> None:
        """Leave ``pause`` seconds between two reports; ``every`` says after how many one is due without any change."""
        self._monotonic = monotonic
        self._pause = pause
        self._every = every
        self._lock = threading.Lock()
        self._last = monotonic() - pause
        self._wanted = False
        self._changes = 0

    def changed(self) -> None:
        """Note that the health of something changed."""
        with self._lock:
            self._changes += 1
            self._wanted = True

    def want(self) -> None:
        """Have a report told although nothing changed, as after a new connection."""
        with self._lock:
            self._wanted = True

    def due_in(self) -> float:
        """Return the seconds until the next report is due by what is known now; zero when that is now."""
        every = self._every()
        with self._lock:
            wait = self._pause if self._wanted else max(self._pause, every)
            return max(0.0, self._last + wait - self._monotonic())

    def begin(self) -> Due:
        """Note that a report is made now. Returns what it is due for.

        To be called before the report is made: what changes from here on is told with the next one.
        """
        with self._lock:
            due = Due(changes=min(self._changes, MAX_WIRE_NUMBER), wanted=self._wanted)
            self._changes = 0
            self._wanted = False
            self._last = self._monotonic()
            return due

    def failed(self, changes: int) -> None:
        """Note that a report did not arrive, with the number that it would have told: it is owed still."""
        with self._lock:
            self._changes += changes
            self._wanted = True
