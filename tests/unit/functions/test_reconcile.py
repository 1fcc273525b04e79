"""The function that repairs what events had not told."""

import boto3
import pytest

import reconcile.app
from edgeflow.adapters.deployments.deployment_store import DeploymentStore
from edgeflow.adapters.deployments.manifest_store import ManifestStore
from edgeflow.adapters.table import Table
from edgeflow.domain.deployments import DeploymentStatus
from reconcile.app import handler
from tests.support.aws import BUCKET_NAME
from tests.support.history import ENTRY
from tests.support.rest import FakeContext
from tests.unit.adapters.builders import DEP, a_deployment, put_flow

NOTHING = {"looked_at": 0, "started": [], "concluded": [], "answered": [], "reports": 0, "unreadable": []}


@pytest.fixture
def deployments(dead_letters: str, table: Table, monkeypatch: pytest.MonkeyPatch) -> DeploymentStore:
    """No deployment yet."""
    monkeypatch.setattr(reconcile.app.metrics.provider, "namespace", "EdgeFlow")
    monkeypatch.setenv("RECONCILE_GRACE_SECONDS", "120")
    put_flow(table)
    return DeploymentStore(table)


def test_where_nothing_is_unfinished_nothing_is_looked_at(deployments: DeploymentStore) -> None:
    deployments.create(a_deployment(status=DeploymentStatus.COMPLETED), entry=ENTRY)
    assert handler({}, FakeContext()) == NOTHING


def test_a_rollout_whose_execution_is_gone_ends(deployments: DeploymentStore) -> None:
    deployments.create(a_deployment(status=DeploymentStatus.RUNNING, execution_started=True), entry=ENTRY)
    ManifestStore(boto3.client("s3"), BUCKET_NAME).write(DEP, [])
    assert handler({}, FakeContext()) == NOTHING | {"looked_at": 1, "concluded": [DEP]}
    assert deployments.get(DEP).status is DeploymentStatus.FAILED


def test_one_that_cannot_be_read_is_counted_and_left_alone(deployments: DeploymentStore, table: Table) -> None:
    deployments.create(a_deployment(status=DeploymentStatus.RUNNING), entry=ENTRY)
    damaged = {**(table.get((f"DEP#{DEP}", "DEPLOYMENT")) or {}), "rules": "none"}
    table.put(damaged)
    assert handler({}, FakeContext()) == NOTHING | {"looked_at": 1, "unreadable": [DEP]}
    assert table.get((f"DEP#{DEP}", "DEPLOYMENT")) == damaged
