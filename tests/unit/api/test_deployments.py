"""Deployments by REST: what is accepted, what is refused and how, and what the answers say."""

from typing import Any

import boto3
import pytest

from dispatch_wave.commands import COMMAND, WindDown
from edgeflow.adapters.rollout.target_store import TargetStore
from edgeflow.adapters.table import Table
from edgeflow.bootstrap import rollout, stores
from edgeflow.domain.deployments import ACTIVE, DeploymentStatus, TargetStatus
from edgeflow.domain.strategies import MAX_WAVES
from edgeflow.use_cases.rollout.ports import TargetOutcome
from tests.support.history import ENTRY
from tests.support.rest import Rest
from tests.unit.api.conftest import DEVICES, PREFIX


def order(flow_id: str, **changes: object) -> dict[str, Any]:
    return {"flow_id": flow_id, "strategy": "rolling", "target_devices": DEVICES} | changes


def test_every_default_is_filled_in(rest: Rest, flow_id: str) -> None:
    rolling = rest("POST", "/v1/deployments", order(flow_id)).body
    assert rolling["config"] == {
        "batch_size": 10,
        "batch_delay": "5m",
        "failure_threshold": 20,
        "timeout": "30m",
        "auto_rollback": True,
        "health_check": True,
        "health_window": "30s",
        "offline": "wait",
    }
    canary = rest("POST", "/v1/deployments", order(flow_id, strategy="canary")).body
    assert canary["config"] == {
        "canary_percentage": 10,
        "canary_delay": "30m",
        "timeout": "2h",
        "auto_rollback": True,
        "health_check": True,
        "health_window": "30s",
        "offline": "wait",
    }
    blue_green = rest("POST", "/v1/deployments", order(flow_id, strategy="blue-green")).body
    assert blue_green["strategy"] == "blue_green"
    assert blue_green["config"] == {
        "switch_delay": "10m",
        "timeout": "1h",
        "auto_rollback": True,
        "health_check": True,
        "health_window": "30s",
        "offline": "wait",
    }
    at_once = rest("POST", "/v1/deployments", order(flow_id, strategy="all-at-once")).body
    assert at_once["strategy"] == "all_at_once"
    assert at_once["config"] == {
        "timeout": "30m",
        "auto_rollback": True,
        "health_check": True,
        "health_window": "30s",
        "offline": "wait",
    }


STRATEGIES = ["all_at_once", "rolling", "canary", "blue_green"]


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize(("window", "shown"), [("1s", "1s"), ("90s", "1m30s"), ("60m", "1h"), (None, "30s")])
def test_a_health_window_of_its_own_is_kept_and_shown(
    rest: Rest, flow_id: str, strategy: str, window: str | None, shown: str
) -> None:
    body = order(flow_id, strategy=strategy, config={"health_window": window, "timeout": "2h"})
    made = rest("POST", "/v1/deployments", body).body
    assert made["config"]["health_window"] == shown
    assert rest("GET", f"/v1/deployments/{made['id']}").body["config"] == made["config"]


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("offline", ["wait", "skip"])
def test_what_is_done_about_offline_devices_is_kept_and_shown(
    rest: Rest, flow_id: str, strategy: str, offline: str
) -> None:
    made = rest("POST", "/v1/deployments", order(flow_id, strategy=strategy, config={"offline": offline})).body
    assert made["config"]["offline"] == offline
    assert rest("GET", f"/v1/deployments/{made['id']}").body["config"] == made["config"]


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("offline", ["", "Skip", "fail", True, None, ["skip"]])
def test_anything_else_to_do_about_offline_devices_is_refused_by_name(
    rest: Rest, flow_id: str, strategy: str, offline: object
) -> None:
    refused = rest("POST", "/v1/deployments", order(flow_id, strategy=strategy, config={"offline": offline}))
    assert refused.status == 422
    assert list(refused.faults) == ["/config/offline"]


