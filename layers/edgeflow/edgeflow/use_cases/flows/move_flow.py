"""Moving a flow from one state to another: what archiving, restoring and drafting have in common."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from edgeflow.contract.history.details import Actor, Details
from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.flows import Action, Flow, moved, require_revision
from edgeflow.domain.history import Entry
from edgeflow.use_cases.flows.ports import FlowRecords


@dataclass(frozen=True, slots=True)
class MoveFlow(ABC):
    """Move a flow on by ``action``, which each operation names, and tell of it as ``details`` says."""

    action: ClassVar[Action]

    flows: FlowRecords
    clock: Clock

    def __call__(self, flow_id: str, *, caller: Actor, expected: frozenset[int] | None) -> Flow:
        """Return the flow in its new state; ``expected`` are the revisions the caller may have read, None for any.

        Raises:
            NotFound: there is no such flow.
            PreconditionFailed: it has changed since the caller read it.
            Conflict: its state does not allow it, or somebody else changed it at the same moment.
        """
        flow = self.flows.get(flow_id)
        require_revision(flow, expected)
        after = moved(flow, self.action, at=timestamp(self.clock()))
        self.flows.save(after, entry=Entry(at=after.updated_at, actor=caller, details=self.details(flow)))
        return after

    @abstractmethod
    def details(self, flow: Flow) -> Details:
        """Return what the history tells of the move, by the flow as it was before."""
