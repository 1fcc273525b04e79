"""The safety net on the local cloud: an execution that was killed, and a run without faults."""

from pathlib import Path
from uuid import uuid4

import pytest

from deployed.fleet import Fleet
from localcloud.stack import Stack
from tests.support.rollouts import Operator, eventually, reconcile, wave_execution


@pytest.fixture
def asleep(stack: Stack, tmp_path: Path) -> str:
    """A device that is registered and never connects."""
    name = f"asleep_{uuid4().hex[:8]}"
    Fleet(stack, tmp_path).register([name])
    return name


def test_an_execution_that_dies_ends_its_deployment_within_a_bounded_time(
    stack: Stack, operator: Operator, asleep: str
) -> None:
    deployment_id = operator.create(operator.flow(), [asleep], strategy="all_at_once", timeout="30m")
    arn = operator.start(deployment_id)["execution"]["arn"]
    eventually(
        lambda: operator.statuses(deployment_id)[asleep] == "deploying", seconds=30, what="the wave is dispatched"
    )
    assert deployment_id not in reconcile(stack)["concluded"]
    stack.client("stepfunctions").stop_execution(executionArn=arn, error="Test.Killed", cause="killed by a test")
    eventually(
        lambda: deployment_id in reconcile(stack)["concluded"], seconds=30, what="the safety net has concluded it"
    )
    failed = operator.read(deployment_id)
    assert failed["status"] == "failed"
    assert "ABORTED" in failed["status_reason"]
    assert operator.targets(deployment_id)[asleep]["reason"] == "cancelled"
    part = stack.client("stepfunctions").describe_execution(executionArn=wave_execution(arn, 1))
    assert part["status"] == "ABORTED", "the execution of its wave does not go on without it"
    again = operator.deploy(failed["flow_id"], [asleep], strategy="all_at_once", timeout="3s", auto_rollback=False)
    assert operator.targets(again["id"])[asleep]["reason"] == "timed_out", "the claim was given up"


def test_a_run_without_faults_gives_it_nothing_to_do(stack: Stack, operator: Operator, asleep: str) -> None:
    deployment_id = operator.create(operator.flow(), [asleep], strategy="all_at_once", timeout="3s")
    operator.start(deployment_id)
    operator.ended(deployment_id)
    told = reconcile(stack)
    assert deployment_id not in [*told["started"], *told["concluded"], *told["answered"]]
