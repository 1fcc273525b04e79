"""Time as the domain sees it: aware UTC, injected, written as ISO 8601 with milliseconds and ``Z``."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

Clock = Callable[[], datetime]

_FIRST: Final = datetime.min.replace(tzinfo=UTC)
_LAST: Final = datetime.max.replace(tzinfo=UTC)


def utc_now() -> datetime:
    """Return the current time in UTC; the clock of production."""
    return datetime.now(UTC)


def milliseconds(moment: datetime) -> int:
    """Return a moment in milliseconds since 1970."""
    return int(moment.timestamp() * 1_000)


def read_timestamp(written: str | None) -> datetime | None:
    """Return a moment as it was written, in UTC; None where there is none, or nobody can tell when it was."""
    try:
        moment = datetime.fromisoformat(written) if written is not None else None
        return moment.astimezone(UTC) if moment is not None and moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def shifted(moment: datetime, by: timedelta) -> datetime:
    """Return a moment so much later, or earlier; what was told may lie at the end of all years, and stays there.

    ``moment`` is in UTC.
    """
    try:
        return moment + by
    except OverflowError:
        return _LAST if by > timedelta() else _FIRST


def bound(moment: datetime) -> str:
    """Write the first whole millisecond that is not before a moment, which is in UTC.

    What was written by ``timestamp`` is at the moment or later where it is not less than this, and before it otherwise.
    """
    return timestamp(shifted(moment, timedelta(microseconds=999)))


def timestamp(moment: datetime) -> str:
    """Write a moment as ``2026-02-21T12:00:00.000Z``; such strings sort by time."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