@pytest.mark.parametrize("window", ["0s", "1h1s", "a while", 30])
def test_a_health_window_that_no_device_can_keep_is_refused_by_name(
    rest: Rest, flow_id: str, window: str | int
) -> None:
    refused = rest("POST", "/v1/deployments", order(flow_id, config={"health_window": window}))
    assert refused.status == 422
    assert [fault["pointer"] for fault in refused.body["errors"]] == ["/config/health_window"]


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_health_window_without_a_health_check_is_refused_by_name(rest: Rest, flow_id: str, strategy: str) -> None:
    config = {"health_window": "1m", "health_check": False}
    refused = rest("POST", "/v1/deployments", order(flow_id, strategy=strategy, config=config))
    assert refused.status == 422
    (fault,) = refused.body["errors"]
    assert fault["pointer"] == "/config/health_window"
    assert "leave health_window out, or health_check on" in fault["detail"]


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize(
    ("config", "window"),
    [
        ({"timeout": "29s"}, "30s"),
        ({"timeout": "30s"}, "30s"),
        ({"timeout": "10m", "health_window": "20m"}, "20m"),
        ({"timeout": "1s", "health_window": "1s"}, "1s"),
    ],
)
def test_a_timeout_that_leaves_no_time_for_the_health_window_is_refused_with_the_remedy(
    rest: Rest, flow_id: str, strategy: str, config: dict[str, str], window: str
) -> None:
    refused = rest("POST", "/v1/deployments", order(flow_id, strategy=strategy, config=config))
    assert refused.status == 422
    (fault,) = refused.body["errors"]
    assert fault["pointer"] == "/config/timeout"
    said = f"timeout {config['timeout']} leaves a device no time for its health_window of {window},"
    assert fault["detail"].startswith(said)
    assert "use a longer timeout or a shorter health_window" in fault["detail"]


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize(
    "config",
    [
        {"timeout": "31s"},
        {"timeout": "2s", "health_window": "1s"},
        {"timeout": "1s", "health_check": False},
    ],
)
def test_a_timeout_that_is_longer_than_the_health_window_is_taken(
    rest: Rest, flow_id: str, strategy: str, config: dict[str, object]
) -> None:
    assert rest("POST", "/v1/deployments", order(flow_id, strategy=strategy, config=config)).status == 201


def test_a_deployment_that_checks_no_health_has_no_window(rest: Rest, flow_id: str) -> None:
    made = rest("POST", "/v1/deployments", order(flow_id, config={"health_check": False})).body
    assert made["config"]["health_window"] is None
    again = rest("POST", "/v1/deployments", order(flow_id, config=made["config"]))
    assert (again.status, again.body["config"]) == (201, made["config"])


def test_a_new_deployment_is_pending_and_shows_its_targets(rest: Rest, flow_id: str) -> None:
    answer = rest("POST", "/v1/deployments", order(flow_id, target_devices=[*DEVICES, "dev_001"]))
    assert answer.status == 201
    assert answer.headers["Location"] == f"/api/v1/deployments/{answer.body['id']}"
    read = rest("GET", f"/v1/deployments/{answer.body['id']}").body
    assert read == answer.body
    assert (read["status"], read["total_targets"], read["completed_targets"]) == ("pending", 3, 0)
    assert [(target["device_id"], target["status"]) for target in read["targets"]] == [
        (device, "pending") for device in DEVICES
    ]
    assert read["execution"] is None


def test_all_faults_of_a_body_are_named_at_once(rest: Rest) -> None:
    body = {
        "flow_id": "nonsense",
        "strategy": "rolling",
        "target_devices": [],
        "config": {"batch_size": 0, "batch_delay": "soon", "canary_percentage": 10, "failure_threshold": 101},
        "colour": "red",
    }
    answer = rest("POST", "/v1/deployments", body)
    assert answer.status == 422
    assert set(answer.faults) == {
        "/flow_id",
        "/target_devices",
        "/config/batch_size",
        "/config/batch_delay",
        "/config/canary_percentage",
        "/config/failure_threshold",
        "/colour",
    }
    assert "90s" in answer.faults["/config/batch_delay"]


@pytest.mark.parametrize("strategy", ["red_black", "", 7, None])
def test_a_strategy_that_is_not_there_is_refused_by_name(rest: Rest, flow_id: str, strategy: object) -> None:
    answer = rest("POST", "/v1/deployments", order(flow_id, strategy=strategy))
    assert answer.status == 422
    assert set(answer.faults) == {"/strategy"}
    assert "all_at_once" in answer.faults["/strategy"]


def test_settings_of_another_strategy_are_refused(rest: Rest, flow_id: str) -> None:
    answer = rest("POST", "/v1/deployments", order(flow_id, strategy="all_at_once", config={"batch_size": 5}))
    assert (answer.status, set(answer.faults)) == (422, {"/config/batch_size"})


def test_unknown_devices_are_all_named(rest: Rest, flow_id: str) -> None:
    answer = rest("POST", "/v1/deployments", order(flow_id, target_devices=["dev_001", "ghost_1", "ghost_2"]))
    assert answer.status == 422
    assert set(answer.faults) == {"/target_devices/1", "/target_devices/2"}
    assert "ghost_2" in answer.faults["/target_devices/2"]


def test_too_many_waves_are_refused_with_the_batch_size_that_would_do(rest: Rest, flow_id: str) -> None:
    devices = [f"ghost_{number}" for number in range(MAX_WAVES + 1)]
    answer = rest("POST", "/v1/deployments", order(flow_id, target_devices=devices, config={"batch_size": 1}))
    assert "at least 2" in answer.faults["/config/batch_size"]


def test_a_flow_that_is_not_there_and_a_version_that_is_not_there(rest: Rest, flow_id: str) -> None:
    assert set(rest("POST", "/v1/deployments", order("flow_0000")).faults) == {"/flow_id"}
    faults = rest("POST", "/v1/deployments", order(flow_id, flow_version=9)).faults
    assert "its newest is 1" in faults["/flow_version"]


