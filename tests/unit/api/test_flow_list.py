"""``GET /v1/flows``: several states, a time of creation, and either end first."""

import pytest

from tests.support.rest import Rest


@pytest.fixture
def made(rest: Rest) -> list[dict[str, str]]:
    """Three flows, the oldest first: a draft, one published, one archived."""
    definition = {"nodes": [{"id": "n1", "type": "debug"}]}
    found = [rest("POST", "/v1/flows", {"name": f"Pump {n}", "definition": definition}).body for n in range(3)]
    rest("POST", f"/v1/flows/{found[1]['id']}/publish")
    rest("POST", f"/v1/flows/{found[2]['id']}/archive")
    return found


def _listed(rest: Rest, **query: str) -> list[str]:
    """Return the ids of all pages, of one entry each."""
    found: list[str] = []
    asked = {**query, "limit": "1"}
    while True:
        page = rest("GET", "/v1/flows", query=asked).body
        found += [each["id"] for each in page["flows"]]
        if page["next_cursor"] is None:
            return found
        asked["cursor"] = page["next_cursor"]


def test_several_states_are_asked_for_at_once(rest: Rest, made: list[dict[str, str]]) -> None:
    draft, published, archived = (each["id"] for each in made)
    assert _listed(rest) == [published, draft]
    assert _listed(rest, status="draft,archived") == [archived, draft]
    assert _listed(rest, status="published") == [published]
    assert _listed(rest, status="archived,draft,published") == [archived, published, draft]


def test_either_end_comes_first(rest: Rest, made: list[dict[str, str]]) -> None:
    ids = [each["id"] for each in made[:2]]
    assert _listed(rest, sort="oldest") == ids
    assert _listed(rest, sort="newest") == ids[::-1]


def test_times_of_creation_are_a_half_open_span(rest: Rest, made: list[dict[str, str]]) -> None:
    moments = [each["created_at"] for each in made]
    assert len(set(moments)) == 3
    ids = [each["id"] for each in made]
    everything = "draft,published,archived"
    assert _listed(rest, status=everything, created_from=moments[1], sort="oldest") == ids[1:]
    assert _listed(rest, created_to=moments[1]) == ids[:1]
    assert _listed(rest, status=everything, created_from=moments[0], created_to=moments[2], sort="oldest") == ids[:2]


@pytest.mark.parametrize(
    "other", [{"sort": "oldest"}, {"created_from": "2020-01-01T00:00:00Z"}, {"created_to": "2020-01-01T00:00:00Z"}]
)
def test_a_cursor_of_another_order_or_time_is_refused(
    rest: Rest, made: list[dict[str, str]], other: dict[str, str]
) -> None:
    cursor = rest("GET", "/v1/flows", query={"limit": "1"}).body["next_cursor"]
    refused = rest("GET", "/v1/flows", query={"limit": "1", "cursor": cursor, **other})
    assert (refused.status, set(refused.faults)) == (422, {"cursor"})


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"status": "draft,"}, "status"),
        ({"status": ""}, "status"),
        ({"status": "draft,ready"}, "status"),
        ({"sort": "name"}, "sort"),
        ({"created_from": "2026-02-21"}, "created_from"),
        ({"created_to": "9999-12-31T23:59:59-23:59"}, "created_to"),
        ({"created_from": "2026-02-21T12:00:00Z", "created_to": "2026-02-21T12:00:00Z"}, "created_to"),
    ],
)
def test_what_is_no_filter_is_refused(rest: Rest, query: dict[str, str], pointer: str) -> None:
    refused = rest("GET", "/v1/flows", query=query)
    assert refused.status == 422
    assert {name.partition("/")[0] for name in refused.faults} == {pointer}
