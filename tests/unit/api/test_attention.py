"""What a route does not look at is refused, and so are paths, names and numbers that only look like ones."""

from typing import Any

import pytest
from pydantic import BaseModel

from api.attention import CONDITIONS
from api.paths import ROUTES
from edgeflow.contract.nodes.kinds import KINDS, kind_of
from edgeflow.contract.rest import deployment_queries, deployments, devices, fleet, flows, paging, targets
from edgeflow.contract.rest.sentences import ALLOWED
from tests.support.product_page import CREATE_FLOW
from tests.support.rest import Rest

pytestmark = pytest.mark.slow

REQUESTS: list[type[BaseModel]] = [
    flows.CreateFlow,
    flows.UpdateFlow,
    flows.PatchFlow,
    flows.ListFlows,
    deployments.CreateAllAtOnce,
    deployments.CreateRolling,
    deployments.CreateCanary,
    deployments.CreateBlueGreen,
    deployments.CreateUnknown,
    deployment_queries.ListDeployments,
    deployment_queries.ReadDeployment,
    targets.ListTargets,
    devices.RegisterDevice,
    fleet.ListDevices,
    paging.PageQuery,
]
EACH = [(method, path, takes) for path, methods in ROUTES.items() for method, takes in methods.items()]


UPDATE_FLOW = {"name": "A", "definition": {}}


def _path(route: str, tail: str = "") -> str:
    ids = {"<flow_id>": "flow_1", "<deployment_id>": "dep_1", "<device_id>": "dev_001", "<version>": "1"}
    for name, value in ids.items():
        route = route.replace(name, value + tail)
    return route


def test_an_unknown_parameter_is_refused_by_every_route(rest: Rest) -> None:
    for method, route, takes in EACH:
        body = "{}" if takes.body else None
        refused = rest(method, _path(route), body, query={"colour": "red"})
        if takes.body or not takes.query:
            assert (refused.status, refused.faults) == (422, {"colour": "unknown parameter; none is taken here"}), route
        else:
            assert refused.status == 422, route
            assert "unknown" in refused.faults["colour"]


def test_a_body_is_refused_where_none_is_taken(rest: Rest) -> None:
    for method, route, takes in EACH:
        if not takes.body:
            refused = rest(method, _path(route), "{}")
            assert (refused.status, refused.faults) == (
                422,
                {"": "no body is taken here; send the request without one"},
            )


def test_a_condition_is_refused_where_it_is_not_looked_at(rest: Rest) -> None:
    for method, route, takes in EACH:
        for name in CONDITIONS:
            body = CREATE_FLOW if takes.body else None
            answer = rest(method, _path(route), body, headers={name: '"1"'})
            if name in takes.conditions:
                assert name not in (answer.faults if answer.status == 422 else {}), (method, route)
            else:
                assert answer.status == 422, (method, route)
                assert "send the request without it" in answer.faults[name]


def test_an_idempotency_key_is_refused_where_none_is_taken(rest: Rest) -> None:
    for method, route, takes in EACH:
        answer = rest(method, _path(route), CREATE_FLOW if takes.body else None, headers={"Idempotency-Key": "k"})
        told = answer.faults.get("Idempotency-Key") if answer.status == 422 else None
        is_for_post = "is for POST, and not looked at with any other method; send the request without it"
        assert told == (None if method == "POST" else is_for_post), (method, route)


@pytest.mark.parametrize(
    "stated",
    [
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "application/json; charset=latin-1",
        "json",
        "application/json-patch+json",
    ],
)
def test_a_body_of_another_type_is_refused(rest: Rest, stated: str) -> None:
    for method, route, takes in EACH:
        if takes.body:
            refused = rest(method, _path(route), CREATE_FLOW, headers={"Content-Type": stated})
            assert (refused.status, refused.body["code"]) == (415, "unsupported-media-type")
            assert "send JSON" in refused.body["detail"]


