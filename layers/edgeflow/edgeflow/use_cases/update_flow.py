"""Editing a draft."""

from collections.abc import Iterable
from dataclasses import dataclass

from edgeflow.contract.flow import Definition
from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.flows import Flow, edited, require_revision
from edgeflow.use_cases.ports_flows import FlowRecords


@dataclass(frozen=True, slots=True)
class UpdateFlow:
    """Replace a draft's content."""

    flows: FlowRecords
    clock: Clock

    def __call__(
        self,
        flow_id: str,
        *,
        name: str,
        description: str,
        tags: Iterable[str],
        definition: Definition,
        expected: frozenset[int] | None,
    ) -> Flow:
        """Return the draft as it is now. ``expected`` holds the revisions the caller may have read, None any.

        Raises:
            NotFound: there is no such flow.
            PreconditionFailed: it has changed since the caller read it.
            Conflict: it is no draft, or somebody else changed it at the same moment.
            InvalidRequest: the definition is too big.
        """
        flow = self.flows.get(flow_id)
        require_revision(flow, expected)
        after = edited(
            flow,
            name=name,
            description=description,
            tags=tags,
            definition=definition,
            at=timestamp(self.clock()),
        )
        self.flows.save(after)
        return after
