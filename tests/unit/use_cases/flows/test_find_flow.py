"""Finding a flow by what it is called."""

import pytest

from edgeflow.adapters.flows.flow_store import FlowStore
from edgeflow.adapters.table import Table
from edgeflow.domain.errors import NotFound
from edgeflow.use_cases.flows.create_flow import CreateFlow
from edgeflow.use_cases.flows.find_flow import FindFlow
from tests.support.clock import FixedClock
from tests.unit.use_cases.flows.conftest import AUTHOR, DEFINITION


def test_a_flow_is_found_by_its_slug_and_an_id_is_not_looked_for(table: Table, clock: FixedClock) -> None:
    create = CreateFlow(FlowStore(table), clock)
    made = create(name="A", description="", tags=(), definition=DEFINITION, caller=AUTHOR, slug="line-3")
    find = FindFlow(FlowStore(table))
    assert find("slug:line-3") == find(made.id) == made.id
    assert find("flow_deleted") == "flow_deleted"
    with pytest.raises(NotFound):
        find("slug:line-4")
