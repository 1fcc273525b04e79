"""A function that fails for ever ends the deployment all the same, with a reason, and gives up its claims."""

from localcloud.fleet import Fleet
from localcloud.stack import Stack
from tests.support.faults import environment
from tests.support.rollouts import Operator, runs


def test_planning_that_fails_for_ever_ends_the_deployment_with_a_reason(
    stack: Stack, operator: Operator, fleet: Fleet, devices: list[str]
) -> None:
    flow_id = operator.flow()
    deployment_id = operator.create(flow_id, devices[1:3], strategy="all_at_once")
    with environment(stack, "PlanRolloutFunction", TABLE_NAME="no_such_table"):
        operator.start(deployment_id)
        ended = operator.ended(deployment_id, seconds=90)
    assert ended["status"] == "failed"
    assert "could not go on" in ended["status_reason"]
    again = operator.deploy(flow_id, devices[1:3], strategy="all_at_once")
    assert again["status"] == "completed", "the claims were given up"
    assert runs(fleet, flow_id, devices[1:3], 1)
