"""The function that plans rollbacks."""

import boto3
import pytest

from edgeflow.adapters.deployments.deployment_store import DeploymentStore
from edgeflow.adapters.deployments.manifest_store import ManifestStore
from edgeflow.adapters.table import Table
from edgeflow.domain.deployments import DeploymentStatus
from plan_rollback.app import handler
from tests.support.aws import BUCKET_NAME
from tests.support.history import ENTRY
from tests.support.rest import FakeContext
from tests.unit.adapters.builders import DEP, a_deployment, put_flow

EVENT = {
    "deployment_id": DEP,
    "attempt": "1",
    "origin": "operator",
    "reason": "rolled back by an operator",
    "execution_arn": "arn:aws:states:us-east-1:123456789012:execution:edgeflow-rollback:one",
}


@pytest.fixture
def deployments(dead_letters: str, table: Table) -> DeploymentStore:
    """One deployment that an operator began to roll back before a device had got anything."""
    put_flow(table)
    store = DeploymentStore(table)
    store.create(a_deployment(status=DeploymentStatus.ROLLING_BACK, rollbacks=1), entry=ENTRY)
    ManifestStore(boto3.client("s3"), BUCKET_NAME).write(DEP, ["dev_001"])
    return store


def test_where_nobody_got_anything_nobody_returns(deployments: DeploymentStore) -> None:
    assert handler(EVENT, FakeContext()) == {"outcome": "planned", "total": 0, "timeout_seconds": 1_800, "why": ""}
    assert deployments.get(DEP).status is DeploymentStatus.ROLLING_BACK


def test_an_origin_that_is_none_is_an_error_that_names_it(deployments: DeploymentStore) -> None:
    with pytest.raises(ValueError, match="nobody"):
        handler({**EVENT, "origin": "nobody"}, FakeContext())
