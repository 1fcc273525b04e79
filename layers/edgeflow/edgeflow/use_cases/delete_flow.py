"""Deleting a flow with all its versions."""

from dataclasses import dataclass

from edgeflow.use_cases.ports_flows import FlowRecords


@dataclass(frozen=True, slots=True)
class DeleteFlow:
    """Delete a flow that no unfinished deployment needs."""

    flows: FlowRecords

    def __call__(self, flow_id: str, *, expected: frozenset[int] | None) -> None:
        """Delete it. The bytes of its versions stay: flows with equal definitions share them.

        Raises:
            NotFound: there is no such flow.
            PreconditionFailed: it has changed since the caller read it.
            Conflict: deployments are unfinished; the message names them.
        """
        self.flows.delete(flow_id, revisions=expected)
