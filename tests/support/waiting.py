"""Waiting for something to become true, never for time to pass."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

Found = TypeVar("Found")

_LOOKS_EVERY_SECONDS: Final = 0.01


def wait_for(
    look: Callable[[], Found | None],
    *,
    what: str | Callable[[], str],
    seconds: float = 30,
    every: float = _LOOKS_EVERY_SECONDS,
) -> Found:
    """Look again and again until there is something to be found; fail the test when there is nothing in time.

    What it waited for can also be told by a function, which is asked only then.
    """
    deadline = time.monotonic() + seconds
    while (found := look()) is None:
        assert time.monotonic() < deadline, f"not within {seconds} s: {what() if callable(what) else what}"
        time.sleep(every)
    return found