@pytest.mark.parametrize(
    "stated",
    [
        "application/json",
        "Application/JSON; charset=UTF-8",
        'application/json;charset="utf-8"',
        "",
    ],
)
def test_json_is_taken_however_it_is_named(rest: Rest, stated: str) -> None:
    assert rest("POST", "/v1/flows", CREATE_FLOW, headers={"Content-Type": stated}).status == 201


@pytest.mark.parametrize(
    "tail", ["%0a", "\n", "%ff", "\ufffd", "%e2%82%ac", "\u20ac", "%00", "%20", "\u0663", " ", "%2e%2e"]
)
def test_a_path_with_what_no_id_has_is_not_found(rest: Rest, machines: None, tail: str) -> None:
    for method, route, takes in EACH:
        if "<" in route:
            answer = rest(method, _path(route, tail), UPDATE_FLOW if takes.body else None)
            assert (answer.status, answer.body["code"]) == (404, "not-found"), (method, route)


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "\u200b",
        "\u2060",
        "\u3164",
        "\u2800",
        "\u00ad",
        "\ufe0f",
        "\u034f",
        "\u17b4",
        "a\nb",
        "a\n",
        "\ta",
        "a\x00b",
        "a\x7f",
        "a\u2028b",
        "a\u202eb",
        "\x1b[31mred",
    ],
)
def test_a_name_that_cannot_be_seen_or_acts_on_a_screen_is_refused(rest: Rest, name: str) -> None:
    refused = rest("POST", "/v1/flows", {"name": name})
    assert (refused.status, list(refused.faults)) == (422, ["/name"])
    tagged = rest("POST", "/v1/flows", {"name": "A", "tags": [name]})
    assert (tagged.status, list(tagged.faults)) == (422, ["/tags/0"])
    if name:
        node = {"id": "n1", "type": "debug", "name": name}
        drawn = rest("POST", "/v1/flows", {"name": "A", "definition": {"nodes": [node]}})
        assert (drawn.status, list(drawn.faults)) == (422, ["/definition/nodes/0/name"])


@pytest.mark.parametrize("description", ["a\x00b", "a\x1b[31m", "a\u202eb"])
def test_a_description_may_have_lines_but_nothing_that_acts(rest: Rest, description: str) -> None:
    assert rest("POST", "/v1/flows", {"name": "A", "description": "two\nlines\tand a tab"}).status == 201
    refused = rest("POST", "/v1/flows", {"name": "A", "description": description})
    assert (refused.status, list(refused.faults)) == (422, ["/description"])


@pytest.mark.parametrize(
    "name", ["Halle \u00e4\u00df", "\u6e29\u5ea6", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "e\u0301", "\u0663"]
)
def test_names_of_all_scripts_are_taken(rest: Rest, name: str) -> None:
    assert rest("POST", "/v1/flows", {"name": name, "tags": [name]}).body["name"] == name


@pytest.mark.parametrize("number", ["1_0", "\u0663", " 3", "3 ", "+3", "1.0", "1e1", "0x3", "", "\uff13"])
def test_a_number_is_written_in_plain_digits(rest: Rest, number: str) -> None:
    for method, route, takes in EACH:
        if takes.query:
            refused = rest(method, _path(route), query={"limit": number})
            assert (refused.status, list(refused.faults)) == (422, ["limit"]), route
    assert rest("GET", f"/v1/flows/flow_1/versions/{number}").status == 404


@pytest.mark.parametrize("duration", ["\u0663m", "1_0s", "\uff13s", "3\u200bm"])
def test_a_duration_is_written_in_plain_digits(rest: Rest, duration: str) -> None:
    body = {
        "flow_id": "flow_1",
        "strategy": "rolling",
        "target_devices": ["dev_001"],
        "config": {"batch_delay": duration},
    }
    refused = rest("POST", "/v1/deployments", body)
    assert (refused.status, list(refused.faults)) == (422, ["/config/batch_delay"])


