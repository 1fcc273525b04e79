"""Restoring a flow to the state that it was archived in."""

import pytest

from edgeflow.adapters.flows.flow_store import FlowStore
from edgeflow.adapters.table import Table
from edgeflow.domain.errors import Conflict
from edgeflow.domain.flows import FlowState
from edgeflow.use_cases.flows.archive_flow import ArchiveFlow
from edgeflow.use_cases.flows.restore_flow import RestoreFlow
from tests.support.clock import FixedClock
from tests.unit.use_cases.flows.conftest import AUTHOR, EDITOR, published


@pytest.mark.parametrize("state", [FlowState.DRAFT, FlowState.PUBLISHED])
def test_it_comes_back_as_it_was(table: Table, clock: FixedClock, flow_id: str, state: FlowState) -> None:
    flows = FlowStore(table)
    if state is FlowState.PUBLISHED:
        published(table, clock, flow_id)
    ArchiveFlow(flows, clock)(flow_id, caller=AUTHOR, expected=None)
    restore = RestoreFlow(flows, clock)
    after = restore(flow_id, caller=EDITOR, expected=None)
    assert flows.get(flow_id) == after
    assert (after.state, after.archived_from) == (state, None)
    with pytest.raises(Conflict):
        restore(flow_id, caller=EDITOR, expected=None)
