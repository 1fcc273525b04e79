"""Bodies as attacks: any body up to the limit is refused soon, and in few words."""

import gc
import json
from collections.abc import Callable, Iterator
from functools import lru_cache
from time import process_time
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.bodies import MAX_BODY_BYTES, MAX_VALUES
from api.paths import ROUTES
from api.problems import MAX_PROBLEM_BYTES
from edgeflow.contract.flow import MAX_ARTIFACT_BYTES, Definition
from edgeflow.contract.rest.problem import MAX_FAULTS_TOLD
from edgeflow.domain.flows import artifact_of
from tests.support.rest import Rest, RestAnswer

AT_MOST: Final = 16.0
"""As many times as long as ``work_of_this_machine`` may a body take; the worst was measured at 6 to 8.

Of a core that does that work in 0.06 s this is 1.0 s, and 1.7 s of the share that 1,024 MB have of one (1,769 MB).
"""


def fill(opening: str, entry: Callable[[int], str], closing: str) -> str:
    """Return a body of the greatest size: as many entries as it has room for, in bytes and in values."""
    room, values = MAX_BODY_BYTES - len(opening + closing), MAX_VALUES - values_in(opening)
    entries: list[str] = []
    text, size, more = "", 1, 1
    while True:
        following = entry(len(entries))
        if following != text:
            text, size, more = following, len(following.encode()) + 1, values_in(following) + 1
        if room <= size or values <= more:
            return opening + ",".join(entries) + closing
        entries.append(text)
        room -= size
        values -= more


def values_in(text: str) -> int:
    """Return how many values a text can have, by its commas and brackets."""
    return text.count(",") + text.count("[") + text.count("{")


ORDER: Final = '"flow_id": "flow_1", "target_devices": ["dev_1"]'
CHECK: Final = '"definition": {"health_checks": [{"name": "h"'


@lru_cache(maxsize=1)
def flow_bodies() -> dict[str, str]:
    """Bodies of ``POST /v1/flows`` by what they are full of."""
    return {
        "numbers": fill("[", lambda _: "1", "]"),
        "objects": fill("[", lambda _: "{}", "]"),
        "lists": fill("[", lambda _: "[]", "]"),
        "numbers for nodes": fill('{"name": "a", "definition": {"nodes": [', lambda _: "1", "]}}"),
        "objects for nodes": fill('{"name": "a", "definition": {"nodes": [', lambda _: "{}", "]}}"),
        "too many nodes": fill('{"name": "a", "definition": {"nodes": [', lambda _: '{"id":"a","type":"b"}', "]}}"),
        "too many connections": fill('{"name": "a", "definition": {"connections": [', lambda _: "[]", "]}}"),
        "too many variables": fill('{"name": "a", "definition": {"variables": [', lambda _: "null", "]}}"),
        "too many checks": fill('{"name": "a", "definition": {"health_checks": [', lambda _: '{"type":"ftp"}', "]}}"),
        "too many tags": fill('{"name": "a", "tags": [', lambda _: '""', "]}"),
        "too many words": fill(f'{{"name": "a", {CHECK}, "type": "command", "command": [', lambda _: "1", "]}]}}"),
        "keys": fill("{", lambda number: f'"{number:x}":1', "}"),
        "one key": fill("{", lambda _: '"a":1', "}"),
        "keys and one twice": fill('{"0":1,', lambda number: f'"{number:x}":1', "}"),
        "keys of nodes": fill(
            '{"name": "a", "definition": {"nodes": [',
            lambda _: "{" + ",".join(f'"{key}":0' for key in range(300)) + "}",
            "]}}",
        ),
        "a key": '{"' + "k" * 1_000_000 + '": 1}',
        "long keys": fill("{", lambda number: f'"{number}{"é" * 5_000}":1', "}"),
        "keys of control characters": fill(
            "{", lambda number: f'"{number}{chr(92)}u0001{chr(92)}u0002{"x" * 200}":1', "}"
        ),
        "a name": '{"name": "' + "x" * 1_000_000 + '"}',
        "spaces for a name": '{"name": "' + " " * 1_000_000 + '"}',
        "a type of check": f'{{"name": "a", {CHECK}, "type": "{"x" * 500_000}"}}]}}}}',
        "a duration of a check": f'{{"name": "a", {CHECK}, "type": "emitted", "node": "n", '
        f'"within": "{"9" * 500_000}"}}]}}}}',
        "a url": f'{{"name": "a", {CHECK}, "type": "http", "url": "http://{"/" * 500_000} "}}]}}}}',
        "a node's id": '{"name": "a", "definition": {"nodes": [{"id": "' + "x" * 500_000 + '", "type": "t"}]}}',
        "huge numbers": fill('{"name": [', lambda _: "9" * 400, "]}"),
        "infinite numbers": fill('{"name": [', lambda _: "1e999", "]}"),
        "large numbers": fill('{"name": [', lambda _: "9" * 16, "]}"),
        "a huge number": '{"name": ' + "9" * 2_000_000 + "}",
        "a long fraction": '{"name": 0.' + "1" * 2_000_000 + "}",
        "large numbers in a node": fill(
            '{"name": "a", "definition": {"nodes": [{"id": "n", "type": "t", "config": {"a": [',
            lambda _: "9" * 16,
            "]}}]}}",
        ),
        "numbers in a node": fill(
            '{"name": "a", "definition": {"nodes": [{"id": "n", "type": "t", "config": {"a": [', lambda _: "1", "]}}]}}"
        ),
        "depth": '{"name": ' + "[" * 250_000 + "]" * 250_000 + "}",
        "half surrogates": fill('{"name": [', lambda _: '"\\ud800"', "]}"),
        "no end": '{"name": "' + "\\\\" * 1_000_000,
        "spaces": " " * 2_000_000,
    }


