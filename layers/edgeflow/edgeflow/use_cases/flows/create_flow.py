"""Creating a flow: a draft, which may be incomplete."""

from collections.abc import Iterable
from dataclasses import dataclass

from edgeflow.contract.flow import Definition
from edgeflow.contract.history.details import Actor
from edgeflow.contract.history.flows import FlowCreated
from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.flows import Flow, FlowState, require_size, unique_tags
from edgeflow.domain.history import Entry
from edgeflow.domain.ids import new_flow_id
from edgeflow.use_cases.flows.ports import FlowRecords


@dataclass(frozen=True, slots=True)
class CreateFlow:
    """Write a new draft."""

    flows: FlowRecords
    clock: Clock

    def __call__(
        self,
        *,
        name: str,
        description: str,
        tags: Iterable[str],
        definition: Definition,
        caller: Actor,
        slug: str | None = None,
    ) -> Flow:
        """Return the draft.

        Raises:
            InvalidRequest: the definition is too big.
            Conflict: another flow has the slug.
        """
        require_size(definition)
        now = self.clock()
        flow = Flow(
            id=new_flow_id(now),
            name=name,
            description=description,
            tags=unique_tags(tags),
            slug=slug,
            state=FlowState.DRAFT,
            definition=definition,
            revision=1,
            created_at=timestamp(now),
            created_by=caller.name,
            updated_at=timestamp(now),
        )
        entry = Entry(at=flow.created_at, actor=caller, details=FlowCreated(name=name))
        self.flows.create(flow, entry=entry)
        return flow
