"""Schemathesis makes requests from docs/openapi.json, good and bad, and holds each answer to it by all its checks.

``SCHEMATHESIS_CASES=5000 make test T=tests/unit/api/test_schemathesis.py`` makes that many, and also tries each bound
of each parameter and each key; without it there are some hundreds, at random.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
from moto.iot.exceptions import InvalidRequestException
from moto.iot.models import IoTBackend

from api.operations.operation import Operation
from api.paths import ROUTES
from localcloud.settings import ROOT
from tests.support.gateway import TOKEN, Gateway
from tests.support.rest import Rest

pytestmark = pytest.mark.slow

WANTED: Final = int(os.environ.get("SCHEMATHESIS_CASES") or 0)
CASES: Final = WANTED or 200
PHASES: Final = "examples,coverage,fuzzing,stateful" if WANTED else "examples,fuzzing,stateful"
SECONDS: Final = 120 + CASES

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
expected-statuses = ["400", "401", "403", "404", "405", "409", "412", "413", "415", "422"]

[[operations]]
include-operation-id = {ruled}
[operations.checks.positive_data_acceptance]
expected-statuses = {expected_of_ruled}
"""
EXPECTED: Final = ["2XX", "304", "401", "403", "404", "409", "412"]
"""Of requests that are as the document says; which ids and revisions there are no document can say."""


def _has_rules_that_no_schema_says(operation: Operation) -> bool:
    """Tell whether 422 can be for more than a schema: another list's cursor, a key known before, a lone wait."""
    query = operation.query.model_fields if operation.query is not None else {}
    return operation.body is not None or operation.once or operation.waits or "cursor" in query


def _settings(**ids: str) -> str:
    ruled = [operation.id for operation in OPERATIONS if _has_rules_that_no_schema_says(operation)]
    return SETTINGS.format(expected=EXPECTED, ruled=ruled, expected_of_ruled=[*EXPECTED, "422"], **ids)


@pytest.fixture
def csr_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let moto refuse a signing request that cannot be read as AWS IoT does; it fails itself."""
    create = IoTBackend.create_certificate_from_csr

    def refuses(backend: IoTBackend, csr: str, set_as_active: bool) -> Any:  # noqa: ANN401, FBT001  moto's signature
        try:
            return create(backend, csr, set_as_active)
        except ValueError as error:
            message = "The certificate signing request is not valid"
            raise InvalidRequestException(message) from error

    monkeypatch.setattr(IoTBackend, "create_certificate_from_csr", refuses)


@pytest.mark.timeout(SECONDS + 30)
def test_what_the_document_says_is_what_is_answered(
    rest: Rest, machines: None, csr_refused: None, flow_id: str, tmp_path: Path
) -> None:
    asked = {"flow_id": flow_id, "strategy": "rolling", "target_devices": ["dev_001"]}
    pending, running = (rest("POST", "/v1/deployments", asked).body["id"] for _ in range(2))
    assert rest("POST", f"/v1/deployments/{running}/start").status == 200
    settings = tmp_path / "schemathesis.toml"
    written = _settings(flow_id=flow_id, pending=pending, running=running, device_id="dev_001")
    settings.write_text(written, encoding="utf-8")
    seed = ["--seed", "1"] if "CI" in os.environ else []
    with Gateway() as gateway:
        run = subprocess.run(  # noqa: S603  the program of this environment
            [
                str(Path(sys.executable).with_name("schemathesis")),
                *("--config-file", str(settings), "run", str(ROOT / "docs" / "openapi.json"), "--url", gateway.url),
                *("--header", f"Authorization:Bearer {TOKEN}", "--checks", "all", "--phases", PHASES),
                *("--max-examples", str(max(2, CASES // len(OPERATIONS))), "--continue-on-failure", "--no-color"),
                *("--request-timeout", "60"),
                *seed,
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    if run.returncode != 0:
        pytest.fail(f"Schemathesis found faults:\n{run.stdout}{run.stderr}", pytrace=False)
    assert sum(gateway.answered.values()) >= CASES
    assert gateway.answered.keys() >= {200, 201, 404, 409, 422}  # it gets through to the operations, and not always