def deployment_bodies() -> dict[str, str]:
    """Bodies of ``POST /v1/deployments`` by what they are full of."""
    return {
        "a strategy": f'{{{ORDER}, "strategy": "{"x" * 500_000}"}}',
        "dashes for a strategy": f'{{{ORDER}, "strategy": "{"-" * 2_000_000}"}}',
        "a timeout": f'{{{ORDER}, "strategy": "canary", "config": {{"timeout": "{"x" * 500_000}"}}}}',
        "a timeout of digits": f'{{{ORDER}, "strategy": "canary", "config": {{"timeout": "{"9" * 500_000}"}}}}',
        "a timeout of spaces": f'{{{ORDER}, "strategy": "canary", "config": {{"timeout": "{" " * 2_000_000}"}}}}',
        "settings": fill(f'{{{ORDER}, "strategy": "canary", "config": {{', lambda number: f'"{number:x}":1', "}}"),
        "settings of no strategy": fill(f'{{{ORDER}, "config": {{', lambda number: f'"{number:x}":1', "}}"),
        "numbers for devices": fill(
            '{"flow_id": "flow_1", "strategy": "canary", "target_devices": [', lambda _: "1", "]}"
        ),
        "numbers for groups": fill(
            '{"flow_id": "flow_1", "strategy": "canary", "target_groups": [', lambda _: "1", "]}"
        ),
        "ten thousand wrong ids": '{"flow_id": "flow_1", "strategy": "canary", "target_devices": ['
        + ",".join(['"\u20ac"'] * 10_000)
        + "]}",
    }


def device_bodies() -> dict[str, str]:
    """Bodies of ``POST /v1/devices`` by what they are full of."""
    return {
        "an id": '{"device_id": "' + "x" * 1_000_000 + '"}',
        "a csr": '{"device_id": "d", "csr": "-----BEGIN CERTIFICATE REQUEST-----' + "\\n" * 500_000 + '"}',
        "an enrolment": '{"device_id": "d", "enrolment": "' + "x" * 1_000_000 + '"}',
        "numbers": fill("[", lambda _: "1", "]"),
    }


@lru_cache(maxsize=1)
def other_bodies() -> dict[str, str]:
    """Bodies of routes that take a few settings, by what they are full of."""
    return {
        "numbers": fill("[", lambda _: "1", "]"),
        "lists": fill("[", lambda _: "[]", "]"),
        "keys": fill("{", lambda number: f'"{number:x}":1', "}"),
        "huge numbers": fill("[", lambda _: "9" * 400, "]"),
        "kinds": fill('{"only": [', lambda _: '"failed"', "]}"),
    }


