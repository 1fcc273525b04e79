"""Devices that are away: asleep, back in time, back too late, deleted, or no longer trusted."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from deployed.fleet import Fleet
from deployed.rest import ProblemError
from localcloud.stack import Stack
from tests.support.rollouts import Operator, eventually, runs

CONFLICT = 409


@pytest.fixture
def away(stack: Stack, tmp_path: Path) -> Iterator[tuple[Fleet, str]]:
    """A registered device that is switched off; the test switches it on."""
    fleet = Fleet(stack, tmp_path)
    name = f"away_{uuid4().hex[:8]}"
    fleet.register([name])
    yield fleet, name
    fleet.stop()


def begin(operator: Operator, targets: list[str], *, timeout: str) -> tuple[str, str]:
    """Start a deployment that tolerates one failure of two, and wait until its wave is dispatched."""
    flow_id = operator.flow()
    deployment_id = operator.create(flow_id, targets, batch_size=2, failure_threshold=50, timeout=timeout)
    operator.start(deployment_id)
    eventually(
        lambda: operator.statuses(deployment_id)[targets[0]] == "success", seconds=40, what="the other one is done"
    )
    return flow_id, deployment_id


def execution_status(stack: Stack, deployment_id: str, device: str) -> str:
    answer = stack.client("iot").describe_job_execution(jobId=f"{deployment_id}-w00001-0000", thingName=device)
    return str(answer["execution"]["status"])


def test_a_device_that_wakes_before_the_timeout_is_deployed_to(
    operator: Operator, devices: list[str], away: tuple[Fleet, str]
) -> None:
    its_fleet, name = away
    flow_id, deployment_id = begin(operator, [devices[1], name], timeout="60s")
    assert operator.statuses(deployment_id)[name] == "deploying"
    its_fleet.start([name])
    ended = operator.ended(deployment_id)
    assert ended["status"] == "completed", ended["status_reason"]
    assert runs(its_fleet, flow_id, [name], 1)


def test_a_device_that_wakes_after_the_timeout_runs_nothing_stale(
    stack: Stack, operator: Operator, devices: list[str], away: tuple[Fleet, str]
) -> None:
    its_fleet, name = away
    flow_id, deployment_id = begin(operator, [devices[1], name], timeout="10s")
    ended = operator.ended(deployment_id)
    assert ended["status"] == "failed", ended["status_reason"]
    target = operator.targets(deployment_id)[name]
    assert (target["status"], target["reason"]) == ("failed", "timed_out")
    assert execution_status(stack, deployment_id, name) == "CANCELED"
    its_fleet.start([name])
    eventually(
        lambda: operator.rest.call("GET", f"/devices/{name}")["last_seen"] is not None, seconds=30, what="it is back"
    )
    next_one = operator.deploy(operator.flow(), [name], strategy="all_at_once")
    assert next_one["status"] == "completed", "what was asked for after that is done"
    assert runs(its_fleet, flow_id, [name], None)
    again = operator.rest.call("POST", f"/deployments/{deployment_id}/retry")
    assert set(operator.targets(again["id"])) == {name}
    assert operator.ended(again["id"])["status"] == "completed"
    assert runs(its_fleet, flow_id, [name], 1)


def test_a_device_is_not_removed_while_a_deployment_waits_for_it(
    operator: Operator, devices: list[str], away: tuple[Fleet, str]
) -> None:
    its_fleet, name = away
    _, deployment_id = begin(operator, [devices[1], name], timeout="60s")
    with pytest.raises(ProblemError) as refused:
        operator.rest.call("DELETE", f"/devices/{name}")
    assert refused.value.status == CONFLICT
    assert deployment_id in str(refused.value.problem["detail"])
    its_fleet.start([name])
    assert operator.ended(deployment_id)["status"] == "completed"
    operator.remove_device(name)


def test_a_thing_that_is_deleted_in_aws_iot_in_the_middle_fails_and_the_rest_goes_on(
    stack: Stack, operator: Operator, devices: list[str], fleet: Fleet, away: tuple[Fleet, str]
) -> None:
    _, name = away
    flow_id, deployment_id = begin(operator, [devices[1], name], timeout="10s")
    iot = stack.client("iot")
    for principal in iot.list_thing_principals(thingName=name)["principals"]:
        iot.detach_thing_principal(thingName=name, principal=principal)
    eventually(
        lambda: iot.list_thing_principals(thingName=name)["principals"] == [],
        seconds=20,
        what="its certificate is detached",
    )
    iot.delete_thing(thingName=name)
    ended = operator.ended(deployment_id)
    assert ended["status"] == "failed", ended["status_reason"]
    target = operator.targets(deployment_id)[name]
    assert (target["status"], target["reason"]) in {("failed", "timed_out"), ("failed", "device_gone")}
    assert operator.statuses(deployment_id)[devices[1]] == "success"
    assert runs(fleet, flow_id, [devices[1]], 1)


def test_a_device_whose_certificate_is_revoked_in_the_middle_cannot_take_part_any_more(
    stack: Stack, operator: Operator, devices: list[str], fleet: Fleet, away: tuple[Fleet, str]
) -> None:
    its_fleet, name = away
    iot = stack.client("iot")
    flow_id, deployment_id = begin(operator, [devices[1], name], timeout="12s")
    (principal,) = iot.list_thing_principals(thingName=name)["principals"]
    iot.update_certificate(certificateId=principal.rpartition("/")[2], newStatus="REVOKED")
    its_fleet.start([name])
    ended = operator.ended(deployment_id)
    assert ended["status"] == "failed", ended["status_reason"]
    target = operator.targets(deployment_id)[name]
    assert (target["status"], target["reason"]) == ("failed", "timed_out")
    assert operator.rest.call("GET", f"/devices/{name}")["last_seen"] is None, "it never got in"
    assert runs(its_fleet, flow_id, [name], None)
    assert runs(fleet, flow_id, [devices[1]], 1)
