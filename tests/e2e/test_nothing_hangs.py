"""A function that fails for ever ends the deployment all the same, with a reason, and gives up its claims."""

import pytest

from deployed.fleet import Fleet
from localcloud.stack import Stack
from tests.support.faults import environment
from tests.support.rollouts import Operator, eventually, reconcile, runs

NO_TABLE = "no_such_table"
PATIENCE_SECONDS = 120
"""Each call is tried again some times, after growing pauses."""

pytestmark = pytest.mark.timeout(2 * PATIENCE_SECONDS)


def deploys_again(operator: Operator, fleet: Fleet, flow_id: str, devices: list[str]) -> bool:
    """Deploy once more to the same devices: they are not if a claim is left."""
    again = operator.deploy(flow_id, devices, strategy="all_at_once")
    return again["status"] == "completed" and runs(fleet, flow_id, devices, 1)


def test_planning_that_fails_for_ever_ends_the_deployment_with_a_reason(
    stack: Stack, operator: Operator, fleet: Fleet, devices: list[str]
) -> None:
    flow_id = operator.flow()
    deployment_id = operator.create(flow_id, devices[1:3], strategy="all_at_once")
    with environment(stack, "PlanRolloutFunction", TABLE_NAME=NO_TABLE):
        operator.start(deployment_id)
        ended = operator.ended(deployment_id, seconds=PATIENCE_SECONDS)
    assert ended["status"] == "failed"
    assert "could not go on" in ended["status_reason"]
    assert deploys_again(operator, fleet, flow_id, devices[1:3])


def test_concluding_that_fails_for_ever_is_left_to_the_safety_net(
    stack: Stack, operator: Operator, fleet: Fleet, devices: list[str]
) -> None:
    flow_id = operator.flow()
    deployment_id = operator.create(flow_id, devices[1:3], strategy="all_at_once")
    states = stack.client("stepfunctions")
    with environment(stack, "ConcludeRolloutFunction", TABLE_NAME=NO_TABLE):
        arn = operator.start(deployment_id)["execution"]["arn"]
        eventually(
            lambda: states.describe_execution(executionArn=arn)["status"] == "FAILED",
            seconds=PATIENCE_SECONDS,
            what="the execution gives up",
        )
        assert operator.read(deployment_id)["status"] == "running"
        eventually(lambda: deployment_id in reconcile(stack)["concluded"], seconds=30, what="the safety net concludes")
    ended = operator.read(deployment_id)
    assert ended["status"] == "failed"
    assert "its execution ended (FAILED)" in ended["status_reason"]
    assert set(operator.statuses(deployment_id).values()) == {"success"}
    assert deploys_again(operator, fleet, flow_id, devices[1:3])
