"""Flows over REST: their life, their lists, and what is refused."""

import json
from typing import Any

import boto3
import pytest

from edgeflow.adapters.table import Table
from tests.support.product_page import CREATE_FLOW
from tests.support.rest import Rest, RestAnswer


def _create(rest: Rest, **changes: Any) -> RestAnswer:  # noqa: ANN401  any part of a body
    answer = rest("POST", "/v1/flows", json.loads(CREATE_FLOW) | changes)
    assert answer.status == 201
    return answer


def _created(rest: Rest, **changes: Any) -> str:  # noqa: ANN401  any part of a body
    flow_id = _create(rest, **changes).body["id"]
    assert isinstance(flow_id, str)
    return flow_id


def test_a_new_flow_reads_back_as_written(rest: Rest) -> None:
    answer = _create(rest, tags=["a", "b", "a"])
    read = rest("GET", f"/v1/flows/{answer.body['id']}")
    assert read.body == answer.body
    assert read.body["tags"] == ["a", "b"]
    assert read.body["definition"]["variables"] == [{"name": "threshold", "type": "number", "value": "30"}]
    assert read.body["latest_version"] is None
    assert read.body["created_by"] == "operator-client"
    assert read.headers["ETag"] == answer.headers["ETag"] == '"1"'


def test_versions_are_frozen_numbered_and_content_addressed(rest: Rest, bucket: str) -> None:
    flow_id = _created(rest)
    rest("POST", f"/v1/flows/{flow_id}/publish")
    rest("POST", f"/v1/flows/{flow_id}/draft")
    node = {"id": "only", "type": "debug"}
    second = {"name": "Second", "definition": {"nodes": [node], "connections": [], "variables": []}}
    assert rest("PUT", f"/v1/flows/{flow_id}", json.loads(CREATE_FLOW) | second).status == 200
    assert rest("POST", f"/v1/flows/{flow_id}/publish").body["latest_version"] == 2

    listed = rest("GET", f"/v1/flows/{flow_id}/versions").body["versions"]
    assert [version["version"] for version in listed] == [2, 1]
    first = rest("GET", f"/v1/flows/{flow_id}/versions/1").body
    assert len(first["definition"]["nodes"]) == 3
    stored = boto3.client("s3").get_object(Bucket=bucket, Key=f"artifacts/{first['sha256']}.json")["Body"].read()
    assert len(stored) == first["size"]
    assert first["published_by"] == "operator-client"


def test_publishing_again_changes_nothing(rest: Rest) -> None:
    flow_id = _created(rest)
    first = rest("POST", f"/v1/flows/{flow_id}/publish")
    second = rest("POST", f"/v1/flows/{flow_id}/publish")
    assert (second.status, second.body) == (200, first.body)


def test_a_typo_in_a_node_s_settings_is_found_when_the_flow_is_published(rest: Rest) -> None:
    typo = {"id": "n1", "type": "dht", "config": {"intervall": "5s"}}
    flow_id = _created(rest, definition={"nodes": [typo]})
    refused = rest("POST", f"/v1/flows/{flow_id}/publish")
    assert refused.status == 422
    sentence = "node n1 (dht): intervall: unknown key; known keys are interval, model, unit"
    assert refused.faults == {"/definition/nodes/0/config/intervall": sentence}
    right = {"nodes": [typo | {"config": {"interval": "5s"}}]}
    assert rest("PATCH", f"/v1/flows/{flow_id}", {"definition": right}).status == 200
    assert rest("POST", f"/v1/flows/{flow_id}/publish").status == 200


def test_a_node_of_a_package_s_type_can_be_published(rest: Rest) -> None:
    flow_id = _created(rest, definition={"nodes": [{"id": "n1", "type": "acme-multiply", "config": {"factor": "?"}}]})
    assert rest("POST", f"/v1/flows/{flow_id}/publish").status == 200


def test_a_flow_full_of_faults_is_refused_with_the_first_of_them(rest: Rest) -> None:
    nodes = [
        {"id": f"n{number}", "type": "debug", "config": {f"{key:x}": 0 for key in range(20)}} for number in range(990)
    ]
    flow_id = _created(rest, definition={"nodes": nodes})
    refused = rest("POST", f"/v1/flows/{flow_id}/publish")
    assert refused.status == 422
    assert len(refused.faults) == 100
    assert refused.body["more_errors"] == 990 * 20 - 100
    assert len(json.dumps(refused.body)) < 64 * 1024


