"""Durations as people write them: ``"90s"``, ``"5m"``, ``"1h30m"``, ``"7d"``."""

import re
from datetime import timedelta
from typing import Final

from edgeflow.contract.echo import quoted

DURATION_PATTERN: Final = r"(?:([0-9]{1,9})d)?(?:([0-9]{1,9})h)?(?:([0-9]{1,9})m)?(?:([0-9]{1,9})s)?"
"""Of a text without white space around it that is not empty."""
_PATTERN: Final = re.compile(DURATION_PATTERN)


def parse_duration(text: str) -> timedelta:
    """Read a duration; units come in the order d, h, m, s, each at most once.

    Raises:
        ValueError: the text is not a duration; the message says what one looks like.
    """
    match = _PATTERN.fullmatch(text.strip())
    if match is None or not any(match.groups()):
        message = f"{quoted(text)} is not a duration; write it like '90s', '5m' or '1h30m'"
        raise ValueError(message)
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    try:
        return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        message = f"{quoted(text)} is too long a duration"
        raise ValueError(message) from None


def format_duration(duration: timedelta) -> str:
    """Write a duration of whole seconds in its shortest form: 5400 s is ``"1h30m"``."""
    seconds = int(duration.total_seconds())
    parts = []
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
        amount, seconds = divmod(seconds, size)
        if amount:
            parts.append(f"{amount}{unit}")
    return "".join(parts) or "0s"
