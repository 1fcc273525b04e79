"""Moving a flow from state to state: each change is told once, under the revision that it makes."""

import pytest

from edgeflow.adapters.flows.flow_store import FlowStore
from edgeflow.adapters.table import Table
from edgeflow.contract.history.flows import DraftOpened, FlowCreated, FlowDeleted, FlowPublished, FlowUpdated
from edgeflow.domain.errors import Conflict, PreconditionFailed
from edgeflow.domain.flows import FlowContent
from edgeflow.use_cases.flows.archive_flow import ArchiveFlow
from edgeflow.use_cases.flows.draft_flow import DraftFlow
from edgeflow.use_cases.flows.publish_flow import PublishFlow
from edgeflow.use_cases.flows.restore_flow import RestoreFlow
from edgeflow.use_cases.flows.update_flow import UpdateFlow
from tests.support.clock import FixedClock
from tests.unit.use_cases.flows.conftest import AUTHOR, DEFINITION, EDITOR, NoBucket, NoKey, delete_flow, told


def test_the_whole_life_of_a_flow_is_told(table: Table, clock: FixedClock, flow_id: str) -> None:
    flows = FlowStore(table)
    content = FlowContent(name="Alarm", description="", tags=(), definition=DEFINITION)
    UpdateFlow(flows, clock)(flow_id, lambda _: content, caller=EDITOR, expected=None)
    publish = PublishFlow(flows, NoBucket(), NoKey(), clock)
    publish(flow_id, caller=EDITOR, expected=None)
    publish(flow_id, caller=AUTHOR, expected=None)  # is published already: nothing changes, nothing is told
    DraftFlow(flows, clock)(flow_id, caller=AUTHOR, expected=None)
    ArchiveFlow(flows, clock)(flow_id, caller=AUTHOR, expected=None)
    RestoreFlow(flows, clock)(flow_id, caller=EDITOR, expected=None)
    revision = flows.get(flow_id).revision
    version = flows.get_version(flow_id, 1)
    delete_flow(table, clock)(flow_id, caller=EDITOR, expected=None)

    events = told(table, flow_id)
    assert [(event.sequence, event.type, event.status, event.actor.name) for event in events] == [
        (1, "created", "draft", "author"),
        (2, "updated", "draft", "editor"),
        (3, "published", "published", "editor"),
        (4, "draft_opened", "draft", "author"),
        (5, "archived", "archived", "author"),
        (6, "restored", "draft", "editor"),
        (7, "deleted", "draft", "editor"),
    ]
    assert revision == 6
    assert events[0].details == FlowCreated(name="Alert")
    assert events[1].details == FlowUpdated(changed=["name"])
    assert events[2].details == FlowPublished(version=1, sha256=version.sha256, size=version.size)
    assert events[3].details == DraftOpened(from_version=1)
    assert events[6].details == FlowDeleted()
    assert events[0].actor == AUTHOR


def test_what_is_refused_is_not_told(table: Table, clock: FixedClock, flow_id: str) -> None:
    flows = FlowStore(table)
    with pytest.raises(Conflict):
        RestoreFlow(flows, clock)(flow_id, caller=EDITOR, expected=None)
    with pytest.raises(PreconditionFailed):
        delete_flow(table, clock)(flow_id, caller=EDITOR, expected=frozenset({9}))
    table.update((f"FLOW#{flow_id}", "FLOW"), "ADD open_deployments :id", values={":id": {"dep_1"}})
    with pytest.raises(Conflict, match="dep_1"):
        delete_flow(table, clock)(flow_id, caller=EDITOR, expected=None)
    assert [event.type for event in told(table, flow_id)] == ["created"]
