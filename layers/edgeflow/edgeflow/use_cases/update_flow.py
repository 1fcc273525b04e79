"""Editing a draft."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from edgeflow.contract.flow import Definition
from edgeflow.contract.rest.events import Actor, FlowUpdated
from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.flows import Flow, edited, require_revision
from edgeflow.domain.history import Entry
from edgeflow.use_cases.ports_flows import FlowRecords

_CONTENT: Final = ("name", "description", "tags", "definition")


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
        caller: Actor,
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
        changed = [part for part in _CONTENT if getattr(after, part) != getattr(flow, part)]
        self.flows.save(after, entry=Entry(at=after.updated_at, actor=caller, details=FlowUpdated(changed=changed)))
        return after
