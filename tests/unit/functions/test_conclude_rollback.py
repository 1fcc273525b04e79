"""The function that ends rollbacks, and the one that ends those which began before there was the former."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest

import conclude_rollback.app
import conclude_rollout.app
from edgeflow.adapters.deployments.deployment_store import DeploymentStore
from edgeflow.adapters.deployments.manifest_store import ManifestStore
from edgeflow.adapters.table import Table
from edgeflow.domain.deployments import DeploymentStatus
from tests.support.aws import BUCKET_NAME, TABLE_NAME
from tests.support.composition import forget
from tests.support.history import ENTRY
from tests.support.rest import FakeContext
from tests.unit.adapters.builders import DEP, a_deployment, put_flow

Handler = Callable[[dict[str, Any], FakeContext], dict[str, str]]
HANDLERS: list[Handler] = [conclude_rollback.app.handler, conclude_rollout.app.handler]


@pytest.fixture
def deployments(table: Table, bucket: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[DeploymentStore]:
    """One deployment whose first attempt to roll back is under way."""
    settings = {
        "TABLE_NAME": TABLE_NAME,
        "ARTIFACT_BUCKET": BUCKET_NAME,
        "STATE_MACHINE_ARN_PREFIX": "arn:aws:states:us-east-1:123456789012:stateMachine:edgeflow-",
        "POWERTOOLS_TRACE_DISABLED": "true",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    for app in (conclude_rollback.app, conclude_rollout.app):
        monkeypatch.setattr(app.metrics.provider, "namespace", "EdgeFlow")
    put_flow(table)
    store = DeploymentStore(table)
    rolling_back = replace(a_deployment(), status=DeploymentStatus.ROLLING_BACK, rollbacks=1)
    store.create(rolling_back, entry=ENTRY)
    ManifestStore(boto3.client("s3"), bucket).write(DEP, ["dev_001"])
    forget()
    yield store
    forget()


@pytest.mark.parametrize("handler", HANDLERS)
@pytest.mark.parametrize(
    "cause", ['Died: {"errorMessage": "no plan"}', {"Error": "Died", "Cause": '{"errorMessage": "no plan"}'}]
)
def test_a_rollback_that_broke_ends_failed_and_says_why(
    deployments: DeploymentStore, handler: Handler, cause: object
) -> None:
    event = {"deployment_id": DEP, "attempt": 1, "outcome": "broken", "cause": cause}
    assert handler(event, FakeContext()) == {"status": "failed"}
    ended = deployments.get(DEP)
    assert ended.status is DeploymentStatus.FAILED
    assert ended.status_reason.endswith("the rollback could not go on: Died: no plan; roll back again")


@pytest.mark.parametrize("handler", HANDLERS)
def test_a_rollback_of_which_every_device_returned_ends_rolled_back(
    deployments: DeploymentStore, handler: Handler
) -> None:
    assert handler({"deployment_id": DEP, "attempt": 1, "outcome": "returned"}, FakeContext()) == {
        "status": "rolled_back"
    }
    assert deployments.get(DEP).status is DeploymentStatus.ROLLED_BACK