@pytest.mark.parametrize("tag", ['"\u0663"', '"1_0"', "1"])
def test_a_revision_is_written_in_plain_digits(rest: Rest, tag: str) -> None:
    flow_id = rest("POST", "/v1/flows", CREATE_FLOW).body["id"]
    assert rest("POST", f"/v1/flows/{flow_id}/publish", headers={"If-Match": tag}).status == 412


def test_an_address_may_end_in_a_slash(rest: Rest) -> None:
    assert rest("GET", "/v1/flows/").status == 200


def test_a_body_that_is_compressed_is_refused(rest: Rest) -> None:
    refused = rest("POST", "/v1/flows", CREATE_FLOW, headers={"Content-Encoding": "gzip"})
    assert (refused.status, refused.body["code"]) == (415, "unsupported-media-type")


def test_every_tag_of_a_long_list_is_looked_at(rest: Rest) -> None:
    flow = rest("POST", "/v1/flows", CREATE_FLOW)
    tags = ", ".join([*(f'"{number}"' for number in range(100, 150)), flow.headers["ETag"]])
    assert rest("DELETE", f"/v1/flows/{flow.body['id']}", headers={"If-Match": tags}).status == 204


@pytest.mark.parametrize("key", ["a\x00b", "a\tb", "schl\u00fcssel", "\u200b"])
def test_a_key_has_printable_characters(rest: Rest, key: str) -> None:
    refused = rest("POST", "/v1/flows", CREATE_FLOW, headers={"Idempotency-Key": key})
    assert list(refused.faults) == ["Idempotency-Key"]


def _patterns(schema: Any) -> set[str]:  # noqa: ANN401  JSON can be anything
    if isinstance(schema, dict):
        own = {schema["pattern"]} if isinstance(schema.get("pattern"), str) else set()
        return own.union(*map(_patterns, schema.values()))
    return set().union(*map(_patterns, schema)) if isinstance(schema, list) else set()


def test_what_each_pattern_allows_is_said_in_words() -> None:
    settings = [kind_of(name).settings_type for name in KINDS]
    met = set().union(*(_patterns(model.model_json_schema()) for model in [*REQUESTS, *settings]))
    met |= set(kind_of("http_request").settings_type.model_json_schema()["properties"]["headers"]["patternProperties"])
    assert met == ALLOWED.keys()
    assert all(words.startswith("must ") for words in ALLOWED.values())


WORDS_OF_PYTHON = ("tuple", "dict", "NoneType", "'str'", "valid string", "pydantic", "instance of", "Input should")


@pytest.mark.parametrize("value", [None, True, 7, 0.5, "", "text", [], {}, [[]], [{}], {"a": 1}, [None], -1, 10**18])
def test_sentences_speak_of_the_api(rest: Rest, value: object) -> None:
    for path, model in (
        ("/v1/flows", flows.CreateFlow),
        ("/v1/deployments", deployments.CreateRolling),
        ("/v1/devices", devices.RegisterDevice),
    ):
        bodies: list[object] = [value, *({name: value} for name in model.model_fields)]
        if path == "/v1/flows":
            bodies += [{"name": "A", "definition": {part: value}} for part in ("nodes", "connections", "variables")]
            bodies += [{"name": "A", "definition": {part: [value]}} for part in ("nodes", "health_checks", "variables")]
        for body in bodies:
            refused = rest("POST", path, body if not isinstance(body, str) else f'"{body}"')
            if refused.status >= 400:
                assert not [word for word in WORDS_OF_PYTHON if word in refused.text], (body, refused.text)


def test_a_cursor_that_no_list_of_versions_gave_is_a_fault_of_the_cursor(rest: Rest) -> None:
    flow_id = rest("POST", "/v1/flows", CREATE_FLOW).body["id"]
    forged = paging.write_cursor(f"versions {flow_id}", "first")
    refused = rest("GET", f"/v1/flows/{flow_id}/versions", query={"cursor": forged})
    assert (refused.status, list(refused.faults)) == (422, ["cursor"])
