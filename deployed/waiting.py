"""Waiting for something to become true, with an end."""

import time
from collections.abc import Callable
from typing import Final

_LOOKS_EVERY_SECONDS: Final = 0.2
_AT_LEAST_EVERY_SECONDS: Final = 0.6
_PART_OF_WAIT: Final = 0.1
"""A pause is as long as this part of what was waited so far: each look costs the API what a rollout could use."""


class NotInTime(AssertionError):
    """What was waited for did not come; the text says what, and how long."""


def eventually(condition: Callable[[], bool], *, seconds: float, what: str) -> None:
    """Wait until a condition holds. Raises NotInTime."""
    began = time.monotonic()
    while not condition():
        waited = time.monotonic() - began
        if waited > seconds:
            message = f"not within {seconds:g} s: {what}"
            raise NotInTime(message)
        time.sleep(min(max(_LOOKS_EVERY_SECONDS, waited * _PART_OF_WAIT), _AT_LEAST_EVERY_SECONDS))
