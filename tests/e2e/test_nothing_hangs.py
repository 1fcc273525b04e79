"""A function that fails for ever ends the deployment all the same, with a reason, and gives up its claims."""

from collections.abc import Iterator
from contextlib import contextmanager

from localcloud.fleet import Fleet
from localcloud.stack import Stack
from tests.support.rollouts import Operator, runs


@contextmanager
def broken(stack: Stack, function: str) -> Iterator[None]:
    """Let a function fail at every call: it looks for a table that is not there."""
    functions = stack.client("lambda")
    name = next(
        each["FunctionName"]
        for page in functions.get_paginator("list_functions").paginate()
        for each in page["Functions"]
        if f"-{function}-" in each["FunctionName"]
    )
    environment = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    functions.update_function_configuration(
        FunctionName=name, Environment={"Variables": environment | {"TABLE_NAME": "no_such_table"}}
    )
    try:
        yield
    finally:
        functions.update_function_configuration(FunctionName=name, Environment={"Variables": environment})


def test_planning_that_fails_for_ever_ends_the_deployment_with_a_reason(
    stack: Stack, operator: Operator, fleet: Fleet, devices: list[str]
) -> None:
    flow_id = operator.flow()
    deployment_id = operator.create(flow_id, devices[1:3], strategy="all_at_once")
    with broken(stack, "PlanRolloutFunction"):
        operator.start(deployment_id)
        ended = operator.ended(deployment_id, seconds=90)
    assert ended["status"] == "failed"
    assert "could not go on" in ended["status_reason"]
    again = operator.deploy(flow_id, devices[1:3], strategy="all_at_once")
    assert again["status"] == "completed", "the claims were given up"
    assert runs(fleet, flow_id, devices[1:3], 1)
