"""Archiving a flow: out of the default lists, once."""

import pytest

from edgeflow.adapters.flows.flow_store import FlowStore
from edgeflow.adapters.table import Table
from edgeflow.domain.errors import Conflict, PreconditionFailed
from edgeflow.domain.flows import FlowFilter, FlowState
from edgeflow.use_cases.flows.archive_flow import ArchiveFlow
from edgeflow.use_cases.flows.read_flows import ReadFlows
from tests.support.clock import FixedClock
from tests.unit.use_cases.flows.conftest import EDITOR, NoBucket, told


def test_it_leaves_the_lists_and_remembers_what_it_was(table: Table, clock: FixedClock, flow_id: str) -> None:
    flows = FlowStore(table)
    after = ArchiveFlow(flows, clock)(flow_id, caller=EDITOR, expected=None)
    assert (after.state, after.archived_from, after.revision) == (FlowState.ARCHIVED, FlowState.DRAFT, 2)
    read = ReadFlows(flows, NoBucket())
    assert read.page(limit=10) == ([], None)
    assert read.page(limit=10, wanted=FlowFilter(states=frozenset({FlowState.ARCHIVED}))) == ([after], None)


def test_it_is_archived_once_and_by_who_has_read_it(table: Table, clock: FixedClock, flow_id: str) -> None:
    archive = ArchiveFlow(FlowStore(table), clock)
    with pytest.raises(PreconditionFailed):
        archive(flow_id, caller=EDITOR, expected=frozenset({7}))
    archive(flow_id, caller=EDITOR, expected=frozenset({1}))
    with pytest.raises(Conflict):
        archive(flow_id, caller=EDITOR, expected=None)
    assert [event.type for event in told(table, flow_id)] == ["created", "archived"]
