"""``GET /v1/deployments``: several statuses, a time of creation, and either end first."""

import pytest

from tests.support.rest import Rest
from tests.unit.api.conftest import order


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