def test_a_draft_that_was_never_published_and_an_archived_flow_are_refused(rest: Rest, flow_id: str) -> None:
    draft = rest("POST", "/v1/flows", {"name": "Never published"}).body
    answer = rest("POST", "/v1/deployments", order(draft["id"]))
    assert (answer.status, "publish it first" in answer.body["detail"]) == (409, True)
    rest("POST", f"/v1/flows/{flow_id}/archive")
    answer = rest("POST", "/v1/deployments", order(flow_id))
    assert (answer.status, "restore it" in answer.body["detail"]) == (409, True)


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


@pytest.fixture
def north(flow_id: str) -> str:
    """A thing group of two devices."""
    iot = boto3.client("iot")
    iot.create_thing_group(thingGroupName="north")
    for device_id in ("dev_003", "dev_002"):
        iot.add_thing_to_thing_group(thingGroupName="north", thingName=device_id)
    return "north"


def test_a_group_is_resolved_when_the_deployment_starts(rest: Rest, machines: None, flow_id: str, north: str) -> None:
    made = rest("POST", "/v1/deployments", order(flow_id, target_devices=["dev_002"], target_groups=[north, north]))
    assert made.status == 201
    assert (made.body["target_groups"], made.body["total_targets"]) == ([north], None)
    assert made.body["target_counts"]["open"] == 0
    assert [(each["device_id"], each["wave"]) for each in made.body["targets"]] == [("dev_002", None)]
    boto3.client("iot").add_thing_to_thing_group(thingGroupName=north, thingName="dev_001")
    path = f"/v1/deployments/{made.body['id']}"
    started = rest("POST", f"{path}/start").body
    assert (started["target_groups"], started["total_targets"], started["target_counts"]["open"]) == ([north], 3, 3)
    assert [(each["device_id"], each["wave"]) for each in started["targets"]] == [(device, 1) for device in DEVICES]
    assert rest("GET", "/v1/deployments").body["deployments"][0]["total_targets"] == 3
    assert rollout.plan_rollout()(made.body["id"])["outcome"] == "planned"


def test_groups_alone_will_do(rest: Rest, machines: None, flow_id: str, north: str) -> None:
    body = {"flow_id": flow_id, "strategy": "canary", "target_groups": [north]}
    made = rest("POST", "/v1/deployments", body).body
    assert made["targets"] == []
    started = rest("POST", f"/v1/deployments/{made['id']}/start").body
    assert [(each["device_id"], each["wave"]) for each in started["targets"]] == [("dev_002", 1), ("dev_003", 2)]


def test_unknown_groups_and_devices_are_all_named(rest: Rest, flow_id: str, north: str) -> None:
    body = order(flow_id, target_devices=["ghost_1"], target_groups=["west", north, "east"])
    faults = rest("POST", "/v1/deployments", body).faults
    assert set(faults) == {"/target_devices/0", "/target_groups/0", "/target_groups/2"}
    assert faults["/target_groups/2"] == "there is no thing group east in AWS IoT"


def test_a_group_deleted_before_the_start_is_409(rest: Rest, machines: None, flow_id: str, north: str) -> None:
    made = rest("POST", "/v1/deployments", order(flow_id, target_groups=[north])).body
    boto3.client("iot").delete_thing_group(thingGroupName=north)
    refused = rest("POST", f"/v1/deployments/{made['id']}/start")
    assert (refused.status, "no thing group north" in refused.body["detail"]) == (409, True)


def test_a_member_that_edgeflow_does_not_know_is_named(rest: Rest, machines: None, flow_id: str, north: str) -> None:
    made = rest("POST", "/v1/deployments", order(flow_id, target_groups=[north])).body
    iot = boto3.client("iot")
    iot.create_thing(thingName="camera_1")
    iot.add_thing_to_thing_group(thingGroupName=north, thingName="camera_1")
    refused = rest("POST", f"/v1/deployments/{made['id']}/start")
    assert (refused.status, "camera_1" in refused.body["detail"]) == (409, True)


@pytest.mark.parametrize("targets", [{}, {"target_devices": []}, {"target_groups": []}])
def test_nothing_to_deploy_to_is_refused(rest: Rest, flow_id: str, targets: dict[str, Any]) -> None:
    refused = rest("POST", "/v1/deployments", {"flow_id": flow_id, "strategy": "rolling"} | targets)
    assert (refused.status, set(refused.faults)) == (422, {"/target_devices"})
    assert "target_groups" in refused.faults["/target_devices"]


def test_names_of_groups_are_checked_and_counted(rest: Rest, flow_id: str) -> None:
    def faults(names: list[str]) -> set[str]:
        body = {"flow_id": flow_id, "strategy": "rolling", "target_groups": names}
        return set(rest("POST", "/v1/deployments", body).faults)

    assert faults(["no spaces"]) == {"/target_groups/0"}
    assert faults([f"group_{number}" for number in range(21)]) == {"/target_groups"}
    assert faults([f"group_{number}" for number in range(20)]) == {f"/target_groups/{place}" for place in range(20)}
