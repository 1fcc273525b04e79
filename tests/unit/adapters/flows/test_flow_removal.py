"""Deleting a flow whose record cannot be read."""

import pytest

from edgeflow.adapters import keys
from edgeflow.adapters.deployments.deployment_store import DeploymentStore
from edgeflow.adapters.flows.flow_store import FlowStore
from edgeflow.adapters.table import Table
from edgeflow.domain.deployments import DeploymentStatus
from edgeflow.domain.errors import Conflict, NotFound
from tests.support.history import ENTRY
from tests.unit.adapters.builders import AT, DEP, FLOW
from tests.unit.adapters.damage import damage


def test_a_damaged_flow_is_deleted_when_no_deployment_is_unfinished(table: Table, running: DeploymentStore) -> None:
    damage(table, keys.flow_key(FLOW), open_deployments="none", revision="first")
    flows = FlowStore(table)
    with pytest.raises(Conflict, match=DEP):
        flows.delete(FLOW, revisions=None, entry=ENTRY)
    running.finish(DEP, allowed=DeploymentStatus, to=DeploymentStatus.FAILED, reason="over", at=AT, entry=ENTRY)
    flows.delete(FLOW, revisions=None, entry=ENTRY)
    with pytest.raises(NotFound):
        flows.get(FLOW)
