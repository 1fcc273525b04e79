"""A version under which the cloud cannot be reached any more: nobody could take it back, so the device does.

A flow can use up the uplink, change the network or block the broker. The job came by a connection, so there was one
before the version; its success, which is told by the connection, is the evidence that there still is.

    healthy for the window ─> its success is on disk ─┬─ it is taken ────────────────────> the version stays
                                                      ├─ the cloud answers something ────> it counts from there anew
                                                      └─ nothing is heard for the limit ─> the version before is back
"""

import math
from collections.abc import Callable
from typing import Final

from edge_agent.disk.state import JournalEntry
from edgeflow.contract.job import Operation

AFTER_START_SECONDS: Final = 60.0
"""What there is at least to reach the cloud after each start, however long it was out of reach before: to connect takes
time. An agent that goes down again and again sooner than this starts without flows (``flows.bring_up``)."""
_WORTH_NOTING_SECONDS: Final = 1.0


class Lifeline:
    """Measures for how long nothing has been heard of the cloud while a success waits to be told."""

    def __init__(self, *, limit: float, heard_at: Callable[[], float], monotonic: Callable[[], float]) -> None:
        """Allow ``limit`` seconds. ``heard_at`` returns when the cloud was last heard, by the clock ``monotonic``."""
        self._limit = limit
        self._heard_at = heard_at
        self._monotonic = monotonic
        self._since = monotonic()

    def begin(self, before: float = 0) -> None:
        """Count from now: the window has just ended, or the agent started ``before`` seconds after it."""
        self._since = self._monotonic() - min(before, max(0.0, self._limit - AFTER_START_SECONDS))

    def left(self, entry: JournalEntry | None) -> float:
        """Return the seconds after which the job's version is given back; infinity where none waits for its word."""
        return self._limit - self._unheard() if entry is not None and _waits(entry) else math.inf

    def note(self, entry: JournalEntry) -> JournalEntry:
        """Return the entry as it is to be on disk, so that restarts do not make the time begin anew for ever."""
        unheard = self._unheard() if _waits(entry) else entry.unheard
        return entry if abs(unheard - entry.unheard) < _WORTH_NOTING_SECONDS else _noted(entry, unheard)

    def complaint(self, entry: JournalEntry) -> str:
        """Say why the job's version is given back."""
        return (
            f"it ran well, but for {self._limit:.0f} s after that nothing was heard of the cloud, "
            f"which could be reached before version {entry.document.version}; so the device went back by itself"
        )

    def _unheard(self) -> float:
        return max(0.0, self._monotonic() - max(self._since, self._heard_at()))


def _waits(entry: JournalEntry) -> bool:
    """Tell whether a job's success waits to be told, and there is a way back from what it brought.

    A flow that was removed does not come back: it was asked to go, and no new version can be to blame.
    """
    document = entry.document
    if entry.outcome is None or entry.outcome.status != "SUCCEEDED" or document.operation is Operation.REMOVE:
        return False
    before = entry.standby_before if document.operation is Operation.STAGE else entry.before
    return before is None or before.version != document.version


def _noted(entry: JournalEntry, unheard: float) -> JournalEntry:
    return entry.model_copy(update={"unheard": round(unheard, 1)})
