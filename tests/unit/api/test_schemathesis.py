"""Every answer of the functions to a request that Schemathesis makes from docs/openapi.json is as the document says.

``SCHEMATHESIS_CASES=5000 make test T=tests/unit/api/test_schemathesis.py`` makes that many of them.
"""

from pathlib import Path
from typing import Any, Final

import pytest
from moto.iot.exceptions import InvalidRequestException
from moto.iot.models import IoTBackend

from tests.support.document_run import CASES, Known, run
from tests.support.gateway import TOKEN, Gateway
from tests.support.rest import Rest

pytestmark = pytest.mark.slow

SECONDS: Final = 120 + CASES


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
    known = Known(flow_id=flow_id, pending=pending, running=running, device_id="dev_001")
    with Gateway() as gateway:
        done = run(gateway.url, TOKEN, known, tmp_path, seconds=SECONDS)
    assert done.cases >= CASES
    assert done.answered.keys() >= {200, 201, 404, 409, 422}  # it gets through to the operations, and not always
