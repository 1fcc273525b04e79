"""The contract of flows: the product page's own request, and the one byte form of a definition."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from edgeflow.contract.flow import Definition, FlowArtifact
from edgeflow.contract.rest.flows import CreateFlow, FlowView, UpdateFlow
from edgeflow.contract.rest.problem import faults_of
from tests.support.product_page import CREATE_FLOW

_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
_ID = st.from_regex(r"[A-Za-z0-9_.:-]{1,8}", fullmatch=True)
_DEFINITIONS = st.fixed_dictionaries(
    {
        "nodes": st.lists(
            st.fixed_dictionaries(
                {
                    "id": _ID,
                    "type": st.just("debug"),
                    "config": st.dictionaries(st.text(max_size=5), _JSON, max_size=3),
                },
                optional={"x": st.integers(-1000, 1000), "name": st.text(max_size=10)},
            ),
            max_size=3,
        ),
        "connections": st.lists(st.fixed_dictionaries({"source": _ID, "target": _ID}), max_size=3),
    }
)


def test_the_product_pages_flow_is_read_as_printed() -> None:
    body = CreateFlow.model_validate_json(CREATE_FLOW, strict=True)
    assert [node.type for node in body.definition.nodes] == ["dht", "switch", "mqtt_out"]
    assert body.definition.variables[0].value == "30"
    UpdateFlow.model_validate_json(CREATE_FLOW, strict=True)


@given(document=_DEFINITIONS)
@pytest.mark.slow
def test_the_order_of_keys_does_not_change_the_bytes(document: dict[str, Any]) -> None:
    turned = json.loads(json.dumps(document), object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    one, other = (FlowArtifact(definition=Definition.model_validate(each)) for each in (document, turned))
    assert one.canonical_bytes() == other.canonical_bytes()


@given(document=_DEFINITIONS)
def test_what_a_device_reads_has_the_bytes_it_was_made_from(document: dict[str, Any]) -> None:
    content = FlowArtifact(definition=Definition.model_validate(document)).canonical_bytes()
    assert FlowArtifact.model_validate_json(content).canonical_bytes() == content


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"name": "  "}, "/name"),
        ({"name": "x" * 129}, "/name"),
        ({"tags": ["t"] * 21}, "/tags"),
        ({"tags": ["x" * 65]}, "/tags/0"),
        ({"description": "x" * 2_049}, "/description"),
        ({"definition": {"nodes": [{"id": "n"}]}}, "/definition/nodes/0/type"),
        (
            {"definition": {"connections": [{"source": "a", "target": "b", "port": 64}]}},
            "/definition/connections/0/port",
        ),
        ({"a/b~c": 1}, "/a~1b~0c"),
    ],
)
def test_a_limit_is_told_at_its_place(change: dict[str, Any], pointer: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        CreateFlow.model_validate_json(json.dumps(json.loads(CREATE_FLOW) | change), strict=True)
    assert [fault.pointer for fault in faults_of(refusal.value, CreateFlow)] == [pointer]


def test_what_is_read_back_has_these_fields() -> None:
    assert set(FlowView.model_json_schema()["required"]) == {
        "id",
        "name",
        "description",
        "tags",
        "status",
        "definition",
        "latest_version",
        "open_deployments",
        "created_at",
        "created_by",
        "updated_at",
    }


@pytest.mark.parametrize(
    ("check", "pointers"),
    [
        ({"type": "http", "name": "a"}, ["0/url"]),
        ({"type": "http", "name": "a", "url": "x://", "timeout": "9h"}, ["0/timeout", "0/url"]),
        ({"type": "command", "name": "a b", "command": [], "shell": True}, ["0/command", "0/name", "0/shell"]),
        ({"type": "ftp", "name": "a"}, ["0"]),
        ({"type": "emitted", "name": "a", "node": "n1", "within": "0s"}, ["0/within"]),
    ],
)
def test_a_health_check_s_faults_are_named_where_they_are(check: dict[str, Any], pointers: list[str]) -> None:
    document = {"name": "x", "definition": {"nodes": [], "health_checks": [check]}}
    with pytest.raises(ValidationError) as refused:
        CreateFlow.model_validate_json(json.dumps(document), strict=True)
    faults = sorted(faults_of(refused.value, CreateFlow), key=lambda fault: fault.pointer)
    assert [fault.pointer for fault in faults] == [f"/definition/health_checks/{pointer}" for pointer in pointers]
    shell = [fault.detail for fault in faults if fault.pointer.endswith("/shell")]
    assert shell in ([], ["unknown key; known keys are command, grace, interval, name, timeout, type"])


def test_a_flow_without_health_checks_has_the_artifact_it_always_had() -> None:
    content = FlowArtifact(definition=Definition()).canonical_bytes()
    assert content == b'{"definition":{"connections":[],"nodes":[],"variables":[]},"schema":"edgeflow.flow/1"}'
