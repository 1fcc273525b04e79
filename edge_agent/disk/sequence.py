"""Numbers that order what a device does and says, also when its clock goes back."""

import logging
import re
import threading
import uuid
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

from edge_agent.disk.files import write_atomically
from edgeflow.contract.ids import EPOCH_PATTERN

SEQUENCE_FILE: Final = "sequence"
EPOCH_FILE: Final = "epoch"
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
        # Numbers that were lost, and may start again below those of before, must not go under the old id.
        self.epoch = (_read_epoch(directory / EPOCH_FILE) if self._reserved else None) or _begin(directory / EPOCH_FILE)
        """The id of the folder, by which the cloud tells numbers of before from those of now."""

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


def _read_epoch(path: Path) -> str | None:
    try:
        epoch = path.read_text(encoding="ascii")
    except (OSError, ValueError):
        return None
    return epoch if re.fullmatch(EPOCH_PATTERN, epoch) else None


def _begin(path: Path) -> str:
    epoch = uuid.uuid4().hex
    try:
        write_atomically(path, epoch.encode())
    except OSError as error:  # then the next start begins another one, which orders as well
        logger.debug("the id of the data folder is not kept: %s", error)
    return epoch
