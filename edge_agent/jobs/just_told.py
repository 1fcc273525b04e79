"""The job whose end was told last: the cloud may offer it once more before it has caught up."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

CATCHES_UP: Final = timedelta(seconds=60)
"""After so long a job of that name is another one, which somebody has created in its place."""


class JustTold:
    """Holds one job id, for a time."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        """Hold none yet."""
        self._clock = clock
        self._last: tuple[str, datetime] | None = None

    def note(self, job_id: str) -> None:
        """Note that the cloud has taken how a job ended."""
        self._last = job_id, self._clock()

    def __contains__(self, job_id: str) -> bool:
        """Tell whether this is the job. A clock that goes back ends the time, for it must not stretch it."""
        if self._last is None:
            return False
        name, at = self._last
        return job_id == name and timedelta() <= self._clock() - at < CATCHES_UP
