"""Flows by their slugs, over REST: wherever an id would do."""

import json
from typing import Any

import pytest

from api.operations.flows import OPERATIONS
from tests.support.product_page import CREATE_FLOW
from tests.support.rest import Rest
from tests.unit.api.conftest import order

SLUG = "temperature-alert"
BY_SLUG = f"/v1/flows/slug:{SLUG}"


def _create(rest: Rest, slug: str | None = SLUG) -> dict[str, Any]:
    made = rest("POST", "/v1/flows", json.loads(CREATE_FLOW) | {"slug": slug})
    assert made.status == 201, made.text
    assert made.body["slug"] == slug
    return dict(made.body)


def test_every_route_of_a_flow_takes_its_slug(rest: Rest) -> None:
    flow = _create(rest)
    steps: list[tuple[str, str, object]] = [
        ("GET", "", None),
        ("PATCH", "", {"tags": ["a"]}),
        ("PUT", "", json.loads(CREATE_FLOW)),
        ("POST", "/publish", None),
        ("GET", "/versions", None),
        ("GET", "/versions/1", None),
        ("POST", "/draft", None),
        ("POST", "/archive", None),
        ("POST", "/restore", None),
        ("GET", "/events", None),
        ("DELETE", "", None),
    ]
    declared = {
        (method, route.removeprefix("/v1/flows/<flow_id>").replace("<version>", "1"))
        for route, methods in OPERATIONS.items()
        if "<flow_id>" in route
        for method in methods
    }
    assert {(method, rest_of) for method, rest_of, _ in steps} == declared
    for method, rest_of, body in steps:
        answer = rest(method, f"{BY_SLUG}{rest_of}", body)
        assert answer.status in {200, 204}, (method, rest_of, answer.text)
        if answer.status == 200 and "id" in answer.body:
            assert (answer.body["id"], answer.body["slug"]) == (flow["id"], SLUG)
    gone = rest("GET", BY_SLUG)
    assert (gone.status, gone.body["detail"]) == (404, f"there is no flow slug:{SLUG}")
    assert rest("GET", f"/v1/flows/{flow['id']}/events").status == 200


def test_a_colon_may_come_escaped_and_what_is_no_slug_names_nothing(rest: Rest) -> None:
    flow = _create(rest)
    assert rest("GET", BY_SLUG.replace(":", "%3A")).body["id"] == flow["id"]
    for name in (SLUG, f"slug:{SLUG.upper()}", "slug:", "slug:-a", f"slug:{'a' * 65}", f"id:{flow['id']}"):
        assert rest("GET", f"/v1/flows/{name}").status == 404, name


@pytest.mark.parametrize("slug", ["", "-a", "a-", "A", "a b", "a_b", "slug:a", "a" * 65, 7])
def test_what_is_no_slug_cannot_be_given(rest: Rest, slug: object) -> None:
    refused = rest("POST", "/v1/flows", {"name": "A", "slug": slug})
    assert (refused.status, list(refused.faults)) == (422, ["/slug"])


def test_a_slug_that_another_flow_has_is_refused_and_named(rest: Rest) -> None:
    first, second = _create(rest), _create(rest, None)
    for method, path, body in (
        ("POST", "/v1/flows", {"name": "A", "slug": SLUG}),
        ("PATCH", f"/v1/flows/{second['id']}", {"slug": SLUG}),
        ("PUT", f"/v1/flows/{second['id']}", json.loads(CREATE_FLOW) | {"slug": SLUG}),
    ):
        refused = rest(method, path, body)
        assert (refused.status, refused.body["code"]) == (409, "conflict")
        assert first["id"] in refused.body["detail"]
    assert rest("GET", f"/v1/flows/{second['id']}").body == second


def test_a_slug_is_changed_kept_and_taken_away(rest: Rest) -> None:
    flow = _create(rest)
    path = f"/v1/flows/{flow['id']}"
    assert rest("PATCH", path, {"name": "B"}).body["slug"] == SLUG
    assert rest("PUT", path, json.loads(CREATE_FLOW)).body["slug"] == SLUG
    assert rest("PUT", path, rest("GET", path).body).body["slug"] == SLUG
    assert rest("PATCH", path, {"slug": "other"}).body["slug"] == "other"
    assert _create(rest)["id"] != flow["id"]
    assert rest("PATCH", "/v1/flows/slug:other", {"slug": None}).body["slug"] is None
    assert rest("GET", "/v1/flows/slug:other").status == 404
    events = rest("GET", f"{path}/events").body["events"]
    assert [event["details"].get("changed") for event in events[-2:]] == [["slug"], ["slug"]]
    listed = {each["id"]: each["slug"] for each in rest("GET", "/v1/flows").body["flows"]}
    assert listed[flow["id"]] is None


@pytest.mark.usefixtures("machines")
def test_a_deployment_takes_a_slug_and_shows_the_id(rest: Rest, flow_id: str) -> None:
    assert rest("POST", f"/v1/flows/{flow_id}/draft").status == 200
    assert rest("PATCH", f"/v1/flows/{flow_id}", {"slug": SLUG}).status == 200
    made = rest("POST", "/v1/deployments", order(f"slug:{SLUG}"))
    assert (made.status, made.body["flow_id"], made.body["flow_version"]) == (201, flow_id, 1)
    unknown = rest("POST", "/v1/deployments", order("slug:nothing", target_devices=["dev_404"]))
    assert unknown.status == 422
    assert unknown.faults["/flow_id"] == "there is no flow slug:nothing"
    assert "/target_devices/0" in unknown.faults
    assert rest("POST", "/v1/deployments", order("nothing")).faults.keys() == {"/flow_id"}
    assert rest("DELETE", f"/v1/flows/slug:{SLUG}").status == 409


def test_an_answer_is_given_again_whoever_has_the_slug_by_now(rest: Rest) -> None:
    flow = _create(rest)
    key = {"Idempotency-Key": "once"}
    first = rest("POST", f"{BY_SLUG}/publish", headers=key)
    assert rest("POST", f"{BY_SLUG}/draft").status == 200
    assert rest("PATCH", BY_SLUG, {"slug": None}).status == 200
    again = rest("POST", f"{BY_SLUG}/publish", headers=key)
    assert (again.status, again.body) == (200, first.body)
    assert again.body["id"] == flow["id"]
    assert again.headers["Idempotency-Replayed"] == "true"


@pytest.mark.usefixtures("machines")
def test_lists_take_a_slug_where_they_take_a_flow(rest: Rest, flow_id: str) -> None:
    assert rest("POST", f"/v1/flows/{flow_id}/draft").status == 200
    assert rest("PATCH", f"/v1/flows/{flow_id}", {"slug": SLUG}).status == 200
    made = [rest("POST", "/v1/deployments", order(flow_id)).body["id"] for _ in range(2)]
    by_slug = rest("GET", "/v1/deployments", query={"flow_id": f"slug:{SLUG}", "limit": "1"})
    assert [each["id"] for each in by_slug.body["deployments"]] == made[1:]
    # It is the same list as by the id: the slug may go to another flow between two pages.
    rest_of = {"flow_id": flow_id, "limit": "1", "cursor": by_slug.body["next_cursor"]}
    assert [each["id"] for each in rest("GET", "/v1/deployments", query=rest_of).body["deployments"]] == made[:1]
    assert rest("GET", "/v1/devices", query={"flow_id": f"slug:{SLUG}"}).body["devices"] == []
    for path in ("/v1/deployments", "/v1/devices"):
        refused = rest("GET", path, query={"flow_id": "slug:nothing"})
        assert (refused.status, refused.faults) == (422, {"flow_id": "there is no flow slug:nothing"})
