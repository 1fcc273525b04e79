"""Editing a draft."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from edgeflow.contract.history.details import Actor
from edgeflow.contract.history.flows import FlowUpdated
from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.flows import Action, Flow, FlowContent, edited, require_revision, require_state
from edgeflow.domain.history import Entry
from edgeflow.use_cases.flows.ports import FlowRecords

_CONTENT: Final = ("name", "description", "tags", "slug", "definition")


@dataclass(frozen=True, slots=True)
class UpdateFlow:
    """Give a draft another content."""

    flows: FlowRecords
    clock: Clock

    def __call__(
        self,
        flow_id: str,
        content: Callable[[Flow], FlowContent],
        *,
        caller: Actor,
        expected: frozenset[int] | None,
    ) -> Flow:
        """Return the draft as it is now. ``expected`` holds the revisions the caller may have read, None any.

        ``content`` makes the new content of the draft as it was, or refuses to.

        Raises:
            NotFound: there is no such flow.
            PreconditionFailed: it has changed since the caller read it.
            Conflict: it is no draft, another flow has the slug, or somebody else changed it at the same moment.
            InvalidRequest: the definition is too big; and what ``content`` raises.
        """
        flow = self.flows.get(flow_id)
        require_revision(flow, expected)
        require_state(flow, Action.UPDATE)
        after = edited(flow, content(flow), at=timestamp(self.clock()))
        changed = [part for part in _CONTENT if getattr(after, part) != getattr(flow, part)]
        entry = Entry(at=after.updated_at, actor=caller, details=FlowUpdated(changed=changed))
        self.flows.edit(flow, after, entry=entry)
        return after
