"""``GET /v1/deployments``: several statuses, a time of creation, either end first, and those of one device."""

import pytest

from edgeflow.bootstrap import rollout, stores
from edgeflow.domain.deployments import ACTIVE, DeploymentStatus, TargetStatus
from edgeflow.use_cases.rollout.ports import TargetOutcome
from tests.support.history import ENTRY
from tests.support.rest import Rest
from tests.unit.api.conftest import DEVICES, order


@pytest.fixture
def made(rest: Rest, machines: None, flow_id: str) -> list[dict[str, str]]:
    """Three deployments, the oldest first: one pending, one cancelled, one running."""
    found = [rest("POST", "/v1/deployments", order(flow_id)).body for _ in range(3)]
    rest("POST", f"/v1/deployments/{found[1]['id']}/cancel")
    rest("POST", f"/v1/deployments/{found[2]['id']}/start")
    return found


def _listed(rest: Rest, **query: str) -> list[str]:
    """Return the ids of all pages, of one entry each."""
    found: list[str] = []
    asked = {**query, "limit": "1"}
    while True:
        page = rest("GET", "/v1/deployments", query=asked).body
        found += [each["id"] for each in page["deployments"]]
        if page["next_cursor"] is None:
            return found
        asked["cursor"] = page["next_cursor"]


def test_several_statuses_are_asked_for_at_once(rest: Rest, made: list[dict[str, str]]) -> None:
    pending, cancelled, running = (each["id"] for each in made)
    assert _listed(rest, status="pending,running") == [running, pending]
    assert _listed(rest, status="cancelled") == [cancelled]
    assert _listed(rest, status="failed,completed") == []


def test_either_end_comes_first(rest: Rest, made: list[dict[str, str]]) -> None:
    ids = [each["id"] for each in made]
    assert _listed(rest, sort="oldest") == ids
    assert _listed(rest, sort="newest") == _listed(rest) == ids[::-1]


def test_times_of_creation_are_a_half_open_span(rest: Rest, made: list[dict[str, str]]) -> None:
    moments = [each["created_at"] for each in made]
    assert len(set(moments)) == 3
    ids = [each["id"] for each in made]
    assert _listed(rest, created_from=moments[1], sort="oldest") == ids[1:]
    assert _listed(rest, created_to=moments[1]) == ids[:1]
    assert (
        _listed(rest, created_from=moments[0].replace("Z", "+00:00"), created_to=moments[2], sort="oldest") == ids[:2]
    )


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"status": "pending,"}, "status"),
        ({"status": ""}, "status"),
        ({"status": "pending,ready"}, "status"),
        ({"sort": "name"}, "sort"),
        ({"device_id": ""}, "device_id"),
        ({"device_id": "dev 1"}, "device_id"),
        ({"created_from": "2026-02-21"}, "created_from"),
        ({"created_from": "2026-02-21T12:00:00"}, "created_from"),
        ({"created_from": "1771675200"}, "created_from"),
        ({"created_from": "2026-02-30T12:00:00Z"}, "created_from"),
        ({"created_from": "0001-01-01T00:00:00+23:59"}, "created_from"),
        ({"created_to": "9999-12-31T23:59:59-23:59"}, "created_to"),
        ({"created_from": "2026-02-21T12:00:00Z", "created_to": "2026-02-21T12:00:00Z"}, "created_to"),
    ],
)
def test_what_is_no_filter_is_refused(rest: Rest, query: dict[str, str], pointer: str) -> None:
    refused = rest("GET", "/v1/deployments", query=query)
    assert refused.status == 422
    assert {name.partition("/")[0] for name in refused.faults} == {pointer}


@pytest.fixture
def planned(rest: Rest, machines: None, flow_id: str) -> list[str]:
    """Two deployments that were planned, the oldest first: of the first device, and of all; one more is pending."""
    found: list[str] = []
    for devices in (DEVICES[:1], DEVICES):
        found.append(rest("POST", "/v1/deployments", order(flow_id, target_devices=devices)).body["id"])
        rest("POST", f"/v1/deployments/{found[-1]}/start")
        assert rollout.plan_rollout()(found[-1])["outcome"] == "planned"
        stores.deployments().finish(
            found[-1], allowed=ACTIVE, to=DeploymentStatus.FAILED, reason="a test", at=ENTRY.at, entry=ENTRY
        )
        rollout.claims().release(found[-1], flow_id, devices)
    rest("POST", "/v1/deployments", order(flow_id))
    return found


@pytest.mark.slow
def test_a_device_s_deployments_are_those_that_were_planned_for_it(rest: Rest, planned: list[str]) -> None:
    first, second = planned
    assert _listed(rest, device_id=DEVICES[0]) == [second, first]
    assert _listed(rest, device_id=DEVICES[0], sort="oldest", status="failed") == [first, second]
    assert _listed(rest, device_id=DEVICES[1]) == [second]
    assert _listed(rest, device_id=DEVICES[0], status="completed") == _listed(rest, device_id="dev_009") == []


@pytest.mark.slow
def test_each_deployment_of_a_device_tells_what_became_of_it(rest: Rest, planned: list[str]) -> None:
    outcome = TargetOutcome(status=TargetStatus.FAILED, reason="timed_out", message="asleep", reached=False)
    stores.targets().settle(planned[0], DEVICES[0], outcome, wave=1, at=ENTRY.at)
    page = rest("GET", "/v1/deployments", query={"device_id": DEVICES[0]}).body["deployments"]
    told = [(each["target"]["status"], each["target"]["wave"], each["target"]["reason"]) for each in page]
    assert told == [("pending", 1, None), ("failed", 1, "timed_out")]
    (target,) = rest("GET", f"/v1/deployments/{planned[0]}/targets").body["targets"]
    assert page[1]["target"] == target
    assert {each["target"] for each in rest("GET", "/v1/deployments").body["deployments"]} == {None}


@pytest.mark.slow
def test_a_cursor_goes_on_with_the_same_device_alone(rest: Rest, planned: list[str]) -> None:
    asked = {"device_id": DEVICES[0], "limit": "1"}
    cursor = rest("GET", "/v1/deployments", query=asked).body["next_cursor"]
    assert rest("GET", "/v1/deployments", query=asked | {"cursor": cursor}).body["deployments"][0]["id"] == planned[0]
    for other in ({"device_id": DEVICES[1]}, {}):
        refused = rest("GET", "/v1/deployments", query={"limit": "1", "cursor": cursor, **other})
        assert (refused.status, set(refused.faults)) == (422, {"cursor"})


@pytest.mark.slow
def test_who_has_a_device_s_deployments_already_is_told_so(rest: Rest, planned: list[str]) -> None:
    query = {"device_id": DEVICES[0]}
    tag = rest("GET", "/v1/deployments", query=query).headers["ETag"]
    assert rest("GET", "/v1/deployments", query=query, headers={"If-None-Match": tag}).status == 304
    outcome = TargetOutcome(status=TargetStatus.SUCCESS, reported=True)
    stores.targets().settle(planned[1], DEVICES[0], outcome, wave=1, at=ENTRY.at)
    assert rest("GET", "/v1/deployments", query=query, headers={"If-None-Match": tag}).status == 200
