"""Deployments by REST: what can be done with them, and what the answers say."""

import boto3
import pytest

from dispatch_wave.commands import COMMAND, WindDown
from edgeflow.adapters.rollout.target_store import TargetStore
from edgeflow.adapters.table import Table
from edgeflow.bootstrap import rollout, stores
from edgeflow.domain.deployments import ACTIVE, DeploymentStatus, TargetStatus
from edgeflow.use_cases.rollout.ports import TargetOutcome
from tests.support.api_world import PREFIX
from tests.support.history import ENTRY
from tests.support.rest import Rest
from tests.unit.api.conftest import order


def test_a_flow_with_an_unfinished_deployment_cannot_be_deleted(rest: Rest, flow_id: str) -> None:
    deployment = rest("POST", "/v1/deployments", order(flow_id)).body
    answer = rest("DELETE", f"/v1/flows/{flow_id}")
    assert answer.status == 409
    assert deployment["id"] in answer.body["detail"]


def test_the_same_key_creates_one_deployment(rest: Rest, flow_id: str) -> None:
    key = {"Idempotency-Key": "release-42"}
    first = rest("POST", "/v1/deployments", order(flow_id), headers=key)
    again = rest("POST", "/v1/deployments", order(flow_id), headers=key)
    assert again.body == first.body
    assert len(rest("GET", "/v1/deployments").body["deployments"]) == 1


def test_start_then_pause_then_resume(rest: Rest, machines: None, flow_id: str) -> None:
    path = f"/v1/deployments/{rest('POST', '/v1/deployments', order(flow_id)).body['id']}"
    started = rest("POST", f"{path}/start")
    assert (started.status, started.body["status"]) == (200, "running")
    assert started.body["execution"]["arn"].startswith(PREFIX.replace("stateMachine", "execution") + "rolling:dep_")
    assert started.body["execution"]["console_url"].endswith(started.body["execution"]["arn"])
    assert rest("POST", f"{path}/start").body == started.body, "a start that comes again changes nothing"
    assert rest("POST", f"{path}/pause").body["status"] == "paused"
    assert rest("POST", f"{path}/pause").status == 409
    refused = rest("POST", f"{path}/start")
    assert (refused.status, refused.body["detail"]) == (409, "the deployment is paused: resume goes on with it")
    assert rest("POST", f"{path}/resume").body["status"] == "running"
    assert rest("POST", f"{path}/resume").body["status_reason"] == "resumed by operator-client"
    executions = boto3.client("stepfunctions").list_executions(stateMachineArn=PREFIX + "rolling")["executions"]
    assert len(executions) == 1


def test_a_flow_archived_since_is_not_deployed(rest: Rest, machines: None, flow_id: str) -> None:
    path = f"/v1/deployments/{rest('POST', '/v1/deployments', order(flow_id)).body['id']}"
    rest("POST", f"/v1/flows/{flow_id}/archive")
    refused = rest("POST", f"{path}/start")
    assert (refused.status, "restore it" in refused.body["detail"]) == (409, True)
    rest("POST", f"/v1/flows/{flow_id}/restore")
    assert rest("POST", f"{path}/start").status == 200


@pytest.mark.slow
def test_only_a_failed_deployment_is_retried(rest: Rest, machines: None, table: Table, flow_id: str) -> None:
    path = f"/v1/deployments/{rest('POST', '/v1/deployments', order(flow_id)).body['id']}"
    refused = rest("POST", f"{path}/retry")
    assert (refused.status, "pending" in refused.body["detail"]) == (409, True)
    rest("POST", f"{path}/start")
    deployment_id = path.rpartition("/")[2]
    rollout.plan_rollout()(deployment_id)
    gone = TargetOutcome(status=TargetStatus.FAILED, reason="timed_out", message="asleep", reached=False)
    TargetStore(table).settle(deployment_id, "dev_002", gone, wave=1, at="2026-02-21T12:00:00.000Z")
    stores.deployments().finish(
        deployment_id, allowed=ACTIVE, to=DeploymentStatus.FAILED, reason="a test", at=ENTRY.at, entry=ENTRY
    )
    retry = rest("POST", f"{path}/retry", headers={"Idempotency-Key": "again"})
    assert (retry.status, retry.body["status"], retry.body["retry_of"]) == (201, "running", deployment_id)
    assert [target["device_id"] for target in retry.body["targets"]] == ["dev_002"]
    assert rest("POST", f"{path}/retry", headers={"Idempotency-Key": "again"}).body == retry.body
    assert retry.body["id"] in rest("POST", f"{path}/retry").body["detail"]
    assert rest("GET", path).body["retried_by"] == retry.body["id"]


