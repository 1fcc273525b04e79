"""Exit codes. Pipelines go by them: a number never gets another meaning."""

from enum import IntEnum
from typing import Final


class Exit(IntEnum):
    """How a command ended.

    From ROLLED_BACK to TIMED_OUT they say how a rollout ended that was waited for. CHANGES is that of `plan` alone:
    there is something that `apply` would do.
    """

    OK = 0
    ERROR = 1
    USAGE = 2
    ROLLED_BACK = 3
    FAILED = 4
    CANCELLED = 5
    TIMED_OUT = 6
    CHANGES = 7
    INTERRUPTED = 130


OUTCOMES: Final = {
    "completed": Exit.OK,
    "rolled_back": Exit.ROLLED_BACK,
    "failed": Exit.FAILED,
    "cancelled": Exit.CANCELLED,
}
"""By the status in which a deployment has ended."""