BODIES: Final[dict[tuple[str, str], Callable[[], dict[str, str]]]] = {
    ("POST", "/v1/flows"): flow_bodies,
    ("PUT", "/v1/flows/<flow_id>"): flow_bodies,
    ("PATCH", "/v1/flows/<flow_id>"): flow_bodies,
    ("POST", "/v1/deployments"): deployment_bodies,
    ("POST", "/v1/deployments/<deployment_id>/resume"): other_bodies,
    ("POST", "/v1/deployments/<deployment_id>/retry"): other_bodies,
    ("POST", "/v1/devices"): device_bodies,
}


def test_there_are_bodies_for_every_route_that_takes_one() -> None:
    assert set(BODIES) == {(method, path) for path, of in ROUTES.items() for method, takes in of.items() if takes.body}


def seconds_of(work: Callable[[], object]) -> float:
    """Do some work; returns the seconds of CPU that it took."""
    before = process_time()
    work()
    return process_time() - before


def work_of_this_machine() -> float:
    """Return the seconds of CPU that a fixed piece of work takes here and now.

    It reckons and fills memory, as reading a body does: programs beside this one slow down the latter more.
    """

    def work() -> None:
        sum(number * number % 7 for number in range(400_000))
        json.loads(json.dumps({f"{number:x}": [number] for number in range(30_000)}))

    return seconds_of(work)


