"""Moving a flow from one state to another: what archiving, restoring and drafting have in common."""

from dataclasses import dataclass
from typing import ClassVar

from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.flows import Action, Flow, moved, require_revision
from edgeflow.use_cases.ports_flows import FlowRecords


@dataclass(frozen=True, slots=True)
class MoveFlow:
    """Move a flow on by ``action``, which each operation names."""

    action: ClassVar[Action]

    flows: FlowRecords
    clock: Clock

    def __call__(self, flow_id: str, *, expected: frozenset[int] | None) -> Flow:
        """Return the flow in its new state; ``expected`` are the revisions the caller may have read, None for any.

        Raises:
            NotFound: there is no such flow.
            PreconditionFailed: it has changed since the caller read it.
            Conflict: its state does not allow it, or somebody else changed it at the same moment.
        """
        flow = self.flows.get(flow_id)
        require_revision(flow, expected)
        after = moved(flow, self.action, at=timestamp(self.clock()))
        self.flows.save(after)
        return after
