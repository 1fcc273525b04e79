"""What the tests of deployments at rest share."""

import pytest

from edgeflow.adapters.deployments.deployment_store import DeploymentStore
from edgeflow.adapters.table import Table
from tests.unit.adapters.builders import put_flow


@pytest.fixture
def store(table: Table) -> DeploymentStore:
    """The store with a published flow to deploy."""
    put_flow(table)
    return DeploymentStore(table)
