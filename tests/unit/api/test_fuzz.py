"""Every route, driven with what nobody should send: it answers in JSON, soon and in few words, and never with 5xx."""

import json
import os
from collections.abc import Callable
from random import Random
from typing import Any, Final

import pytest

from api.bodies import MAX_BODY_BYTES
from api.paths import ROUTES
from tests.support.product_page import CREATE_FLOW
from tests.support.rest import Rest

pytestmark = pytest.mark.slow

REQUESTS: Final = 2_000
RARELY: Final = 0.1
MOST_TOLD: Final = 64 * 1024
REFUSED: Final = 400
FAULT_OF_OURS: Final = 500

NUMBERS: Final = (
    "-0",
    "1e999",
    "-1e999",
    "9" * 310,
    "9" * 5_000,
    "1e-400",
    "0.1e1",
    "NaN",
    "Infinity",
    str(2**53),
    "1_0",
    "\u0663",
)
TEXTS: Final = (
    '"\\ud800"',
    '"\\u0000"',
    '"\u202e"',
    '"\u200b"',
    '"' + "a" * 70_000 + '"',
    '"1_0"',
    '"\u0663m"',
    '"99999999999d"',
    '"0001-01-01T00:00:00+23:59"',
    '"flow_1\\n"',
    '"${x}"',
    '"__proto__"',
    '""',
)
OTHERS: Final = (
    "null",
    "true",
    "[]",
    "{}",
    "[" * 2_000 + "]" * 2_000,
    "[" * 100_000,
    '{"a":' * 70 + "1" + "}" * 70,
    '{"a":1,"a":2}',
    "[" + ",".join("1" * 20_000) + "]",
    "{" + ",".join(f'"k{number}":1' for number in range(20_000)) + "}",
)
VALUES: Final = (*NUMBERS, *TEXTS, *OTHERS)
TAILS: Final = ("%0a", "%ff", "%e2%82%ac", "\u20ac", "\n", "\x00", "/", "//", "%2f", "a" * 2_000, "\udcff")
HEADERS: Final = {
    "Content-Type": (
        "application/json",
        "application/jsonl",
        "text/plain",
        "",
        "application/json; charset=utf-16",
        "x" * 5_000,
        "\u20ac",
    ),
    "If-Match": ('"1"', "*", '"\u0663"', 'W/"1"', ",".join(['"1"'] * 5_000), ""),
    "If-None-Match": ('"1"', "*", "\ud800", ""),
    "Idempotency-Key": ("again", " ", "k" * 256, "\u20ac", "\ud800", "\n"),
}
PARAMETERS: Final = (
    *("limit", "cursor", "status", "tag", "name", "flow_id", "strategy", "wave", "x"),
    *("connected", "health", "version", "agent_version", "text"),
)
TEMPLATES: Final = (
    CREATE_FLOW,
    json.dumps({"name": "A", "definition": {"nodes": [{"id": "n1", "type": "debug"}], "variables": []}}),
    json.dumps(
        {"flow_id": "flow_1", "strategy": "rolling", "target_devices": ["dev_001"], "config": {"batch_delay": "5m"}}
    ),
    json.dumps({"flow_id": "flow_1", "strategy": "canary", "target_groups": ["g"], "flow_version": 1}),
    json.dumps({"device_id": "dev_001", "enrolment": "claim", "re_enrol": True}),
)


class Fuzz:
    """Makes requests from a seed: mostly whole ones with one thing wrong, for those get furthest."""

    def __init__(self, seed: int, ids: dict[str, str]) -> None:
        """``ids`` are those of things that there are, by the name that a route has for them."""
        self._random = Random(seed)  # noqa: S311  not a secret
        self._ids = ids

    def request(self) -> tuple[str, str, str | None, dict[str, str], dict[str, str]]:
        """Return method, path, body, query parameters and headers."""
        route = self._random.choice(sorted(ROUTES))
        method = self._random.choice(
            ["DELETE", "PATCH", "PUT"] if self._rarely() else sorted(ROUTES[route].keys() - {"DELETE"}) or ["GET"]
        )
        takes = ROUTES[route].get(method)
        takes_body = takes is not None and takes.body is not None
        takes_query = takes is not None and takes.query is not None
        path = route
        for name, value in self._ids.items():
            path = path.replace(name, value + (self._text(TAILS) if self._rarely() else ""))
        body = self._body() if takes_body != self._rarely() else None
        query = {self._text(PARAMETERS): self._text(VALUES)} if takes_query != self._rarely() else {}
        headers = {name: self._text(values) for name, values in HEADERS.items() if self._rarely()}
        return method, path, body, query, headers

    def _rarely(self) -> bool:
        return self._random.random() < RARELY

    def _text(self, texts: tuple[str, ...]) -> str:
        return self._random.choice(texts)

    def _body(self) -> str:
        if self._rarely():
            return self._text(VALUES)
        document = json.loads(self._text(TEMPLATES).replace("flow_1", self._ids["<flow_id>"]))
        if self._rarely():
            return json.dumps(document)
        places = list(_places(document))
        holder, key = self._random.choice(places)
        if self._rarely() and isinstance(holder, dict):
            holder["surplus"] = "@"
        else:
            holder[key] = "@"
        return json.dumps(document).replace('"@"', self._text(VALUES))


def _places(document: Any) -> Any:  # noqa: ANN401  JSON can be anything
    for key, value in list(document.items() if isinstance(document, dict) else enumerate(document)):
        yield document, key
        if isinstance(value, dict | list):
            yield from _places(value)


def _ids(rest: Rest, flow_id: str) -> dict[str, str]:
    asked = {"flow_id": flow_id, "strategy": "rolling", "target_devices": ["dev_001"]}
    deployment = rest("POST", "/v1/deployments", asked).body["id"]
    return {"<flow_id>": flow_id, "<deployment_id>": deployment, "<device_id>": "dev_001", "<version>": "1"}


def test_nothing_that_can_be_sent_is_a_fault_of_ours(
    rest: Rest, machines: None, flow_id: str, record_property: Callable[[str, object], None]
) -> None:
    seed = int(os.environ.get("FUZZ_SEED") or (1 if "CI" in os.environ else Random().randrange(2**32)))  # noqa: S311
    record_property("seed", seed)
    print(f"FUZZ_SEED={seed} makes the same requests again")  # noqa: T201  pytest shows it when the test fails
    fuzz = Fuzz(seed, _ids(rest, flow_id))
    refusals = 0
    for number in range(REQUESTS):
        method, path, body, query, headers = fuzz.request()
        answer = rest(method, path, body, query=query, headers=headers)
        asked = (
            f"request {number}: {method} {path[:80]!r} {(body or '')[:200]!r} {str(query)[:100]} {str(headers)[:100]}"
        )
        assert answer.status < FAULT_OF_OURS, asked
        if answer.text and answer.headers["Content-Type"] != "text/html; charset=utf-8":
            json.loads(answer.text, parse_constant=_refuse_constant)
        if answer.status >= REFUSED:
            refusals += 1
            assert answer.body["code"], asked
            assert len(answer.text.encode()) <= MOST_TOLD, asked
    assert REQUESTS // 4 < refusals < REQUESTS * 19 // 20  # it gets through to the operations, and not always


def _refuse_constant(name: str) -> None:
    raise AssertionError(name)


def test_a_body_over_the_limit_is_refused_in_few_words(rest: Rest) -> None:
    refused = rest("POST", "/v1/flows", json.dumps({"name": "a" * MAX_BODY_BYTES}))
    assert refused.status == 413
    assert len(refused.text) < 1_000
