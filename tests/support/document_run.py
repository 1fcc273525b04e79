"""Schemathesis makes requests from docs/openapi.json, good and bad, and holds each answer to it by all its checks.

``SCHEMATHESIS_CASES=5000`` makes that many, and also tries each bound of each parameter and each key; without it there
are some hundreds, at random.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import pytest

from api.operations.operation import Operation
from api.paths import ROUTES
from localcloud.settings import ROOT

WANTED: Final = int(os.environ.get("SCHEMATHESIS_CASES") or 0)
CASES: Final = WANTED or 200
PHASES: Final = "examples,coverage,fuzzing,stateful" if WANTED else "examples,fuzzing,stateful"

OPERATIONS: Final = [operation for methods in ROUTES.values() for operation in methods.values()]
SETTINGS: Final = """
[dictionaries]
flows = {{ values = ["{flow_id}"] }}
deployments = {{ values = ["{pending}", "{running}"] }}
devices = {{ values = ["{device_id}"] }}

[parameters]
"path.flow_id" = {{ dictionary = "flows", probability = 0.7 }}
"path.deployment_id" = {{ dictionary = "deployments", probability = 0.7 }}
"path.device_id" = {{ dictionary = "devices", probability = 0.7 }}
"body.flow_id" = {{ dictionary = "flows", probability = 0.7 }}

[checks.positive_data_acceptance]
expected-statuses = {expected}

[checks.negative_data_rejection]
expected-statuses = {refusals}

[[operations]]
include-operation-id = {ruled}
[operations.checks.positive_data_acceptance]
expected-statuses = {expected_of_ruled}
"""
EXPECTED: Final = ["2XX", "304", "401", "403", "404", "409", "412"]
"""Of requests that are as the document says; which ids and revisions there are no document can say."""
LONGEST_SECONDS: Final = "29"
"""API Gateway waits no longer for an answer; some requests ask for one that comes after 25 s."""
REFUSALS: Final = ["400", "401", "403", "404", "405", "409", "412", "413", "415", "422"]


@dataclass(frozen=True, slots=True)
class Known:
    """Ids of what is there: a published flow, two deployments of it, a device. Most requests are for these."""

    flow_id: str
    pending: str
    running: str
    device_id: str


@dataclass(frozen=True, slots=True)
class Done:
    """What was done: requests made from the document, and the answers to them by status."""

    cases: int
    answered: Counter[int]


def run(
    url: str, token: str, known: Known, folder: Path, *, seconds: float, throttled: bool = False, workers: int = 1
) -> Done:
    """Ask the API at ``url``, the address before ``/v1``; an answer that is not as the document says fails the test.

    ``throttled`` says that 429 is an answer to any request; ``workers`` ask at the same time. Files go to ``folder``.
    """
    settings, answers, report = (folder / name for name in ("schemathesis.toml", "answers.har", "report.json"))
    settings.write_text(_settings(known, more=["429"] if throttled else []), encoding="utf-8")
    seed = ["--seed", "1"] if "CI" in os.environ else []
    ran = subprocess.run(  # noqa: S603  the program of this environment
        [
            str(Path(sys.executable).with_name("schemathesis")),
            *("--config-file", str(settings), "run", str(ROOT / "docs" / "openapi.json"), "--url", url),
            *("--header", f"Authorization:Bearer {token}", "--checks", "all", "--phases", PHASES),
            *("--max-examples", str(max(2, CASES // len(OPERATIONS))), "--continue-on-failure", "--no-color"),
            *("--request-timeout", "60", "--max-response-time", LONGEST_SECONDS, "--workers", str(workers)),
            *("--report-har-path", str(answers), "--report-json-path", str(report)),
            *seed,
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    if ran.returncode != 0:
        pytest.fail(f"Schemathesis found faults:\n{ran.stdout}{ran.stderr}", pytrace=False)
    entries = json.loads(answers.read_text(encoding="utf-8"))["log"]["entries"]
    cases = json.loads(report.read_text(encoding="utf-8"))["test_cases"]["generated"]
    return Done(cases, Counter(entry["response"]["status"] for entry in entries))


def _settings(known: Known, *, more: list[str]) -> str:
    expected = [*EXPECTED, *more]
    ruled = [operation.id for operation in OPERATIONS if _has_rules_that_no_schema_says(operation)]
    return SETTINGS.format(
        expected=expected,
        refusals=[*REFUSALS, *more],
        ruled=ruled,
        expected_of_ruled=[*expected, "422"],
        **asdict(known),
    )


def _has_rules_that_no_schema_says(operation: Operation) -> bool:
    """Tell whether 422 can be for more than a schema: another list's cursor, a key known before, a lone wait."""
    query = operation.query.model_fields if operation.query is not None else {}
    return operation.body is not None or operation.once or operation.waits or "cursor" in query
