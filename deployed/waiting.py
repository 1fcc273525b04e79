"""Waiting for something to become true, with an end."""

import time
from collections.abc import Callable
from typing import Final

_LOOKS_EVERY_SECONDS: Final = 0.2


class NotInTime(AssertionError):
    """What was waited for did not come; the text says what, and how long."""


def eventually(condition: Callable[[], bool], *, seconds: float, what: str) -> None:
    """Wait until a condition holds. Raises NotInTime."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            message = f"not within {seconds:g} s: {what}"
            raise NotInTime(message)
        time.sleep(_LOOKS_EVERY_SECONDS)
