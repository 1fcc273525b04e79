"""The time as the cloud has it: a device's own clock may be wrong, and starts in 1970 where no battery keeps it."""

from collections.abc import Callable
from datetime import datetime, timedelta


class CloudClock:
    """Goes by the cloud's last word on the time, and by the device's own clock before the first."""

    def __init__(self, own: Callable[[], datetime], *, monotonic: Callable[[], float]) -> None:
        """Measure by ``monotonic`` (seconds) what passes after the cloud's word."""
        self._own = own
        self._monotonic = monotonic
        self._heard: tuple[datetime, float] | None = None

    def heard(self, moment: datetime) -> None:
        """Note that it is this moment by the cloud's clock."""
        self._heard = (moment, self._monotonic())

    def __call__(self) -> datetime:
        """Return the time."""
        if self._heard is None:
            return self._own()
        moment, at = self._heard
        return moment + timedelta(seconds=self._monotonic() - at)
