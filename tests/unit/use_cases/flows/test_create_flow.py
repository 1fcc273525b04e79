"""Creating a flow: a draft, which may be incomplete, told as the first event of its history."""

import pytest

from edgeflow.adapters.flows.flow_store import FlowStore
from edgeflow.adapters.table import Table
from edgeflow.contract.flow import Definition, Node
from edgeflow.domain.errors import InvalidRequest
from edgeflow.domain.flows import FlowState
from edgeflow.use_cases.flows.create_flow import CreateFlow
from tests.support.clock import FixedClock
from tests.unit.use_cases.flows.conftest import AUTHOR, told


def test_a_draft_reads_back_as_it_was_made_and_each_tag_once(table: Table, clock: FixedClock) -> None:
    flows = FlowStore(table)
    create = CreateFlow(flows, clock)
    made = create(name="Alert", description="d", tags=("b", "a", "b"), definition=Definition(), caller=AUTHOR)
    assert flows.get(made.id) == made
    assert (made.state, made.revision, made.latest_version) == (FlowState.DRAFT, 1, None)
    assert (made.tags, made.created_by) == (("b", "a"), AUTHOR.name)
    assert [(event.sequence, event.type) for event in told(table, made.id)] == [(1, "created")]


def test_a_definition_that_is_too_big_leaves_nothing(table: Table, clock: FixedClock) -> None:
    flows = FlowStore(table)
    big = Definition(nodes=tuple(Node(id=f"n{n}", type="debug", config={"a": "x" * 10_000}) for n in range(40)))
    with pytest.raises(InvalidRequest):
        CreateFlow(flows, clock)(name="Big", description="", tags=(), definition=big, caller=AUTHOR)
    assert flows.page(limit=10) == ([], None)