def test_publishing_lists_every_fault_of_the_graph(rest: Rest) -> None:
    definition = {
        "nodes": [{"id": "n1", "type": "dht"}, {"id": "n1", "type": "debug"}],
        "connections": [{"source": "n1", "target": "gone"}, {"source": "lost", "target": "n1"}],
        "variables": [
            {"name": "limit", "type": "number", "value": "warm"},
            {"name": "limit", "type": "boolean", "value": "perhaps"},
        ],
    }
    flow_id = _created(rest, definition=definition)
    refused = rest("POST", f"/v1/flows/{flow_id}/publish")
    assert refused.status == 422
    assert set(refused.faults) == {
        "/definition/nodes/1/id",
        "/definition/connections/0/target",
        "/definition/connections/1/source",
        "/definition/variables/0/value",
        "/definition/variables/1/name",
        "/definition/variables/1/value",
    }
    assert rest("GET", f"/v1/flows/{flow_id}").body["status"] == "draft"


def test_an_empty_draft_can_be_kept_but_not_published(rest: Rest) -> None:
    flow_id = rest("POST", "/v1/flows", {"name": "Later"}).body["id"]
    assert rest("POST", f"/v1/flows/{flow_id}/publish").faults == {
        "/definition/nodes": "a flow needs at least one node"
    }


@pytest.mark.parametrize(
    ("before", "action"),
    [
        ([], "draft"),
        ([], "restore"),
        (["publish"], "restore"),
        (["archive"], "archive"),
        (["archive"], "publish"),
        (["archive"], "draft"),
    ],
)
def test_a_state_that_does_not_allow_it_is_named(rest: Rest, before: list[str], action: str) -> None:
    flow_id = _created(rest)
    for step in before:
        assert rest("POST", f"/v1/flows/{flow_id}/{step}").status == 200
    state = rest("GET", f"/v1/flows/{flow_id}").body["status"]
    refused = rest("POST", f"/v1/flows/{flow_id}/{action}")
    assert refused.status == 409
    assert f"is {state}" in refused.body["detail"]


@pytest.mark.parametrize("steps", [[], ["publish"], ["publish", "draft"]])
def test_an_archived_flow_is_hidden_and_comes_back_as_it_was(rest: Rest, steps: list[str]) -> None:
    flow_id = _created(rest)
    for step in steps:
        rest("POST", f"/v1/flows/{flow_id}/{step}")
    state = rest("GET", f"/v1/flows/{flow_id}").body["status"]

    assert rest("POST", f"/v1/flows/{flow_id}/archive").body["status"] == "archived"
    assert rest("GET", "/v1/flows").body["flows"] == []
    assert len(rest("GET", "/v1/flows", query={"status": "archived"}).body["flows"]) == 1
    assert rest("GET", f"/v1/flows/{flow_id}").status == 200
    assert rest("POST", f"/v1/flows/{flow_id}/restore").body["status"] == state


def test_lists_are_filtered_by_status_tag_and_name(rest: Rest) -> None:
    hall = _created(rest, name="Hall Heating", tags=["heat"])
    yard = _created(rest, name="Yard lights", tags=["light", "heat"])
    rest("POST", f"/v1/flows/{yard}/publish")

    def found(**query: str) -> list[str]:
        return [flow["id"] for flow in rest("GET", "/v1/flows", query=query).body["flows"]]

    assert found() == [yard, hall]
    assert found(status="published") == [yard]
    assert found(status="draft") == [hall]
    assert found(tag="heat") == [yard, hall]
    assert found(tag="light") == [yard]
    assert found(name="heat") == [hall]
    assert found(name="LIGHT", tag="heat") == [yard]
    assert found(tag="hea") == []


