"""The whole fleet over REST: its filters and its summary."""

import pytest

from edgeflow.adapters.table import Table
from edgeflow.contract.report import Health
from tests.support.rest import Rest
from tests.unit.adapters.devices.fleets import MadeUp, Run, device_id, write_fleet

PUMPS_AND_VALVES = [
    MadeUp(connected=True, agent="1.0", runs=(Run("flow_a", 1, Health.HEALTHY),)),
    MadeUp(
        connected=False, agent="1.0.1", runs=(Run("flow_a", 11, Health.UNHEALTHY), Run("flow_b", 1, Health.HEALTHY))
    ),
    MadeUp(
        connected=True,
        agent="1.0",
        runs=(Run("flow_a", 1, Health.HEALTHY, live=False), Run("flow_a", 2, Health.STARTING)),
    ),
    MadeUp(),
]


@pytest.fixture(autouse=True)
def _fleet(table: Table) -> None:
    write_fleet(table, PUMPS_AND_VALVES)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, [0, 1, 2, 3]),
        ({"connected": "true"}, [0, 2]),
        ({"connected": "false"}, [1]),
        ({"connected": "unknown"}, [3]),
        ({"health": "unhealthy"}, [1]),
        ({"health": "starting"}, [2]),
        ({"health": "unknown"}, [3]),
        ({"flow_id": "flow_a"}, [0, 1, 2]),
        ({"flow_id": "flow_a", "version": "1"}, [0]),
        ({"flow_id": "flow_b", "health": "healthy"}, [1]),
        ({"flow_id": "flow_b", "health": "unhealthy"}, []),
        ({"agent_version": "1.0"}, [0, 2]),
        ({"text": "PUMP"}, [1, 3]),
        ({"text": "valve", "connected": "true", "health": "healthy"}, [0]),
    ],
)
@pytest.mark.slow
def test_devices_can_be_asked_for(rest: Rest, query: dict[str, str], expected: list[int]) -> None:
    answer = rest("GET", "/v1/devices", query=query).body
    assert [device["device_id"] for device in answer["devices"]] == [device_id(number) for number in expected]
    assert answer["next_cursor"] is None


def test_a_cursor_goes_on_with_the_same_filters(rest: Rest) -> None:
    query = {"connected": "true", "limit": "1"}
    first = rest("GET", "/v1/devices", query=query).body
    second = rest("GET", "/v1/devices", query=query | {"cursor": first["next_cursor"]}).body
    assert [device["device_id"] for device in first["devices"] + second["devices"]] == [device_id(0), device_id(2)]
    assert second["next_cursor"] is None
    refused = rest("GET", "/v1/devices", query={"cursor": first["next_cursor"]})
    assert list(refused.faults) == ["cursor"]


@pytest.mark.parametrize(
    ("query", "faulty"),
    [
        ({"connected": "yes"}, {"connected"}),
        ({"health": "well"}, {"health"}),
        ({"version": "1"}, {"version"}),
        ({"flow_id": "flow_a", "version": "0"}, {"version"}),
        ({"flow_id": "a", "version": "1"}, {"flow_id"}),
        ({"agent_version": ""}, {"agent_version"}),
        ({"text": "a b"}, {"text"}),
    ],
)
def test_a_filter_that_cannot_be_is_refused(rest: Rest, query: dict[str, str], faulty: set[str]) -> None:
    refused = rest("GET", "/v1/devices", query=query)
    assert (refused.status, set(refused.faults)) == (422, faulty)


def test_a_device_shows_its_health(rest: Rest) -> None:
    listed = rest("GET", "/v1/devices").body["devices"]
    assert [device["health"] for device in listed] == ["healthy", "unhealthy", "starting", None]
    assert rest("GET", f"/v1/devices/{device_id(1)}").body["health"] == "unhealthy"


def test_the_summary_counts_by_each(rest: Rest) -> None:
    summary = rest("GET", "/v1/devices/summary").body
    assert summary.pop("counted_at").endswith("Z")
    assert summary == {
        "complete": True,
        "total": 4,
        "unreadable": 0,
        "connected": {"true": 2, "false": 1, "unknown": 1},
        "health": {"healthy": 1, "starting": 1, "unhealthy": 1, "unknown": 1},
        "agent_versions": [{"agent_version": "1.0", "devices": 2}, {"agent_version": "1.0.1", "devices": 1}],
        "agent_versions_left_out": 0,
        "flows": [
            _version("flow_a", 1, healthy=1),
            _version("flow_a", 2, starting=1),
            _version("flow_a", 11, unhealthy=1),
            _version("flow_b", 1, healthy=1),
        ],
        "flows_left_out": 0,
    }


def _version(flow_id: str, version: int, **health: int) -> dict[str, object]:
    of_each = {"healthy": 0, "starting": 0, "unhealthy": 0} | health
    return {"flow_id": flow_id, "version": version, "devices": sum(health.values()), "health": of_each}


def test_no_device_is_called_like_another_address(rest: Rest) -> None:
    for enrolment in ("certificate", "claim"):
        refused = rest("POST", "/v1/devices", {"device_id": "summary", "enrolment": enrolment})
        assert refused.faults == {"/device_id": "/v1/devices/summary is no device; choose another device_id"}
    assert rest("DELETE", "/v1/devices/summary").status == 405