@pytest.fixture
def _little_to_collect() -> Iterator[None]:
    """Keep Python from going through all that the tests before have left: a function has little of its own."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def assert_is_refused_in_few_words(answer: RestAnswer) -> None:
    """It is a problem of ours, small, and complete: what it leaves out it counts."""
    assert 400 <= answer.status < 500
    assert len(answer.text.encode()) <= MAX_PROBLEM_BYTES
    assert len(answer.body["errors"]) <= MAX_FAULTS_TOLD
    assert answer.body["detail"]
    assert all(fault["detail"] for fault in answer.body["errors"])


@pytest.mark.parametrize(("method", "route"), BODIES, ids=[f"{method} {route}" for method, route in BODIES])
@pytest.mark.usefixtures("_little_to_collect")
@pytest.mark.slow
def test_a_body_of_the_greatest_size_is_refused_soon_and_in_few_words(rest: Rest, method: str, route: str) -> None:
    made = rest("POST", "/v1/flows", {"name": "A"}).body["id"]
    path = route.replace("<flow_id>", made).replace("<deployment_id>", "dep_1")
    taken = {}
    work_before = work_of_this_machine()
    for name, body in BODIES[method, route]().items():

        def ask(name: str = name, body: str = body) -> None:
            answer = rest(method, path, body)
            assert_is_refused_in_few_words(answer)
            assert answer.status != 413, name

        # What takes less than half of what it may is quick enough, however busy the machine was before.
        if seconds_of(ask) <= AT_MOST / 2 * work_before:
            continue
        # Only what is too slow is looked at again: other work on the machine slows this one down as well.
        tries = (seconds_of(ask) / work_of_this_machine() for _ in range(6))
        taken[name] = next((times for times in tries if times <= AT_MOST), None)
    assert [name for name, times in taken.items() if times is None] == []


@pytest.mark.parametrize("entry", ["1", "[]", "{}", '""', '{"a":1}'])
def test_a_body_of_more_values_than_any_request_has_is_too_large(rest: Rest, entry: str) -> None:
    refused = rest("POST", "/v1/flows", "[" + ",".join([entry] * (MAX_VALUES + 1)) + "]")
    assert (refused.status, refused.body["code"]) == (413, "body-too-large")


def test_the_largest_definition_is_not_too_large(rest: Rest) -> None:
    node = {"id": "n", "type": "t", "config": {"a": []}}
    spare = MAX_ARTIFACT_BYTES - len(artifact_of(Definition.model_validate({"nodes": [node]})))
    node["config"] = {"a": [0] * (spare // 2)}
    assert rest("POST", "/v1/flows", {"name": "a", "definition": {"nodes": [node]}}).status == 201


def test_faults_beyond_the_first_hundred_are_counted(rest: Rest) -> None:
    body = {"name": "", "colour": "red", "definition": {"nodes": [1] * 150_000, "variables": [{}] * 3}}
    refused = rest("POST", "/v1/flows", body)
    # A list that is too long; name, colour, 1,000 nodes that are none; each variable lacks its name and its type.
    assert refused.body["detail"] == "1009 faults were found; see errors, which leave out 909 of them"
    assert (len(refused.body["errors"]), refused.body["more_errors"]) == (100, 909)
    assert refused.faults["/definition/nodes"] == "has 150000 entries; at most 1000 are allowed"
    assert refused.faults["/name"] == "must have at least 1 characters"


@pytest.mark.slow
def test_every_unknown_key_is_counted(rest: Rest) -> None:
    refused = rest("POST", "/v1/flows", {"name": "a", **{f"k{number}": 1 for number in range(150_000)}})
    assert refused.body["more_errors"] == 149_900
    assert refused.faults["/k0"] == "unknown key; known keys are definition, description, name, slug, tags"


def test_a_long_text_is_not_repeated(rest: Rest) -> None:
    order = {"flow_id": "flow_1", "strategy": "canary", "target_devices": ["d"]}
    refused = rest("POST", "/v1/deployments", {**order, "config": {"timeout": "x" * 500_000}})
    assert refused.faults["/config/timeout"].endswith("is not a duration; write it like '90s', '5m' or '1h30m'")
    assert len(refused.text) < 1_000


def test_the_same_key_twice_is_named(rest: Rest) -> None:
    keys = ",".join(f'"k{number}": 1' for number in [*range(1_000), 0])
    assert (
        rest("POST", "/v1/flows", "{" + keys + "}").body["detail"]
        == "the body is not JSON: the key 'k0' is given twice"
    )


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (f"/v1/{'x' * 100_000}", {}),
        (f"/v1/flows/{'x' * 100_000}", {}),
        (f"/v1/flows/flow_1/versions/{'9' * 100_000}", {}),
        (f"/v1/devices/{'x' * 100_000}", {}),
        ("/v1/flows", {"x" * 100_000: "1"}),
        ("/v1/flows", {"name": "x" * 100_000}),
        ("/v1/flows", {"status": "x" * 100_000}),
        ("/v1/flows", {"cursor": "x" * 100_000}),
        ("/v1/flows", {"limit": "9" * 100_000}),
        ("/v1/flows", {f"{number}{'x' * 500}": "1" for number in range(2_000)}),
        ("/v1/flows", {"tag": ["x"] * 10_000}),
        ("/v1/flows", {"\ud800": "\ud800"}),
    ],
    ids=range(12),
)
def test_paths_and_parameters_are_not_repeated_at_length(
    rest: Rest, path: str, query: dict[str, str | list[str]]
) -> None:
    assert_is_refused_in_few_words(rest("GET", path, query=query))


def _json() -> st.SearchStrategy[object]:
    names = st.sampled_from(
        ["name", "definition", "nodes", "connections", "variables", "health_checks", "config", "tags", "id", "type"]
    )
    leaf = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
    repeated = st.tuples(leaf, st.sampled_from([1, 21, 1_001, 20_000])).map(lambda pair: [pair[0]] * pair[1])
    many_keys = st.sampled_from([1, 1_001, 20_000]).map(lambda count: {f"k{number}": number for number in range(count)})
    return st.recursive(
        leaf | repeated | many_keys,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names | st.text(max_size=4), inner, max_size=6),
        max_leaves=12,
    )


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(body=_json(), path=st.sampled_from(["/v1/flows", "/v1/deployments", "/v1/devices"]))
@pytest.mark.slow
def test_any_json_is_answered_in_few_words(rest: Rest, body: object, path: str) -> None:
    answer = rest("POST", path, json.dumps(body))
    if answer.status != 201:
        assert_is_refused_in_few_words(answer)
