"""Histories of flows: each change under the revision that it made, and kept when the flow is gone."""

import pytest

from edgeflow.adapters.devices.device_store import DeviceStore
from edgeflow.adapters.flows.flow_store import FlowStore
from edgeflow.adapters.history.history_store import HistoryStore
from edgeflow.adapters.rollout.install_store import InstallStore
from edgeflow.adapters.table import Table
from edgeflow.contract.flow import Definition, Node
from edgeflow.contract.history.events import FlowEvent
from edgeflow.contract.history.flows import DraftOpened, FlowCreated, FlowDeleted, FlowPublished, FlowUpdated
from edgeflow.domain.errors import Conflict, NotFound, PreconditionFailed
from edgeflow.domain.flows import FlowContent, Signature
from edgeflow.domain.history import caller
from edgeflow.use_cases.flows.archive_flow import ArchiveFlow
from edgeflow.use_cases.flows.create_flow import CreateFlow
from edgeflow.use_cases.flows.delete_flow import DeleteFlow
from edgeflow.use_cases.flows.draft_flow import DraftFlow
from edgeflow.use_cases.flows.publish_flow import PublishFlow
from edgeflow.use_cases.flows.restore_flow import RestoreFlow
from edgeflow.use_cases.flows.update_flow import UpdateFlow
from tests.support.clock import FixedClock
from tests.support.readable import all_read

AUTHOR, EDITOR = caller("author", subject="sub-1"), caller("editor", subject="sub-2")
DEFINITION = Definition(nodes=(Node(id="n1", type="debug"),))


class _NoBucket:
    """Keeps no bytes: histories do not need them."""

    def write(self, sha256: str, content: bytes) -> None:
        """Take them."""

    def definition(self, sha256: str) -> Definition:
        """Have none."""
        raise NotFound(sha256)


class _NoKey:
    """Signs nothing, as its word is not asked for here."""

    def sign(self, statement: bytes) -> Signature:  # noqa: ARG002  part of the port
        """Return something of the form of a signature."""
        return Signature(key="0" * 64, value="AAAA")


@pytest.fixture
def flow_id(table: Table, clock: FixedClock) -> str:
    """A draft by AUTHOR."""
    create = CreateFlow(FlowStore(table), clock)
    return create(name="Alert", description="", tags=(), definition=DEFINITION, caller=AUTHOR).id


def delete_flow(table: Table, clock: FixedClock) -> DeleteFlow:
    return DeleteFlow(FlowStore(table), DeviceStore(table), InstallStore(table), clock)


def told(table: Table, flow_id: str) -> list[FlowEvent]:
    events, _ = HistoryStore(table).of_flow(flow_id, limit=100)
    return all_read(events)


def test_the_whole_life_of_a_flow_is_told(table: Table, clock: FixedClock, flow_id: str) -> None:
    flows = FlowStore(table)
    content = FlowContent(name="Alarm", description="", tags=(), definition=DEFINITION)
    UpdateFlow(flows, clock)(flow_id, lambda _: content, caller=EDITOR, expected=None)
    publish = PublishFlow(flows, _NoBucket(), _NoKey(), clock)
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


def test_a_deleted_flow_is_deleted_once(table: Table, clock: FixedClock, flow_id: str) -> None:
    delete = delete_flow(table, clock)
    delete(flow_id, caller=EDITOR, expected=frozenset({1}))
    with pytest.raises(NotFound):
        delete(flow_id, caller=EDITOR, expected=None)
    assert [event.type for event in told(table, flow_id)] == ["created", "deleted"]


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


def test_a_change_that_comes_between_reading_and_deleting_is_looked_at(
    table: Table, clock: FixedClock, flow_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rival = FlowStore(table)
    transact, first = Table.transact, iter([True, False, False])

    def archives_first(self: Table, actions: list[dict[str, object]]) -> None:
        if next(first):
            ArchiveFlow(rival, clock)(flow_id, caller=AUTHOR, expected=None)
        transact(self, actions)

    monkeypatch.setattr(Table, "transact", archives_first)
    delete_flow(table, clock)(flow_id, caller=EDITOR, expected=None)
    assert [(event.sequence, event.type) for event in told(table, flow_id)] == [
        (1, "created"),
        (2, "archived"),
        (3, "deleted"),
    ]
