"""Restoring an archived flow to the state it was archived in."""

from dataclasses import dataclass

from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.flows import Action, Flow, moved, require_revision
from edgeflow.use_cases.ports_flows import FlowRecords


@dataclass(frozen=True, slots=True)
class RestoreFlow:
    """Bring a flow back."""

    flows: FlowRecords
    clock: Clock

    def __call__(self, flow_id: str, *, expected: frozenset[int] | None) -> Flow:
        """Return the flow as it was before it was archived.

        Raises:
            NotFound: there is no such flow.
            PreconditionFailed: it has changed since the caller read it.
            Conflict: it is not archived, or somebody else changed it at the same moment.
        """
        flow = self.flows.get(flow_id)
        require_revision(flow, expected)
        after = moved(flow, Action.RESTORE, at=timestamp(self.clock()))
        self.flows.save(after)
        return after
