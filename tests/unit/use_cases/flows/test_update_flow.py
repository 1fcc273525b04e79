"""Editing a draft: only a draft, only the revision that was read, and what changed is told."""

import pytest

from edgeflow.adapters.flows.flow_store import FlowStore
from edgeflow.adapters.table import Table
from edgeflow.contract.flow import Definition
from edgeflow.contract.history.flows import FlowUpdated
from edgeflow.domain.errors import Conflict, NotFound, PreconditionFailed
from edgeflow.domain.flows import Flow, FlowContent
from edgeflow.use_cases.flows.archive_flow import ArchiveFlow
from edgeflow.use_cases.flows.update_flow import UpdateFlow
from tests.support.clock import FixedClock
from tests.unit.use_cases.flows.conftest import AUTHOR, DEFINITION, EDITOR, told


def renamed(flow: Flow) -> FlowContent:
    return FlowContent(name="Alarm", description=flow.description, tags=("new",), definition=flow.definition)


def test_the_content_is_made_of_the_draft_as_it_was_and_what_changed_is_told(
    table: Table, clock: FixedClock, flow_id: str
) -> None:
    clock.advance(seconds=60)
    after = UpdateFlow(FlowStore(table), clock)(flow_id, renamed, caller=EDITOR, expected=frozenset({1}))
    assert FlowStore(table).get(flow_id) == after
    assert (after.name, after.tags, after.definition, after.revision) == ("Alarm", ("new",), DEFINITION, 2)
    assert after.updated_at > after.created_at
    assert told(table, flow_id)[-1].details == FlowUpdated(changed=["name", "tags"])


def test_what_was_changed_by_somebody_else_is_not_overwritten(table: Table, clock: FixedClock, flow_id: str) -> None:
    update = UpdateFlow(FlowStore(table), clock)
    update(flow_id, renamed, caller=EDITOR, expected=frozenset({1}))
    with pytest.raises(PreconditionFailed):
        update(flow_id, renamed, caller=AUTHOR, expected=frozenset({1}))

    def meanwhile(flow: Flow) -> FlowContent:
        update(flow_id, renamed, caller=EDITOR, expected=None)
        return FlowContent(name=flow.name, description="late", tags=(), definition=Definition())

    with pytest.raises(Conflict):
        update(flow_id, meanwhile, caller=AUTHOR, expected=None)
    assert [event.actor for event in told(table, flow_id)] == [AUTHOR, EDITOR, EDITOR]
    assert FlowStore(table).get(flow_id).definition == DEFINITION


def test_only_a_draft_is_edited(table: Table, clock: FixedClock, flow_id: str) -> None:
    flows = FlowStore(table)
    ArchiveFlow(flows, clock)(flow_id, caller=EDITOR, expected=None)
    with pytest.raises(Conflict):
        UpdateFlow(flows, clock)(flow_id, renamed, caller=EDITOR, expected=None)
    with pytest.raises(NotFound):
        UpdateFlow(flows, clock)("flow_none", renamed, caller=EDITOR, expected=None)
    assert flows.get(flow_id).name == "Alert"
