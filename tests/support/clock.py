"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta


class FixedClock:
    """A settable :data:`edgeflow.domain.clock.Clock`; it starts at noon of the product page's day."""

    def __init__(self, now: datetime = datetime(2026, 2, 21, 12, 0, tzinfo=UTC)) -> None:
        """Stand at this moment."""
        self.now = now

    def __call__(self) -> datetime:
        """Return the moment."""
        return self.now

    def advance(self, *, seconds: float) -> None:
        """Move on by so many seconds."""
        self.now += timedelta(seconds=seconds)
