"""Unfinished deployments in their flow's item: a damaged one holds nobody up."""

from edgeflow.adapters import keys
from edgeflow.adapters.deployments.deployment_store import DeploymentStore
from edgeflow.adapters.table import Table
from edgeflow.domain.deployments import DeploymentStatus
from tests.support.history import ENTRY
from tests.unit.adapters.builders import AT, DEP, FLOW
from tests.unit.adapters.damage import damage


def test_a_damaged_flow_holds_up_no_end_and_no_rollback(table: Table, running: DeploymentStore) -> None:
    damage(table, keys.flow_key(FLOW), open_deployments="none")
    failed = DeploymentStatus.FAILED
    assert running.finish(DEP, allowed=DeploymentStatus, to=failed, reason="over", at=AT, entry=ENTRY)
    begun = running.begin_rollback(DEP, attempt=1, execution_arn=None, reason="asked for", entry=ENTRY)
    assert begun.status is DeploymentStatus.ROLLING_BACK