def test_rollback_of_a_running_deployment(rest: Rest, machines: None, flow_id: str) -> None:
    path = f"/v1/deployments/{rest('POST', '/v1/deployments', order(flow_id)).body['id']}"
    refused = rest("POST", f"{path}/rollback")
    assert (refused.status, "not started" in refused.body["detail"]) == (409, True)
    rest("POST", f"{path}/start")
    answer = rest("POST", f"{path}/rollback")
    assert (answer.status, answer.body["status"], answer.body["rollbacks"]) == (200, "rolling_back", 1)
    assert answer.body["rollback_execution"]["arn"].endswith("-rollback-1")
    again = rest("POST", f"{path}/rollback")
    assert (again.status, again.body) == (200, answer.body), "a rollback that comes again changes nothing"
    for action in ("start", "pause", "resume", "promote", "cancel", "retry"):
        assert rest("POST", f"{path}/{action}").status == 409


@pytest.mark.slow
def test_resume_takes_a_body_that_accepts_failures_and_no_other(rest: Rest, machines: None, flow_id: str) -> None:
    path = f"/v1/deployments/{rest('POST', '/v1/deployments', order(flow_id)).body['id']}"
    rest("POST", f"{path}/start")
    rest("POST", f"{path}/pause")
    for body in ({"accept_failures": "yes"}, {"accept_failures": None}, {"accept": True}):
        refused = rest("POST", f"{path}/resume", body)
        assert (refused.status, set(refused.faults)) == (422, {f"/{name}" for name in body})
    stores.deployments().note_breach(path.rpartition("/")[2], "00001")
    config = {"auto_rollback": False}
    assert rest("POST", f"{path}/resume").status == 200, "with auto_rollback the rollback is under way"
    path = f"/v1/deployments/{rest('POST', '/v1/deployments', order(flow_id, config=config)).body['id']}"
    rest("POST", f"{path}/start")
    rest("POST", f"{path}/pause")
    stores.deployments().note_breach(path.rpartition("/")[2], "00001")
    refused = rest("POST", f"{path}/resume", {"accept_failures": False})
    assert (refused.status, '"accept_failures": true' in refused.body["detail"]) == (409, True)
    assert rest("POST", f"{path}/resume", {"accept_failures": True}).body["status"] == "running"


@pytest.mark.slow
def test_cancel_of_a_running_deployment_stops_it_and_lets_its_flow_go(rest: Rest, machines: None, flow_id: str) -> None:
    deployment_id = rest("POST", "/v1/deployments", order(flow_id)).body["id"]
    path = f"/v1/deployments/{deployment_id}"
    rest("POST", f"{path}/start")
    rollout.plan_rollout()(deployment_id)
    answer = rest("POST", f"{path}/cancel")
    assert (answer.status, answer.body["status"]) == (200, "cancelling")
    sqs = boto3.client("sqs")
    url = sqs.get_queue_url(QueueName="dispatch")["QueueUrl"]
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert COMMAND.validate_json(message["Body"]) == WindDown(command="wind_down", deployment_id=deployment_id)
    assert deployment_id in rest("DELETE", f"/v1/flows/{flow_id}").body["detail"]
    rollout.wind_down()(deployment_id)
    cancelled = rest("GET", path).body
    assert (cancelled["status"], cancelled["target_counts"]["skipped"], cancelled["finished_at"] is None) == (
        "cancelled",
        0,  # the tally counts them
        False,
    )
    assert [target["status"] for target in cancelled["targets"]] == ["skipped"] * 3
    assert rest("POST", f"{path}/cancel").body == cancelled, "a cancel that comes again changes nothing"
    found = rest("GET", "/v1/deployments", query={"status": "cancelled"}).body["deployments"]
    assert [each["id"] for each in found] == [deployment_id]
    assert rest("GET", "/v1/deployments", query={"status": "cancelling"}).body["deployments"] == []
    assert rest("DELETE", f"/v1/flows/{flow_id}").status == 204


