"""What is said of a flow that a device cannot run."""

from collections.abc import Iterable
from typing import Final

from edge_agent.flows.language.sentences import fit
from edgeflow.contract.reasons import Reason

MAX_FAULT_LENGTH: Final = 256


class FlowRejected(Exception):
    """This device cannot run the flow.

    Attributes:
        reason: ``UNKNOWN_NODE_TYPE``, ``INVALID_ARTIFACT`` or ``MISSING_SECRET``.
        message: every fault, in one line.
        faults: the same, one by one.
    """

    def __init__(self, reason: Reason, faults: Iterable[str]) -> None:
        self.reason = reason
        self.faults = tuple(map(shortened_fault, faults))
        self.message = "; ".join(self.faults)
        super().__init__(self.message)


def shortened_fault(fault: str) -> str:
    """Return a fault as it is told, with at most ``MAX_FAULT_LENGTH`` characters."""
    return fit(fault, MAX_FAULT_LENGTH)
