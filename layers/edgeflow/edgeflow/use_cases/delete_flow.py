"""Deleting a flow with all its versions."""

from dataclasses import dataclass

from edgeflow.contract.rest.events import Actor, FlowDeleted
from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.history import Entry
from edgeflow.use_cases.ports_flows import FlowRecords


@dataclass(frozen=True, slots=True)
class DeleteFlow:
    """Delete a flow that no unfinished deployment needs."""

    flows: FlowRecords
    clock: Clock

    def __call__(self, flow_id: str, *, caller: Actor, expected: frozenset[int] | None) -> None:
        """Delete it. The bytes of its versions stay: flows with equal definitions share them; and so does its history.

        Raises:
            NotFound: there is no such flow.
            PreconditionFailed: it has changed since the caller read it.
            Conflict: deployments are unfinished; the message names them.
        """
        entry = Entry(at=timestamp(self.clock()), actor=caller, details=FlowDeleted())
        self.flows.delete(flow_id, revisions=expected, entry=entry)
