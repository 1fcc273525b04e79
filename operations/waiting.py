"""Waiting for what AWS does in its own time, with an end."""

import time
from collections.abc import Iterator
from typing import Protocol


class Clock(Protocol):
    """Seconds that go by."""

    def now(self) -> float:
        """Return seconds since some moment."""
        ...

    def sleep(self, seconds: float) -> None:
        """Return after so many seconds."""
        ...


class SystemClock:
    """The clock of this machine."""

    def now(self) -> float:
        """Return seconds since some moment; it never goes back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Return after so many seconds."""
        time.sleep(seconds)


def rounds(clock: Clock, *, every: float, at_most: float) -> Iterator[int]:
    """Yield 0 at once, then 1, 2, … every so many seconds, and end once ``at_most`` seconds are over."""
    end = clock.now() + at_most
    done = 0
    while True:
        yield done
        done += 1
        if clock.now() + every > end:
            return
        clock.sleep(every)
