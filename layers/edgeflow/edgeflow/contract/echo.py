"""Repeating to somebody what they sent: quoted, and never more of it than a sentence bears."""

from typing import Final

MAX_ECHO: Final = 64
"""Characters of a sent text that an answer repeats."""


def shortened(text: str, limit: int = MAX_ECHO) -> str:
    """Return a text, or of a longer one its first ``limit`` characters and an ellipsis."""
    return text if len(text) <= limit else f"{text[:limit]}…"


def quoted(text: str) -> str:
    """Return a text as a sentence repeats it: in quotes, unprintable characters escaped, shortened."""
    return repr(text) if len(text) <= MAX_ECHO else f"{text[:MAX_ECHO]!r}…"
