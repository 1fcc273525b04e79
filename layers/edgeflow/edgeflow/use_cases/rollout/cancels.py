"""Cancelling is not instant: AWS IoT ends the executions of a cancelled job later, and until then a device may succeed.

So what is cancelled counts once none of its executions is open any more. Nobody waits in a function for that: whoever
finds one open raises :class:`~edgeflow.domain.errors.StillCancelling`, and is called again after a while.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from edgeflow.contract.wording import counted
from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.errors import CannotBeRead, StillCancelling
from edgeflow.use_cases.rollout.ports import JobExecution, Waves

CANCELS_END_WITHIN: Final = timedelta(seconds=60)
"""AWS IoT names no limit ("might take some time"). After this, what is open still is settled as if it had ended."""
LOOKS_AGAIN_AFTER: Final = timedelta(seconds=5)
"""For orders of the dispatch queue: 12 looks, since AWS stops a function that has fed its own queue 16 times."""
NOT_ENDED_IN_TIME: Final = (
    f"AWS IoT had not ended its job {int(CANCELS_END_WITHIN.total_seconds())} s after that was cancelled"
)

_OPEN: Final = frozenset({"QUEUED", "IN_PROGRESS"})


def is_open(execution: JobExecution | None) -> bool:
    """Tell whether the device may still take the job up, or end it."""
    return execution is not None and execution.status in _OPEN


def may_still_end(cancelled_at: str, clock: Clock) -> bool:
    """Tell whether what was cancelled then is still waited for."""
    return clock() < datetime.fromisoformat(cancelled_at) + CANCELS_END_WITHIN


@dataclass(frozen=True, slots=True)
class Cancels:
    """What is known of the cancelled jobs of a wave, or of a rollback's."""

    waves: Waves
    clock: Clock

    def waits_for(self, deployment_id: str, name: str) -> bool:
        """Note that some are open, and tell whether they are waited for. Not for ever, nor where nobody can tell."""
        try:
            cancelled_at = self.waves.cancelling(deployment_id, name, at=timestamp(self.clock()))
        except CannotBeRead:
            return False
        return may_still_end(cancelled_at, self.clock)


def still_cancelling(devices: list[str]) -> StillCancelling:
    """Return the error that says so."""
    message = f"AWS IoT is ending the cancelled jobs of {counted(len(devices), 'device')}; look again in a moment"
    return StillCancelling(message)
