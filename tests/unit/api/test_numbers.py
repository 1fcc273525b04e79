"""Numbers of requests: what is taken can be written and read again by every reader of JSON, the rest is refused."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edgeflow.contract.ids import MAX_VERSION
from edgeflow.contract.rest.definition import MAX_COORDINATE
from edgeflow.contract.wire import MAX_WIRE_NUMBER
from tests.support.rest import Rest

HUGE = "9" * 310
"""No double holds it; Python makes infinity of it where a float is asked for."""
NUMBERS = [HUGE, "-" + HUGE, "9" * 5_000, "1e999", "-1e999", "1E+400", str(MAX_WIRE_NUMBER + 1), "-9007199254740992"]

NODE = "/definition/nodes/0"
PLACES = {
    f"{NODE}/x": '{"name": "a", "definition": {"nodes": [{"id": "n", "type": "t", "x": %s}]}}',
    f"{NODE}/y": '{"name": "a", "definition": {"nodes": [{"id": "n", "type": "t", "y": %s}]}}',
    f"{NODE}/config/a/1/b": '{"name": "a", "definition": {"nodes": [{"id": "n", "type": "t", '
    '"config": {"a": [0, {"b": %s}]}}]}}',
    "/definition/connections/0/port": '{"name": "a", "definition": {"connections": '
    '[{"source": "a", "target": "b", "port": %s}]}}',
    "/definition/variables/0/value": '{"name": "a", "definition": {"variables": '
    '[{"name": "v", "type": "number", "value": %s}]}}',
    "/definition/health_checks/0/status": '{"name": "a", "definition": {"health_checks": '
    '[{"name": "h", "type": "http", "url": "http://localhost", "status": %s}]}}',
    "/colour": '{"name": "a", "colour": %s}',
}


@pytest.mark.parametrize("place", PLACES)
def test_a_number_that_not_every_reader_keeps_is_refused_at_its_place(rest: Rest, place: str) -> None:
    for number in NUMBERS:
        refused = rest("POST", "/v1/flows", PLACES[place] % number)
        assert refused.status in (400, 422), number
        assert list(refused.faults) == [place], number


@pytest.mark.parametrize("number", [MAX_COORDINATE + 1, -MAX_COORDINATE - 1, 1e300])
def test_coordinates_have_bounds(rest: Rest, number: float) -> None:
    refused = rest("POST", "/v1/flows", PLACES[f"{NODE}/x"] % number)
    assert (refused.status, list(refused.faults)) == (422, [f"{NODE}/x"])


@pytest.mark.parametrize("key", ["flow_version", "config/batch_size", "config/failure_threshold"])
def test_numbers_of_a_deployment_have_bounds(rest: Rest, key: str) -> None:
    outer, _, inner = key.partition("/")
    for number in [*NUMBERS, str(MAX_VERSION + 1), "-1"]:
        told = f'"config": {{"{inner}": {number}}}' if inner else f'"{outer}": {number}'
        body = f'{{"flow_id": "flow_1", "strategy": "rolling", "target_devices": ["d"], {told}}}'
        refused = rest("POST", "/v1/deployments", body)
        assert refused.status in (400, 422), number
        assert list(refused.faults) == [f"/{key}"], number


@pytest.mark.parametrize("setting", ["timeout", "batch_delay"])
def test_durations_have_bounds(rest: Rest, setting: str) -> None:
    for duration in ["8d", "99999999999d", "9" * 5_000 + "d", "999999999d999999999h"]:
        body = {"flow_id": "flow_1", "strategy": "rolling", "target_devices": ["d"], "config": {setting: duration}}
        refused = rest("POST", "/v1/deployments", body)
        assert (refused.status, list(refused.faults)) == (422, [f"/config/{setting}"]), duration


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("number", "9" * 400),
        ("number", "-" + "9" * 400),
        ("number", "1e999"),
        ("number", "9" * 5_000),
        ("number", str(MAX_WIRE_NUMBER + 1)),
        ("json", '{"low": [1, 1e999]}'),
        ("json", f'{{"low": {HUGE}}}'),
        ("json", str(MAX_WIRE_NUMBER + 1)),
        ("json", "9" * 5_000),
        ("json", "[" * 65 + "]" * 65),
        ("json", "[" * 5_000 + "]" * 5_000),
    ],
)
def test_a_variable_s_text_is_held_to_the_same_bounds_when_it_is_published(rest: Rest, kind: str, value: str) -> None:
    variable = {"name": "v", "type": kind, "value": value}
    definition = {"nodes": [{"id": "n", "type": "debug"}], "variables": [variable]}
    flow = rest("POST", "/v1/flows", {"name": "a", "definition": definition})
    assert flow.status == 201
    refused = rest("POST", f"/v1/flows/{flow.body['id']}/publish")
    assert (refused.status, list(refused.faults)) == (422, ["/definition/variables/0/value"])


@pytest.mark.parametrize("path", ["/v1/flows", "/v1/deployments", "/v1/devices", "/v1/flows/flow_1/versions"])
def test_numbers_in_paths_and_parameters_have_bounds(rest: Rest, path: str) -> None:
    for number in ["9" * 8 + "0", "9" * 400, "9" * 5_000, "1e3", "Infinity", "NaN", "-1", "0x10"]:
        assert rest("GET", f"/v1/flows/flow_1/versions/{number}").status == 404, number
        refused = rest("GET", path, query={"limit": number})
        assert (refused.status, list(refused.faults)) == (422, ["limit"]), number


_NUMBERS = (
    st.integers(-(10**320), 10**320).map(str)
    | st.integers(-(2**54), 2**54).map(str)
    | st.floats(allow_nan=False, allow_infinity=False).map(repr)
    | st.tuples(st.integers(1, 9), st.integers(-400, 400)).map(lambda parts: f"{parts[0]}e{parts[1]}")
)
_TEMPLATES = st.sampled_from([place for place in PLACES if "config" in place or "value" in place])


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(number=_NUMBERS, place=_TEMPLATES)
@pytest.mark.slow
def test_a_number_that_is_taken_is_read_back_as_every_reader_reads_it(rest: Rest, number: str, place: str) -> None:
    answer = rest("POST", "/v1/flows", PLACES[place] % number)
    if answer.status == 201:
        read = _strictly(rest("GET", f"/v1/flows/{answer.body['id']}").text)
        assert _at(read, place) == _strictly(number)
    else:
        assert answer.status in (400, 422)
        assert list(answer.faults) == [place]


def _strictly(text: str) -> Any:  # noqa: ANN401  JSON can be anything
    def refuse(name: str) -> None:
        raise AssertionError(name)

    return json.loads(text, parse_constant=refuse)


def _at(document: Any, pointer: str) -> Any:  # noqa: ANN401  JSON can be anything
    for part in pointer.split("/")[1:]:
        document = document[int(part) if isinstance(document, list) else part]
    return document
