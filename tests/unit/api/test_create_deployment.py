"""Creating deployments by REST: what is accepted, what is filled in, and what is refused and how."""

import pytest

from edgeflow.domain.strategies import MAX_WAVES
from tests.support.rest import Rest
from tests.unit.api.conftest import DEVICES, order


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
@pytest.mark.slow
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
@pytest.mark.slow
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
