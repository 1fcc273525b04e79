"""What can go wrong, as a tree. The REST layer maps each leaf to one HTTP status.

EdgeFlowError
├── InvalidRequest       422  one or more faults, each at a JSON pointer
├── NotFound             404
├── Conflict             409  the state of things does not allow it
│   ├── UnderWay         409  something else is at work on it; trying again after some seconds helps
│   └── NotOurs          409  somebody else has made what the stack was to make
├── CannotBeRead         409  a record that is needed is damaged
├── PreconditionFailed   412  If-Match does not match
├── TooManyWait          429  as many wait for a change as may at once
├── Damaged              409  AWS refuses what is stored, as if it could not be read
└── Unavailable          503  an AWS service is throttling or down; trying again helps
    └── StillCancelling  503  AWS IoT has not ended all of what was cancelled; to be looked at again
"""

from dataclasses import dataclass

from edgeflow.domain.unreadable import Unreadable


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a request. ``pointer`` is an RFC 6901 JSON pointer into the body, or a parameter's name."""

    pointer: str
    message: str


class EdgeFlowError(Exception):
    """Base of every error of ours; ``str()`` of it is a sentence for the operator."""


class InvalidRequest(EdgeFlowError):
    """The request breaks a rule; its faults are listed at once."""

    def __init__(self, faults: list[Fault], *, more: int = 0) -> None:
        """Keep the faults; there is at least one. ``more`` were found and are not among them."""
        super().__init__("; ".join(f"{fault.pointer}: {fault.message}" for fault in faults))
        self.faults = faults
        self.more = more


class NotFound(EdgeFlowError):
    """The thing named does not exist."""


class Conflict(EdgeFlowError):
    """The thing exists, but its state does not allow this."""


class UnderWay(Conflict):
    """Something else is at work on the thing, and will be done by itself."""

    def __init__(self, message: str, *, seconds: int) -> None:
        """Keep after how many seconds to try again."""
        super().__init__(message)
        self.seconds = seconds


class NotOurs(Conflict):
    """Somebody else in the account has made what the stack was to make, under its name."""


class CannotBeRead(EdgeFlowError):
    """A record that is needed cannot be read; the sentence says what removes it."""

    def __init__(self, record: Unreadable) -> None:
        """Keep which record it is."""
        super().__init__(str(record))
        self.record = record


class PreconditionFailed(EdgeFlowError):
    """Somebody changed the thing since the caller read it."""


class TooManyWait(EdgeFlowError):
    """As many wait for a change as may at once; trying again a little later helps."""


class Damaged(EdgeFlowError):
    """AWS refuses what is stored: a counter that is no number, a token that is none; trying again does not help.

    The sentence says what does.
    """


class Unavailable(EdgeFlowError):
    """An AWS service throttles or is down."""


class StillCancelling(Unavailable):
    """Executions of a cancelled job are still open: AWS IoT ends them later, and devices may still succeed."""
