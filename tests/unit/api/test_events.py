"""Histories by REST: who did what, in order, page by page."""

from typing import Any

import pytest

from edgeflow.adapters import keys
from edgeflow.adapters.table import Table
from edgeflow.bootstrap import rollout
from edgeflow.contract.history.events import DeploymentEvent, FlowEvent
from edgeflow.domain.history import Part, system
from tests.support.rest import CALLER, Rest
from tests.unit.api.conftest import DEVICES


@pytest.fixture
def path(rest: Rest, machines: None, flow_id: str) -> str:
    """A deployment that was created."""
    body = {"flow_id": flow_id, "strategy": "rolling", "target_devices": DEVICES, "config": {"batch_size": 2}}
    return f"/v1/deployments/{rest('POST', '/v1/deployments', body).body['id']}"


def told(rest: Rest, path: str, **query: str) -> list[dict[str, Any]]:
    answer = rest("GET", f"{path}/events", query=query)
    assert answer.status == 200, answer.text
    return list(answer.body["events"])


def test_each_operators_action_names_its_caller(rest: Rest, path: str) -> None:
    for action in ("start", "pause", "resume", "rollback"):
        assert rest("POST", f"{path}/{action}").status == 200
    events = told(rest, path)
    assert [(event["sequence"], event["type"], event["status"], event["actor"]["kind"]) for event in events] == [
        (1, "created", "pending", "caller"),
        (2, "started", "running", "caller"),
        (3, "paused", "paused", "caller"),
        (4, "resumed", "running", "caller"),
        (5, "rollback_requested", "running", "caller"),
        (6, "rollback_started", "rolling_back", "system"),
    ]
    assert events[4]["actor"] == {"kind": "caller", "name": CALLER, "subject": CALLER}
    assert events[5]["actor"] == system(Part.PLAN_ROLLBACK).model_dump()
    assert events[5]["details"] == {"attempt": 1, "origin": "operator"}
    assert events[5]["status_reason"] == f"rollback asked for by {CALLER}"


def test_it_begins_with_every_setting(rest: Rest, path: str) -> None:
    (created,) = told(rest, path)
    deployment = rest("GET", path).body
    assert created["at"] == deployment["created_at"]
    shown = ("flow_id", "action", "flow_version", "strategy", "config", "total_targets", "target_groups", "retry_of")
    assert created["details"] == {name: deployment[name] for name in shown}


def test_an_action_that_is_refused_leaves_no_event(rest: Rest, path: str) -> None:
    assert rest("POST", f"{path}/pause").status == 409
    assert rest("POST", f"{path}/rollback").status == 409
    assert [event["type"] for event in told(rest, path)] == ["created"]


def test_pages_end_without_an_empty_one(rest: Rest, path: str) -> None:
    rest("POST", f"{path}/start")
    rollout.plan_rollout()(path.rpartition("/")[2])
    rest("POST", f"{path}/pause")
    first = rest("GET", f"{path}/events", query={"limit": "2"}).body
    second = rest("GET", f"{path}/events", query={"limit": "2", "cursor": first["next_cursor"]}).body
    types = [event["type"] for page in (first, second) for event in page["events"]]
    assert types == ["created", "started", "waves_planned", "paused"]
    assert second["next_cursor"] is None


def test_a_cursor_of_another_history_is_refused(rest: Rest, path: str) -> None:
    cursor = rest("GET", "/v1/devices", query={"limit": "1"}).body["next_cursor"]
    assert rest("GET", f"{path}/events", query={"cursor": cursor}).faults.keys() == {"cursor"}


def test_a_deployment_that_does_not_exist_has_no_history(rest: Rest) -> None:
    assert rest("GET", "/v1/deployments/dep_01J9Z3BBBBBBBBBBBBBBBBBBBB/events").status == 404
    assert rest("GET", "/v1/deployments/nonsense/events").status == 404


def test_a_deployment_from_before_histories_has_an_empty_one_and_goes_on(rest: Rest, table: Table, path: str) -> None:
    deployment_id = path.rpartition("/")[2]
    table.delete(keys.event_key(deployment_id, 1))
    table.update(keys.deployment_key(deployment_id), "REMOVE last_event")
    assert told(rest, path) == []
    rest("POST", f"{path}/start")
    assert [(event["sequence"], event["type"]) for event in told(rest, path)] == [(1, "started")]


def test_what_is_shown_is_what_the_contract_says(rest: Rest, path: str) -> None:
    for event in told(rest, path):
        assert DeploymentEvent.model_validate(event).model_dump(mode="json") == event


# --- flows


def test_the_history_of_a_flow_outlives_it(rest: Rest, flow_id: str) -> None:
    path = f"/v1/flows/{flow_id}"
    assert [event["type"] for event in told(rest, path)] == ["created", "published"]
    assert rest("DELETE", path).status == 204
    assert rest("GET", path).status == 404
    events = told(rest, path)
    assert [event["type"] for event in events] == ["created", "published", "deleted"]
    assert events[2]["actor"] == {"kind": "caller", "name": CALLER, "subject": CALLER}
    assert events[1]["details"].keys() == {"version", "sha256", "size"}
    for event in events:
        assert FlowEvent.model_validate(event).model_dump(mode="json") == event


def test_the_history_of_a_flow_is_paged(rest: Rest, flow_id: str) -> None:
    first = rest("GET", f"/v1/flows/{flow_id}/events", query={"limit": "1"}).body
    second = rest("GET", f"/v1/flows/{flow_id}/events", query={"limit": "1", "cursor": first["next_cursor"]}).body
    assert [page["events"][0]["type"] for page in (first, second)] == ["created", "published"]
    assert second["next_cursor"] is None


def test_a_flow_that_never_was_has_no_history(rest: Rest) -> None:
    assert rest("GET", "/v1/flows/flow_01J9Z3AAAAAAAAAAAAAAAAAAAA/events").status == 404
    assert rest("GET", "/v1/flows/nonsense/events").status == 404
