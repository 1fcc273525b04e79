"""The function that ends rollouts."""

import boto3
import pytest

import conclude_rollout.app
from conclude_rollout.app import handler
from edgeflow.adapters.deployments.deployment_store import DeploymentStore
from edgeflow.adapters.deployments.manifest_store import ManifestStore
from edgeflow.adapters.table import Table
from edgeflow.domain.deployments import DeploymentStatus
from tests.support.aws import BUCKET_NAME
from tests.support.history import ENTRY
from tests.support.rest import FakeContext
from tests.unit.adapters.builders import DEP, a_deployment, put_flow


@pytest.fixture
def deployments(dead_letters: str, table: Table, monkeypatch: pytest.MonkeyPatch) -> DeploymentStore:
    """One deployment that runs and has no device."""
    monkeypatch.setattr(conclude_rollout.app.metrics.provider, "namespace", "EdgeFlow")
    put_flow(table)
    store = DeploymentStore(table)
    store.create(a_deployment(status=DeploymentStatus.RUNNING, total_targets=0), entry=ENTRY)
    ManifestStore(boto3.client("s3"), BUCKET_NAME).write(DEP, [])
    return store


def test_what_every_device_runs_is_completed(deployments: DeploymentStore) -> None:
    assert handler({"deployment_id": DEP, "outcome": "settled"}, FakeContext()) == {"status": "completed"}
    assert deployments.get(DEP).status is DeploymentStatus.COMPLETED


def test_one_that_broke_ends_failed_and_says_why(deployments: DeploymentStore) -> None:
    event = {"deployment_id": DEP, "outcome": "broken", "cause": 'Died: {"errorMessage": "no plan"}'}
    assert handler(event, FakeContext()) == {"status": "failed"}
    assert "Died: no plan" in deployments.get(DEP).status_reason