def test_pages_hold_each_flow_once(rest: Rest) -> None:
    made = [_created(rest, name=f"Flow {number}", tags=["odd"] if number % 2 else []) for number in range(7)]
    seen: list[str] = []
    query = {"limit": "2", "tag": "odd"}
    while True:
        page = rest("GET", "/v1/flows", query=query).body
        assert len(page["flows"]) <= 2
        seen += [flow["id"] for flow in page["flows"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert seen == [made[5], made[3], made[1]]


def test_a_cursor_of_another_list_is_refused(rest: Rest) -> None:
    flow_id = _created(rest)
    _created(rest)
    cursor = rest("GET", "/v1/flows", query={"limit": "1"}).body["next_cursor"]
    for path, query in (
        ("/v1/flows", {"cursor": cursor, "tag": "other"}),
        ("/v1/devices", {"cursor": cursor}),
        (f"/v1/flows/{flow_id}/versions", {"cursor": cursor}),
        ("/v1/flows", {"cursor": "nonsense!"}),
    ):
        refused = rest("GET", path, query=query)
        assert refused.status == 422
        assert list(refused.faults) == ["cursor"]


def test_pages_of_versions_go_on(rest: Rest) -> None:
    flow_id = _created(rest)
    for _ in range(3):
        rest("POST", f"/v1/flows/{flow_id}/publish")
        rest("POST", f"/v1/flows/{flow_id}/draft")
    first = rest("GET", f"/v1/flows/{flow_id}/versions", query={"limit": "2"}).body
    rest_of_it = rest("GET", f"/v1/flows/{flow_id}/versions", query={"cursor": first["next_cursor"]}).body
    assert [version["version"] for version in first["versions"] + rest_of_it["versions"]] == [3, 2, 1]
    assert rest_of_it["next_cursor"] is None


def test_a_stale_etag_is_refused_on_every_change(rest: Rest) -> None:
    flow_id = _created(rest)
    rest("PUT", f"/v1/flows/{flow_id}", CREATE_FLOW)
    stale = {"If-Match": '"1"'}
    assert rest("PUT", f"/v1/flows/{flow_id}", CREATE_FLOW, headers=stale).status == 412
    assert rest("POST", f"/v1/flows/{flow_id}/publish", headers=stale).status == 412
    assert rest("POST", f"/v1/flows/{flow_id}/archive", headers=stale).status == 412
    assert rest("DELETE", f"/v1/flows/{flow_id}", headers=stale).status == 412
    assert rest("DELETE", f"/v1/flows/{flow_id}", headers={"If-Match": "not-ours"}).status == 412
    assert rest("PUT", f"/v1/flows/{flow_id}", CREATE_FLOW, headers={"if-match": '"1"'}).status == 412
    assert rest("PUT", f"/v1/flows/{flow_id}", CREATE_FLOW, headers={"If-Match": '"9", "2"'}).status == 200
    assert rest("DELETE", f"/v1/flows/{flow_id}", headers={"If-Match": "*"}).status == 204


def test_an_unchanged_flow_is_not_sent_again(rest: Rest) -> None:
    flow_id = _created(rest)
    answer = rest("GET", f"/v1/flows/{flow_id}", headers={"If-None-Match": '"1"'})
    assert (answer.status, answer.text) == (304, "")
    assert rest("GET", f"/v1/flows/{flow_id}", headers={"If-None-Match": '"2"'}).status == 200


def test_put_replaces_the_whole_so_the_definition_is_required(rest: Rest) -> None:
    flow_id = _created(rest)
    refused = rest("PUT", f"/v1/flows/{flow_id}", {"name": "Only a name"})
    assert refused.faults == {"/definition": "required, but missing"}


def test_a_flow_with_unfinished_deployments_stays_and_names_them(rest: Rest, table: Table) -> None:
    flow_id = _created(rest)
    rest("POST", f"/v1/flows/{flow_id}/publish")
    key = (f"FLOW#{flow_id}", "FLOW")
    table.update(key, "ADD open_deployments :ids", values={":ids": {"dep_1", "dep_2"}})
    refused = rest("DELETE", f"/v1/flows/{flow_id}")
    assert refused.status == 409
    assert "dep_1, dep_2" in refused.body["detail"]
    assert rest("GET", f"/v1/flows/{flow_id}").body["open_deployments"] == ["dep_1", "dep_2"]

    table.update(key, "DELETE open_deployments :ids", values={":ids": {"dep_1", "dep_2"}})
    assert rest("DELETE", f"/v1/flows/{flow_id}").status == 204
    assert rest("DELETE", f"/v1/flows/{flow_id}").status == 404
    assert rest("GET", f"/v1/flows/{flow_id}/versions").status == 404
    assert rest("GET", f"/v1/flows/{flow_id}/versions/1").status == 404


def test_a_definition_over_the_limit_is_refused_with_the_limit(rest: Rest) -> None:
    big = {"nodes": [{"id": "n1", "type": "debug", "config": {"text": "x" * 300_000}}]}
    refused = rest("POST", "/v1/flows", {"name": "Big", "definition": big})
    assert refused.status == 422
    assert "262144" in refused.faults["/definition"]
