"""Reading flows and their versions."""

import pytest

from edgeflow.adapters.flows.flow_store import FlowStore
from edgeflow.adapters.table import Table
from edgeflow.contract.flow import Definition
from edgeflow.domain.errors import NotFound
from edgeflow.domain.flows import FlowFilter, FlowState
from edgeflow.use_cases.flows.read_flows import ReadFlows
from tests.support.clock import FixedClock
from tests.unit.use_cases.flows.conftest import DEFINITION, NoBucket, published


class Bucket(NoBucket):
    """Has one definition."""

    def definition(self, sha256: str) -> Definition:
        assert len(sha256) == 64
        return DEFINITION


def test_a_version_comes_with_its_definition(table: Table, clock: FixedClock, flow_id: str) -> None:
    published(table, clock, flow_id)
    read = ReadFlows(FlowStore(table), Bucket())
    record, definition = read.version(flow_id, 1)
    assert (record.version, definition) == (1, DEFINITION)
    assert read.versions(flow_id, limit=10) == ([record], None)
    assert read.page(limit=10, wanted=FlowFilter(states=frozenset({FlowState.DRAFT}))) == ([], None)
    assert read.page(limit=10) == ([read.one(flow_id)], None)


def test_of_a_flow_that_is_not_there_no_versions_are_listed(table: Table, flow_id: str) -> None:
    read = ReadFlows(FlowStore(table), Bucket())
    assert read.versions(flow_id, limit=10) == ([], None)
    with pytest.raises(NotFound):
        read.versions("flow_none", limit=10)
    with pytest.raises(NotFound):
        read.version(flow_id, 1)
