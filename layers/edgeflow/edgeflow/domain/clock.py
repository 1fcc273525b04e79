"""Time as the domain sees it: aware UTC, injected, written as ISO 8601 with milliseconds and ``Z``."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the current time in UTC; the clock of production."""
    return datetime.now(UTC)


def milliseconds(moment: datetime) -> int:
    """Return a moment in milliseconds since 1970."""
    return int(moment.timestamp() * 1_000)


def read_timestamp(written: str | None) -> datetime | None:
    """Return a moment as it was written; None where there is none, or nobody can tell when it was."""
    try:
        moment = datetime.fromisoformat(written) if written is not None else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


def timestamp(moment: datetime) -> str:
    """Write a moment as ``2026-02-21T12:00:00.000Z``; such strings sort by time."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
