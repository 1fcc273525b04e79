"""Numbers that order what a device does and says, also when its clock goes back."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

from edge_agent.disk.files import write_atomically

SEQUENCE_FILE: Final = "sequence"
RESERVE: Final = 600_000
"""So many numbers, ten minutes of them, are kept on disk as used at once: a write for each would wear it out."""

logger = logging.getLogger(__name__)


class Sequence:
    """Milliseconds since 1970, but each number greater than the one before. Safe to ask from several threads."""

    def __init__(self, directory: Path, clock: Callable[[], datetime]) -> None:
        """Go on after whatever was used in this folder; ``clock`` tells the time, right or wrong."""
        self._path = directory / SEQUENCE_FILE
        self._clock = clock
        self._lock = threading.Lock()
        self._reserved = self._last = _read(self._path)

    def next(self, *, after: int) -> int:
        """Return the next number, greater than ``after``, for something that is kept on disk with its number."""
        with self._lock:
            self._last = max(after + 1, self._last + 1, int(self._clock().timestamp() * 1_000))
            return self._last

    def next_unkept(self, *, after: int) -> int:
        """Return the next number for something that is only said; it is on disk that it may have been used."""
        number = self.next(after=after)
        if number > self._reserved:
            try:
                write_atomically(self._path, str(number + RESERVE).encode())
                self._reserved = number + RESERVE
            except OSError as error:  # it matters only when the clock goes back, too
                logger.debug("the numbers of reports are not reserved: %s", error)
        return number


def _read(path: Path) -> int:
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return 0  # there is none yet, or a disk that damages it: then the clock alone orders