@pytest.mark.parametrize("cancelled", [False, True])
def test_what_never_started_can_be_deleted_and_lets_its_flow_go(
    rest: Rest,
    machines: None,
    flow_id: str,
    cancelled: bool,  # noqa: FBT001
) -> None:
    path = f"/v1/deployments/{rest('POST', '/v1/deployments', order(flow_id)).body['id']}"
    if cancelled:
        answer = rest("POST", f"{path}/cancel")
        assert (answer.status, answer.body["status"]) == (200, "cancelled")
        assert answer.body["status_reason"].startswith("cancelled by operator-client before it started")
        assert [target["status"] for target in answer.body["targets"]] == ["skipped"] * 3
        assert "before it started" in rest("POST", f"{path}/rollback").body["detail"]
    assert rest("DELETE", path).status == 204
    assert rest("GET", path).status == 404
    told = rest("GET", f"{path}/events").body["events"]
    assert [event["type"] for event in told] == ["created", "cancelled", "deleted"]
    assert rest("DELETE", f"/v1/flows/{flow_id}").status == 204


def test_retry_takes_a_body_that_names_failed_targets_and_no_other(rest: Rest, machines: None, flow_id: str) -> None:
    path = f"/v1/deployments/{rest('POST', '/v1/deployments', order(flow_id)).body['id']}"
    for only in (["skipped"], [], ["failed", "failed"], ["offline", "failed", "offline"], "failed"):
        refused = rest("POST", f"{path}/retry", {"only": only})
        assert refused.status == 422, only
        assert all(pointer.startswith("/only") for pointer in refused.faults)
    for taken in (["failed"], ["offline"], ["failed", "offline"]):
        assert rest("POST", f"{path}/retry", {"only": taken}).status == 409, "it is pending"


@pytest.mark.slow
def test_what_was_rolled_back_is_retried_and_what_changed_nothing_is_not_rolled_back(
    rest: Rest, machines: None, flow_id: str
) -> None:
    deployment_id = rest("POST", "/v1/deployments", order(flow_id)).body["id"]
    path = f"/v1/deployments/{deployment_id}"
    rest("POST", f"{path}/start")
    rollout.plan_rollout()(deployment_id)
    rest("POST", f"{path}/cancel")
    rollout.wind_down()(deployment_id)
    refused = rest("POST", f"{path}/rollback")
    assert (refused.status, refused.body["detail"]) == (
        409,
        "no device was changed by it: there is nothing to roll back",
    )
    assert rest("GET", f"{path}/events").body["events"][-1]["type"] == "cancelled"
    executions = boto3.client("stepfunctions").list_executions(stateMachineArn=PREFIX + "rollback")["executions"]
    assert executions == []


def test_two_deployments_of_one_flow_to_one_device_do_not_run_at_once(rest: Rest, machines: None, flow_id: str) -> None:
    first = rest("POST", "/v1/deployments", order(flow_id, target_devices=["dev_001", "dev_002"])).body["id"]
    second = rest("POST", "/v1/deployments", order(flow_id, target_devices=["dev_002", "dev_003"])).body["id"]
    rest("POST", f"/v1/deployments/{first}/start")
    assert rollout.plan_rollout()(first)["outcome"] == "planned"
    answer = rest("POST", f"/v1/deployments/{second}/start")
    assert answer.status == 409
    assert first in answer.body["detail"]
    assert "dev_002" in answer.body["detail"]


