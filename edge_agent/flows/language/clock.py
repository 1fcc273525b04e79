"""The time a flow runs by: monotonic, so that setting the device's clock disturbs no timer."""

import threading
import time
from typing import Protocol


class Clock(Protocol):
    """Monotonic time in seconds, and waiting by it."""

    def now(self) -> float:
        """Return the time in seconds since some fixed instant; never goes back."""
        ...

    def wait(self, condition: threading.Condition, until: float | None) -> None:
        """Wait until the condition is notified or the time has come; may also return earlier.

        The caller holds the condition. Without ``until`` only a notification ends the wait.
        """
        ...


class SystemClock:
    """The device's own monotonic clock."""

    def now(self) -> float:
        """See :meth:`Clock.now`."""
        return time.monotonic()

    def wait(self, condition: threading.Condition, until: float | None) -> None:
        """See :meth:`Clock.wait`."""
        if until is None:
            condition.wait()
            return
        # The platform refuses waits that are too long; the caller looks at the time again anyway.
        condition.wait(min(max(until - time.monotonic(), 0.0), threading.TIMEOUT_MAX))
