"""Changing a draft: what was read can be sent back, a patch is merged, and nothing is wiped that was not named."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edgeflow.adapters.table import Table
from edgeflow.contract.rest.flows import WRITTEN_BY_EDGEFLOW
from edgeflow.contract.rest.merge_patch import MERGE_PATCH_CONTENT_TYPE, merged
from tests.support.product_page import CREATE_FLOW
from tests.support.rest import Rest

pytestmark = pytest.mark.slow

SHARED = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
EMPTY: dict[str, Any] = {
    "description": "",
    "tags": [],
    "definition": {"nodes": [], "connections": [], "variables": [], "health_checks": []},
}

_IDS = st.text("abc123", min_size=1, max_size=4)
_LINES = st.text("ab \u00e4\u6e29", min_size=1, max_size=8).map(lambda line: f"x{line}x")
_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(-1e9, 1e9)
    | st.text("a\u6e29", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_IDS, inner, max_size=3),
    max_leaves=6,
)
_NODE = st.fixed_dictionaries(
    {
        "id": _IDS,
        "type": st.just("debug"),
        "name": st.just("") | _LINES,
        "config": st.dictionaries(_IDS, _JSON, max_size=3),
        "x": st.integers(-1_000_000, 1_000_000) | st.floats(-1e6, 1e6),
        "y": st.just(0),
    }
)
_CONNECTION = st.fixed_dictionaries({"source": _IDS, "target": _IDS, "port": st.integers(0, 63)})
_VARIABLE = st.fixed_dictionaries(
    {"name": st.text("abc", min_size=1, max_size=3), "type": st.just("json"), "value": _JSON}
)
_CHECK = st.fixed_dictionaries(
    {
        "name": st.text("abc", min_size=1, max_size=3),
        "type": st.just("http"),
        "url": st.just("http://localhost/health"),
    }
)
_PARTS = {
    "nodes": st.lists(_NODE, max_size=3),
    "connections": st.lists(_CONNECTION, max_size=3),
    "variables": st.lists(_VARIABLE, max_size=3),
    "health_checks": st.lists(_CHECK, max_size=2),
}
_CONTENT = {
    "name": _LINES,
    "description": st.text("ab \n\t", max_size=8),
    "tags": st.lists(_LINES, max_size=3, unique=True),
    "definition": st.fixed_dictionaries(_PARTS),
}
CONTENTS = st.fixed_dictionaries(_CONTENT)
PATCHES = st.fixed_dictionaries(
    {},
    optional={
        "name": _LINES,
        "description": st.none() | _CONTENT["description"],
        "tags": st.none() | _CONTENT["tags"],
        "definition": st.none()
        | st.fixed_dictionaries({}, optional={name: st.none() | part for name, part in _PARTS.items()}),
    },
)


def _made(rest: Rest, content: object) -> dict[str, Any]:
    answer = rest("POST", "/v1/flows", content)
    assert answer.status == 201, answer.text
    flow: dict[str, Any] = answer.body
    return flow


def _content(flow: dict[str, Any]) -> dict[str, Any]:
    return {key: flow[key] for key in _CONTENT}


@SHARED
@given(content=CONTENTS)
def test_what_was_read_can_be_sent_back(rest: Rest, content: dict[str, Any]) -> None:
    flow = _made(rest, content)
    answer = rest("PUT", f"/v1/flows/{flow['id']}", flow)
    assert answer.status == 200, answer.text
    assert _content(answer.body) == _content(flow)


@SHARED
@given(before=CONTENTS, after=CONTENTS)
def test_a_put_reads_back_as_written(rest: Rest, before: dict[str, Any], after: dict[str, Any]) -> None:
    flow = _made(rest, before)
    assert rest("PUT", f"/v1/flows/{flow['id']}", after).status == 200
    read = _content(rest("GET", f"/v1/flows/{flow['id']}").body)
    assert read == _content(_made(rest, after))


@SHARED
@given(content=CONTENTS, patch=PATCHES)
def test_a_patch_reads_back_as_the_merge(rest: Rest, content: dict[str, Any], patch: dict[str, Any]) -> None:
    flow = _made(rest, content)
    path = f"/v1/flows/{flow['id']}"
    answer = rest("PATCH", path, patch, headers={"Content-Type": MERGE_PATCH_CONTENT_TYPE})
    assert answer.status == 200, answer.text
    expected = _made(rest, _with_defaults(merged(_content(flow), patch)))
    assert _content(rest("GET", path).body) == _content(answer.body) == _content(expected)


def _with_defaults(content: dict[str, Any]) -> dict[str, Any]:
    whole: dict[str, Any] = EMPTY | content
    return whole | {"definition": EMPTY["definition"] | whole["definition"]}


@SHARED
@given(content=CONTENTS, kept=st.sets(st.sampled_from(["description", "tags", *_PARTS])))
def test_a_put_that_leaves_something_out_is_refused_unless_there_is_none(
    rest: Rest, content: dict[str, Any], kept: set[str]
) -> None:
    flow = _made(rest, content)
    sent = {key: value for key, value in _content(flow).items() if key in {"name", "definition"} | kept}
    sent["definition"] = {key: value for key, value in sent["definition"].items() if key in kept}
    answer = rest("PUT", f"/v1/flows/{flow['id']}", sent)
    lost = {f"/{key}" for key in ("description", "tags") if key not in kept and flow[key]}
    lost |= {f"/definition/{key}" for key in _PARTS if key not in kept and flow["definition"][key]}
    if lost:
        assert (answer.status, set(answer.faults)) == (422, lost)
    else:
        assert _content(answer.body) == _content(flow)


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_what_edgeflow_writes_is_taken_as_it_is_and_cannot_be_set(rest: Rest, method: str) -> None:
    flow = _made(rest, CREATE_FLOW)
    path = f"/v1/flows/{flow['id']}"
    set_elsewhere = {
        "id": "flow_other",
        "status": "published",
        "latest_version": 7,
        "created_at": "2026-02-21T12:00:00.000Z",
        "created_by": "somebody",
        "updated_at": "2026-02-21T12:00:00.000Z",
    }
    refused = rest(method, path, flow | set_elsewhere)
    assert (refused.status, set(refused.faults)) == (422, {f"/{key}" for key in set_elsewhere})
    assert refused.faults["/status"] == 'is "draft" and cannot be set; leave it out, or read the flow again'
    assert rest("GET", path).body == flow
    assert set(set_elsewhere) | {"open_deployments"} == WRITTEN_BY_EDGEFLOW
    assert rest(method, path, flow | {"open_deployments": ["dep_that_has_ended"]}).status == 200
    stale = rest(method, path, flow | {"updated_at": "2000-01-01T00:00:00.000Z"})
    assert list(stale.faults) == ["/updated_at"]


def test_a_patch_removes_neither_the_name_nor_what_edgeflow_writes(rest: Rest) -> None:
    flow = _made(rest, CREATE_FLOW)
    refused = rest("PATCH", f"/v1/flows/{flow['id']}", {"name": None, "id": None, "latest_version": None})
    assert refused.status == 422
    assert set(refused.faults) == {"/name", "/id"}  # there is no latest version yet, so that stays as it is


@pytest.mark.parametrize("patch", ["[]", "7", '"text"', "null", "true"])
def test_a_patch_is_an_object(rest: Rest, patch: str) -> None:
    flow = _made(rest, CREATE_FLOW)
    refused = rest("PATCH", f"/v1/flows/{flow['id']}", patch)
    assert (refused.status, refused.faults) == (422, {"": "must be an object"})


def test_what_does_not_fit_is_named_at_its_place(rest: Rest) -> None:
    flow = _made(rest, CREATE_FLOW)
    wrong = {"colour": "red", "tags": [1], "definition": {"nodes": [{"id": "n1", "type": "debug", "x": 2**60}]}}
    refused = rest("PATCH", f"/v1/flows/{flow['id']}", wrong)
    assert set(refused.faults) == {"/colour", "/tags/0", "/definition/nodes/0/x"}
    assert rest("GET", f"/v1/flows/{flow['id']}").body == flow


def test_a_patch_looks_at_nothing_that_it_does_not_touch(rest: Rest, table: Table) -> None:
    flow = _made(rest, CREATE_FLOW)
    item = table.get((f"FLOW#{flow['id']}", "FLOW"))
    assert item
    table.put(item | {"definition": item["definition"].replace("100", "100000000")})
    assert rest("PATCH", f"/v1/flows/{flow['id']}", {"name": "B"}).body["name"] == "B"
    assert rest("PATCH", f"/v1/flows/{flow['id']}", {"definition": {"variables": []}}).status == 422


def test_a_patch_is_of_a_draft_and_of_the_revision_that_was_read(rest: Rest) -> None:
    flow = _made(rest, CREATE_FLOW)
    path = f"/v1/flows/{flow['id']}"
    assert rest("PATCH", path, {"name": "B"}, headers={"If-Match": '"1"'}).headers["ETag"] == '"2"'
    assert rest("PATCH", path, {"name": "C"}, headers={"If-Match": '"1"'}).status == 412
    rest("POST", f"{path}/publish")
    for method, body in (("PATCH", {"name": "C"}), ("PUT", flow)):
        refused = rest(method, path, body)
        assert (refused.status, "/draft" in refused.body["detail"]) == (409, True)
    assert rest("GET", f"{path}/events").body["events"][1]["details"] == {"changed": ["name"]}
