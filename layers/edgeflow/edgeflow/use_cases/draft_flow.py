"""Opening the next draft of a published flow; its published versions stay deployable."""

from dataclasses import dataclass

from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.flows import Action, Flow, moved, require_revision
from edgeflow.use_cases.ports_flows import FlowRecords


@dataclass(frozen=True, slots=True)
class DraftFlow:
    """Open the next draft, with the definition that was published last."""

    flows: FlowRecords
    clock: Clock

    def __call__(self, flow_id: str, *, expected: frozenset[int] | None) -> Flow:
        """Return the draft.

        Raises:
            NotFound: there is no such flow.
            PreconditionFailed: it has changed since the caller read it.
            Conflict: it is not published, or somebody else changed it at the same moment.
        """
        flow = self.flows.get(flow_id)
        require_revision(flow, expected)
        after = moved(flow, Action.DRAFT, at=timestamp(self.clock()))
        self.flows.save(after)
        return after
