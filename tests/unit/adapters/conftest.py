"""A table whose writes are atomic, as DynamoDB's are, so that races between threads mean something."""

from threading import Lock
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest

from edgeflow.adapters.deployments.deployment_store import DeploymentStore
from edgeflow.adapters.table import Table
from edgeflow.domain.deployments import DeploymentStatus
from tests.support.history import ENTRY
from tests.unit.adapters.builders import a_deployment, put_flow

if TYPE_CHECKING:
    from types_boto3_dynamodb.client import DynamoDBClient


class OneCallAtATime:
    """A client whose calls never overlap: moto checks a condition and writes in two steps that threads can mix."""

    def __init__(self, client: object) -> None:
        """Guard this client."""
        self._client = client
        self._lock = Lock()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  whatever the client has
        attribute = getattr(self._client, name)
        if name == "exceptions":
            return attribute

        def call(**request: Any) -> Any:  # noqa: ANN401  any call
            with self._lock:
                return attribute(**request)

        return call


@pytest.fixture
def table(table: Table) -> Table:
    """The one table, empty, for several threads."""
    return Table(cast("DynamoDBClient", OneCallAtATime(boto3.client("dynamodb"))), table.name)


@pytest.fixture
def running(table: Table) -> DeploymentStore:
    """The store, with a running deployment of a published flow."""
    put_flow(table)
    deployments = DeploymentStore(table)
    deployments.create(a_deployment(status=DeploymentStatus.RUNNING), entry=ENTRY)
    return deployments
