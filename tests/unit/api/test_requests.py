"""What a request may be, and how each refusal is told."""

import pytest

from api.paths import ROUTES
from edgeflow.bootstrap import clients, stores
from tests.support.product_page import CREATE_FLOW
from tests.support.rest import Rest


def test_every_fault_of_a_body_is_told_with_its_remedy(rest: Rest) -> None:
    body = {
        "description": 3,
        "tags": ["ok", ""],
        "colour": "red",
        "definition": {"nodes": [{"id": "n 1", "type": "dht", "x": "100", "wires": []}]},
    }
    refused = rest("POST", "/v1/flows", body)
    assert refused.status == 422
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.body["type"] == "urn:edgeflow:problem:invalid-request"
    assert refused.body["request_id"] == "request-1"
    faults = refused.faults
    assert set(faults) == {
        "/name",
        "/description",
        "/tags/1",
        "/colour",
        "/definition/nodes/0/id",
        "/definition/nodes/0/x",
        "/definition/nodes/0/wires",
    }
    assert faults["/colour"] == "unknown key; known keys are definition, description, name, slug, tags"
    assert faults["/definition/nodes/0/wires"] == "unknown key; known keys are config, id, name, type, x, y"
    assert faults["/name"] == "required, but missing"


@pytest.mark.parametrize(
    "body",
    [
        None,
        "",
        "{",
        '{"name": "a",}',
        '{"name": "a", "name": "b"}',
        '{"name": NaN}',
        '{"name": "a", "definition": {"nodes": [{"id": "n", "type": "t", "x": 1e999}]}}',
        '{"name": "a", "definition": {"nodes": [{"id": "n", "type": "t", "config": {"k": "\\ud800"}}]}}',
        '{"name": ' + "[" * 5_000 + "]" * 5_000 + "}",
        '{"name": ' + "[" * 90 + "]" * 90 + "}",
        '{"name": ' + "9" * 5_000 + "}",
    ],
)
def test_what_is_not_json_is_malformed(rest: Rest, body: str | None) -> None:
    refused = rest("POST", "/v1/flows", body)
    assert (refused.status, refused.body["code"]) == (400, "malformed-request")


@pytest.mark.parametrize("body", ["[]", '"text"', "3", "null"])
def test_json_that_is_no_object_is_invalid(rest: Rest, body: str) -> None:
    assert rest("POST", "/v1/flows", body).status == 422


def test_a_body_over_the_limit_is_too_large(rest: Rest) -> None:
    refused = rest("POST", "/v1/flows", '{"name": "' + "x" * (2 * 1024 * 1024) + '"}')
    assert (refused.status, refused.body["code"]) == (413, "body-too-large")


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "101"}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"status": "done"}, "status"),
        ({"statuss": "draft"}, "statuss"),
        ({"tag": ["a", "b"]}, "tag"),
    ],
)
def test_a_wrong_parameter_is_named(rest: Rest, query: dict[str, str | list[str]], name: str) -> None:
    refused = rest("GET", "/v1/flows", query=query)
    assert refused.status == 422
    assert list(refused.faults) == [name]


def test_an_unknown_path_is_not_found_and_a_wrong_method_names_the_right_ones(rest: Rest) -> None:
    assert rest("GET", "/v1/nothing").status == 404
    refused = rest("POST", "/v1/flows/flow_1")
    assert (refused.status, refused.body["code"]) == (405, "method-not-allowed")
    assert refused.headers["Allow"] == "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"


@pytest.mark.parametrize("path", ["/v1/flows/nonsense", "/v1/flows/flow_1", "/v1/flows/flow_" + "1" * 4_000])
def test_an_id_that_cannot_be_is_not_found(rest: Rest, path: str) -> None:
    refused = rest("GET", path)
    assert (refused.status, refused.body["code"]) == (404, "not-found")


@pytest.mark.parametrize("version", ["0", "-1", "one", "1.0", "9" * 40, "7"])
def test_a_version_that_cannot_be_is_not_found(rest: Rest, version: str) -> None:
    flow_id = rest("POST", "/v1/flows", CREATE_FLOW).body["id"]
    assert rest("GET", f"/v1/flows/{flow_id}/versions/{version}").status == 404


def test_a_base_path_mapping_is_not_part_of_the_route(rest: Rest) -> None:
    assert Rest(prefix="/api")("GET", "/v1/flows").status == 200


def test_an_unexpected_error_tells_nothing_of_its_inside(rest: Rest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABLE_NAME", "no-such-table")
    stores.flows.cache_clear()
    clients.table.cache_clear()
    failed = rest("GET", "/v1/flows")
    assert (failed.status, failed.body["code"]) == (500, "internal")
    assert "table" not in failed.text
    assert "Exception" not in failed.text


def test_the_table_of_paths_is_that_of_the_routes(rest: Rest) -> None:
    for path, methods in ROUTES.items():
        for method in methods:
            answer = rest(method, path.replace("<version>", "1").replace("<", "").replace(">", ""))
            assert answer.status != 405, (method, path)
            if answer.status == 404:
                assert "there is nothing at" not in answer.body["detail"], (method, path)
