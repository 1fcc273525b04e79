"""The function that plans rollouts."""

from dataclasses import replace

import boto3
import pytest

from edgeflow.adapters.deployments.deployment_store import DeploymentStore
from edgeflow.adapters.deployments.manifest_store import ManifestStore
from edgeflow.adapters.table import Table
from edgeflow.domain.deployments import DeploymentStatus
from edgeflow.domain.errors import NotFound
from plan_rollout.app import handler
from tests.support.api_world import register
from tests.support.aws import BUCKET_NAME
from tests.support.history import ENTRY
from tests.support.rest import FakeContext
from tests.unit.adapters.builders import DEP, a_deployment, put_flow

DEVICES = [f"dev_{number:03}" for number in range(1, 8)]
ANSWER = {"timeout_seconds": 1_800, "auto_rollback": True}
DELAYS = {"batch_delay_seconds": 300, "canary_delay_seconds": 0, "switch_delay_seconds": 0}


@pytest.fixture
def deployments(dead_letters: str, table: Table) -> DeploymentStore:
    """One deployment to seven registered devices, which was started."""
    register(DEVICES)
    put_flow(table)
    store = DeploymentStore(table)
    store.create(a_deployment(status=DeploymentStatus.RUNNING, total_targets=len(DEVICES)), entry=ENTRY)
    ManifestStore(boto3.client("s3"), BUCKET_NAME).write(DEP, DEVICES)
    return store


def test_it_is_planned_in_waves_once(deployments: DeploymentStore) -> None:
    planned = handler({"deployment_id": DEP}, FakeContext())
    assert planned == {"outcome": "planned", "waves": 2, **ANSWER, **DELAYS}
    assert deployments.get(DEP).waves == 2
    assert handler({"deployment_id": DEP}, FakeContext()) == planned


def test_what_has_ended_is_not_planned(deployments: DeploymentStore, table: Table) -> None:
    other = "dep_01J9Z3CCCCCCCCCCCCCCCCCCCC"
    deployments.create(replace(a_deployment(), id=other, status=DeploymentStatus.CANCELLED), entry=ENTRY)
    assert handler({"deployment_id": other}, FakeContext())["outcome"] == "stopped"


def test_what_there_is_none_of_is_an_error_that_names_it(dead_letters: str) -> None:
    with pytest.raises(NotFound, match=DEP):
        handler({"deployment_id": DEP}, FakeContext())
