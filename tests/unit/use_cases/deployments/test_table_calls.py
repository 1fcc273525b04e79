"""What each action of an operator costs of the table: nothing is read again after it was written."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest

from edgeflow.adapters.deployments.deployment_store import DeploymentStore
from edgeflow.adapters.rollout.wave_store import WaveStore
from edgeflow.adapters.table import Table
from edgeflow.domain.deployments import Deployment, DeploymentStatus
from edgeflow.domain.history import Entry
from edgeflow.use_cases.deployments.create_deployment import created
from edgeflow.use_cases.rollout.conclude_rollout import RolloutEnd
from tests.unit.adapters.builders import put_flow
from tests.unit.use_cases.cloud import DEPLOYMENT, FLOW, ME, Cloud, deploy_wave, running_world

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from types_boto3_dynamodb.client import DynamoDBClient

READ, UPDATE, TRANSACTION = "query", "update_item", "transact_write_items"
WAVE = "get_item"
"""Reads a wave; a deployment and its counters are read by one query."""


class CountingClient:
    """A client of DynamoDB that counts the calls that a test's table makes."""

    def __init__(self, client: Any) -> None:  # noqa: ANN401  any client of boto3
        self.client = client
        self.calls: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  whatever the client has
        if name in {READ, WAVE, UPDATE, TRANSACTION, "put_item", "batch_get_item"}:
            self.calls[name] += 1
        return getattr(self.client, name)


class Counted(Cloud):
    """The operations over a table that counts: a deployment and its waves are in it, everything else is in memory."""

    def __init__(self, table: Table) -> None:
        """Write a deployment of two waves, which waits to be started."""
        self.client = CountingClient(boto3.client("dynamodb"))
        counted = Table(cast("DynamoDBClient", self.client), table.name)
        world = running_world(2, batch_size=1, status=DeploymentStatus.PENDING)
        deployment = replace(world.deployments.pop(DEPLOYMENT), created_by=ME.name)
        self.store = DeploymentStore(counted)
        super().__init__(world, deployments=self.store, waves=WaveStore(counted))
        put_flow(table, flow_id=FLOW)
        self.store.create(deployment, entry=Entry(at=deployment.created_at, actor=ME, details=created(deployment)))

    def deploy(self) -> None:
        """Start it, and let the device of the first wave succeed."""
        self.start(DEPLOYMENT, by=ME)
        self.plan(DEPLOYMENT)
        deploy_wave(self, 1, dev_001="SUCCEEDED")

    def end(self) -> None:
        """Let the device of the first wave fail, and end there."""
        self.start(DEPLOYMENT, by=ME)
        self.plan(DEPLOYMENT)
        deploy_wave(self, 1, dev_001="FAILED")
        self.conclude_rollout(DEPLOYMENT, RolloutEnd.BREACHED)

    def hold(self) -> None:
        """Pause it, and let its execution see that."""
        self.deploy()
        self.pause(DEPLOYMENT, by=ME)
        self.await_resume(DEPLOYMENT, "token-p", breached=False)

    def watch_delay(self) -> None:
        """Let its execution wait after the first wave."""
        self.deploy()
        self.watch.begin(DEPLOYMENT, "token-w", wave=1)


@pytest.mark.parametrize(
    ("prepare", "action", "cost"),
    [
        pytest.param(lambda _: None, lambda cloud: cloud.start(DEPLOYMENT, by=ME), (2, 1, 1), id="start"),
        pytest.param(Counted.deploy, lambda cloud: cloud.pause(DEPLOYMENT, by=ME), (1, 0, 1), id="pause"),
        pytest.param(Counted.hold, lambda cloud: cloud.resume(DEPLOYMENT, by=ME), (2, 1, 1), id="resume"),
        pytest.param(Counted.watch_delay, lambda cloud: cloud.promote(DEPLOYMENT, by=ME), (3, 0, 1), id="promote"),
        pytest.param(lambda _: None, lambda cloud: cloud.cancel(DEPLOYMENT, by=ME), (3, 0, 1), id="cancel-pending"),
        pytest.param(Counted.deploy, lambda cloud: cloud.cancel(DEPLOYMENT, by=ME), (2, 0, 1), id="cancel"),
        pytest.param(Counted.deploy, lambda cloud: cloud.rollback(DEPLOYMENT, by=ME), (3, 0, 1), id="rollback"),
        pytest.param(Counted.end, lambda cloud: cloud.retry(DEPLOYMENT, by=ME), (5, 1, 3), id="retry"),
    ],
)
def test_what_an_action_costs(
    table: Table,
    prepare: Callable[[Counted], None],
    action: Callable[[Counted], Deployment],
    cost: tuple[int, int, int],
) -> None:
    """Reads, updates and transactions, those reads included that changes of a history begin with."""
    cloud = Counted(table)
    prepare(cloud)
    cloud.client.calls.clear()
    answered = action(cloud)
    calls = cloud.client.calls
    assert set(calls) <= {READ, WAVE, UPDATE, TRANSACTION}
    assert (calls[READ] + calls[WAVE], calls[UPDATE], calls[TRANSACTION]) == cost
    assert answered == cloud.store.get(answered.id), "what is answered is what was written"
