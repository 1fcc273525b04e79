"""Reading histories: in order, page by page, also of what is gone; what never was is not found."""

import pytest

from edgeflow.adapters.deployments.deployment_store import DeploymentStore
from edgeflow.adapters.flows.flow_store import FlowStore
from edgeflow.adapters.history.history_store import HistoryStore
from edgeflow.adapters.table import Table
from edgeflow.domain.deployments import DeploymentStatus
from edgeflow.domain.errors import NotFound
from edgeflow.use_cases.history.read_history import ReadHistory
from tests.support.history import ENTRY
from tests.support.readable import all_read
from tests.unit.adapters.builders import AT, DEP, FLOW, a_deployment, put_flow


@pytest.fixture
def read(table: Table) -> ReadHistory:
    """The operation, with one deployment that was paused."""
    put_flow(table)
    deployments = DeploymentStore(table)
    deployments.create(a_deployment(), entry=ENTRY)
    paused = DeploymentStatus.PAUSED
    deployments.change_status(DEP, allowed=DeploymentStatus, to=paused, reason="pause", at=AT, entry=ENTRY)
    return ReadHistory(HistoryStore(table), deployments, FlowStore(table))


def test_pages_go_on_after_an_event(read: ReadHistory) -> None:
    first, after = read.of_deployment(DEP, limit=1)
    assert ([event.sequence for event in all_read(first)], after) == ([1], 1)
    second, end = read.of_deployment(DEP, limit=1, after=1)
    assert ([event.status for event in all_read(second)], end) == (["paused"], None)
    assert read.of_deployment(DEP, limit=1, after=2) == ([], None)


def test_what_has_none_is_looked_for(read: ReadHistory, table: Table) -> None:
    with pytest.raises(NotFound):
        read.of_deployment("dep_9", limit=10)
    with pytest.raises(NotFound):
        read.of_flow("flow_9", limit=10)
    assert read.of_flow(FLOW, limit=10, after=3) == ([], None), "behind its end, whatever became of the flow"


def test_a_history_outlives_its_deployment(read: ReadHistory, table: Table) -> None:
    table.delete((f"DEP#{DEP}", "DEPLOYMENT"))
    found, _ = read.of_deployment(DEP, limit=10)
    assert [event.sequence for event in all_read(found)] == [1, 2]
