"""What can go wrong, as a tree. The REST layer maps each leaf to one HTTP status.

EdgeFlowError
├── InvalidRequest       422  one or more faults, each at a JSON pointer
├── NotFound             404
├── Conflict             409  the state of things does not allow it
├── PreconditionFailed   412  If-Match does not match
├── Damaged              500  what is stored is not as any release wrote it
└── Unavailable          503  an AWS service is throttling or down; trying again helps
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a request. ``pointer`` is an RFC 6901 JSON pointer into the body, or a parameter's name."""

    pointer: str
    message: str


class EdgeFlowError(Exception):
    """Base of every error of ours; ``str()`` of it is a sentence for the operator."""


class InvalidRequest(EdgeFlowError):
    """The request breaks a rule; all its faults are listed at once."""

    def __init__(self, faults: list[Fault]) -> None:
        """Keep the faults; there is at least one."""
        super().__init__("; ".join(f"{fault.pointer}: {fault.message}" for fault in faults))
        self.faults = faults


class NotFound(EdgeFlowError):
    """The thing named does not exist."""


class Conflict(EdgeFlowError):
    """The thing exists, but its state does not allow this."""


class PreconditionFailed(EdgeFlowError):
    """Somebody changed the thing since the caller read it."""


class Damaged(EdgeFlowError):
    """What is stored cannot be read, or AWS refuses what is made of it; trying again does not help."""


class Unavailable(EdgeFlowError):
    """An AWS service throttles or is down."""