def test_lists_are_paged_and_filtered(rest: Rest, machines: None, flow_id: str) -> None:
    made = [rest("POST", "/v1/deployments", order(flow_id)).body["id"] for _ in range(3)]
    at_once = rest("POST", "/v1/deployments", order(flow_id, strategy="all_at_once")).body["id"]
    rest("POST", f"/v1/deployments/{made[0]}/start")
    found, cursor = [], None
    while True:
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = rest("GET", "/v1/deployments", query=query).body
        found += [deployment["id"] for deployment in page["deployments"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert sorted(found) == sorted([*made, at_once])
    running = rest("GET", "/v1/deployments", query={"status": "running"}).body["deployments"]
    assert [deployment["id"] for deployment in running] == [made[0]]
    of_strategy = rest("GET", "/v1/deployments", query={"strategy": "all-at-once"}).body["deployments"]
    assert [deployment["id"] for deployment in of_strategy] == [at_once]
    assert rest("GET", "/v1/deployments", query={"flow_id": "flow_0"}).body["deployments"] == []
    assert set(rest("GET", "/v1/deployments", query={"status": "lost", "x": "1"}).faults) == {"status", "x"}


@pytest.mark.parametrize("planned", [False, True])
def test_targets_are_paged_before_and_after_planning(
    rest: Rest,
    machines: None,
    flow_id: str,
    planned: bool,  # noqa: FBT001
) -> None:
    deployment_id = rest("POST", "/v1/deployments", order(flow_id, config={"batch_size": 2})).body["id"]
    if planned:
        rest("POST", f"/v1/deployments/{deployment_id}/start")
        rollout.plan_rollout()(deployment_id)
    path = f"/v1/deployments/{deployment_id}/targets"
    first = rest("GET", path, query={"limit": "2"}).body
    rest_of_it = rest("GET", path, query={"limit": "2", "cursor": first["next_cursor"]}).body
    targets = [*first["targets"], *rest_of_it["targets"]]
    assert [(target["device_id"], target["wave"]) for target in targets] == [
        ("dev_001", 1),
        ("dev_002", 1),
        ("dev_003", 2),
    ]
    assert rest_of_it["next_cursor"] is None


@pytest.mark.parametrize("planned", [False, True])
@pytest.mark.slow
def test_targets_can_be_asked_for_by_status_and_wave(
    rest: Rest,
    machines: None,
    flow_id: str,
    planned: bool,  # noqa: FBT001
) -> None:
    deployment_id = rest("POST", "/v1/deployments", order(flow_id, config={"batch_size": 2})).body["id"]
    if planned:
        rest("POST", f"/v1/deployments/{deployment_id}/start")
        rollout.plan_rollout()(deployment_id)
    path = f"/v1/deployments/{deployment_id}/targets"

    def asked(**query: str) -> list[str]:
        return [target["device_id"] for target in rest("GET", path, query=query).body["targets"]]

    assert asked(status="pending") == ["dev_001", "dev_002", "dev_003"]
    assert asked(status="pending", wave="1") == ["dev_001", "dev_002"]
    assert asked(wave="2") == ["dev_003"]
    assert asked(status="failed") == asked(wave="3") == []
    assert set(rest("GET", path, query={"status": "lost", "wave": "0"}).faults) == {"status", "wave"}
    cursor = rest("GET", path, query={"status": "pending", "limit": "1"}).body["next_cursor"]
    assert asked(status="pending", limit="1", cursor=cursor) == ["dev_002"]
    assert list(rest("GET", path, query={"status": "failed", "cursor": cursor}).faults) == ["cursor"]


@pytest.mark.parametrize("path", ["/v1/deployments/dep_0", "/v1/deployments/x%2F..", "/v1/deployments/dep_0/targets"])
def test_a_deployment_that_is_not_there_is_404(rest: Rest, path: str) -> None:
    assert rest("GET", path).status == 404
