"""Opening the next draft of a published flow, whose versions stay."""

import pytest

from edgeflow.adapters.flows.flow_store import FlowStore
from edgeflow.adapters.table import Table
from edgeflow.contract.history.flows import DraftOpened
from edgeflow.domain.errors import Conflict
from edgeflow.domain.flows import FlowState
from edgeflow.use_cases.flows.draft_flow import DraftFlow
from tests.support.clock import FixedClock
from tests.unit.use_cases.flows.conftest import DEFINITION, EDITOR, published, told


def test_it_begins_with_what_was_published_last_and_that_stays(table: Table, clock: FixedClock, flow_id: str) -> None:
    flows = FlowStore(table)
    published(table, clock, flow_id)
    after = DraftFlow(flows, clock)(flow_id, caller=EDITOR, expected=None)
    assert (after.state, after.definition, after.latest_version) == (FlowState.DRAFT, DEFINITION, 1)
    assert told(table, flow_id)[-1].details == DraftOpened(from_version=1)
    assert flows.get_version(flow_id, 1).version == 1


def test_what_is_a_draft_already_opens_none(table: Table, clock: FixedClock, flow_id: str) -> None:
    with pytest.raises(Conflict):
        DraftFlow(FlowStore(table), clock)(flow_id, caller=EDITOR, expected=None)
    assert [event.type for event in told(table, flow_id)] == ["created"]
