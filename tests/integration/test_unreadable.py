"""Records that cannot be read, on the deployed stack: what the API may do about them, with its own rights."""

from pathlib import Path
from uuid import uuid4

import pytest

from deployed.fleet import Fleet
from edgeflow.adapters import keys
from edgeflow.adapters.table import Table
from localcloud.stack import Stack
from tests.support.rollouts import Operator, eventually, wave_execution


@pytest.fixture
def device(stack: Stack, tmp_path: Path) -> str:
    """A device that is registered and never connects."""
    name = f"hurt_{uuid4().hex[:8]}"
    Fleet(stack, tmp_path).register([name])
    return name


def damage(stack: Stack, key: keys.Key, **attributes: object) -> None:
    table = Table(stack.client("dynamodb"), stack.outputs["TableName"])
    item = table.get(key)
    assert item is not None
    table.put({**item, **attributes})


def test_a_deployment_that_cannot_be_read_is_deleted_with_all_that_it_set_going(
    stack: Stack, operator: Operator, device: str
) -> None:
    flow_id = operator.flow()
    deployment_id = operator.create(flow_id, [device], strategy="all_at_once", timeout="30m")
    arn = operator.start(deployment_id)["execution"]["arn"]
    eventually(
        lambda: operator.statuses(deployment_id).get(device) == "deploying", seconds=30, what="the wave is dispatched"
    )
    damage(stack, keys.deployment_key(deployment_id), rules="none", flow_id=5)
    operator.rest.call("DELETE", f"/deployments/{deployment_id}")
    states, iot = stack.client("stepfunctions"), stack.client("iot")
    for execution in (arn, wave_execution(arn, 1)):
        assert states.describe_execution(executionArn=execution)["status"] == "ABORTED"
    (execution,) = iot.list_job_executions_for_thing(thingName=device)["executionSummaries"]
    assert execution["jobExecutionSummary"]["status"] == "CANCELED"
    events = operator.rest.call("GET", f"/deployments/{deployment_id}/events")["events"]
    assert events[-1]["type"] == "deleted"
    again = operator.deploy(flow_id, [device], strategy="all_at_once", timeout="3s", auto_rollback=False)
    assert operator.targets(again["id"])[device]["reason"] == "timed_out", "the claim was given up"
    operator.rest.call("DELETE", f"/flows/{flow_id}")


def test_a_device_whose_record_names_no_certificate_is_locked_out(
    stack: Stack, operator: Operator, device: str
) -> None:
    iot = stack.client("iot")
    (certificate,) = iot.list_thing_principals(thingName=device)["principals"]
    damage(stack, keys.device_key(device), certificates="lost", state=7, current_certificate=None)
    operator.rest.call("DELETE", f"/devices/{device}")
    assert certificate not in [each["certificateArn"] for each in iot.list_certificates()["certificates"]]
    operator.rest.call("POST", "/devices", {"device_id": device})
