"""The executions of a deployment, by the names that the state machines give them."""

import pytest

from edgeflow.domain.deployments import DeploymentStatus
from edgeflow.domain.errors import Conflict
from edgeflow.domain.remains import Remains
from edgeflow.domain.strategies import Strategy
from edgeflow.use_cases.rollout.executions import (
    begin_rollout,
    refuse_what_is_over,
    rollback_name,
    stop_all,
    stop_rollout,
)
from tests.unit.use_cases.cloud import DEPLOYMENT, Cloud, running_world
from tests.unit.use_cases.memory_aws import MemoryWorkflows
from tests.unit.use_cases.memory_stores import MemoryDeployments


def test_an_execution_is_begun_once() -> None:
    world = running_world(1)
    deployments, workflows = MemoryDeployments(world), MemoryWorkflows(world)
    begun = begin_rollout(world.deployments[DEPLOYMENT], deployments, workflows)
    assert (begun.execution_started, begun.execution_arn) == (True, f"rolling:{DEPLOYMENT}")
    world.executions.clear()
    assert begin_rollout(begun, deployments, workflows) == begun
    assert world.executions == {}


def test_what_carries_a_rollout_forward_is_stopped_with_the_wave_that_may_have_begun_after_it() -> None:
    cloud = Cloud(running_world(4, batch_size=2))
    cloud.plan(DEPLOYMENT)
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    stop_rollout(cloud.world.deployments[DEPLOYMENT], MemoryWorkflows(cloud.world), reason="x")
    assert cloud.world.stopped == {
        f"rolling:{DEPLOYMENT}",
        *(f"{machine}:{DEPLOYMENT}-{name}-{wave}" for machine, name in PARTS for wave in (1, 2)),
    }


PARTS = (("deploy-wave", "wave"), ("handle-breach", "breach"))


def test_of_a_deployment_that_cannot_be_read_whatever_there_may_be_is_stopped() -> None:
    world = running_world(1)
    remains = Remains(
        deployment_id=DEPLOYMENT, flow_id=None, devices=(), planned={}, current_wave=1, rollbacks=2, returns={}
    )
    stop_all(remains, MemoryWorkflows(world), reason="x")
    assert {f"{strategy.machine}:{DEPLOYMENT}" for strategy in Strategy} <= world.stopped
    assert f"rollback:{rollback_name(DEPLOYMENT, 2)}" in world.stopped


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (DeploymentStatus.CANCELLING, "is cancelling"),
        (DeploymentStatus.ROLLING_BACK, "is rolling_back"),
        (DeploymentStatus.COMPLETED, r"has ended \(completed\)"),
        (DeploymentStatus.CANCELLED, r"has ended \(cancelled\)"),
    ],
)
def test_what_is_over_says_so_and_what_to_do(status: DeploymentStatus, why: str) -> None:
    with pytest.raises(Conflict, match=f"{why}.*create a new one"):
        refuse_what_is_over(status)  # type: ignore[arg-type]
