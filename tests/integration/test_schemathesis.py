"""Every answer of a deployed API to a request that Schemathesis makes from docs/openapi.json is as the document says.

Between the two are API Gateway, its authorizer and the roles of the functions.
``SCHEMATHESIS_CASES=5000 make test T=tests/integration/test_schemathesis.py`` makes that many of them.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final
from uuid import uuid4

import pytest

from deployed.fleet import Fleet
from deployed.rest import Rest
from localcloud.deploy import deploy
from localcloud.settings import Settings
from localcloud.stack import Stack
from tests.support.document_run import CASES, Known, run
from tests.support.rollouts import Operator

SECONDS: Final = 240 + CASES
WORKERS: Final = 2
"""While one of them waits, which some requests do for up to 25 s, the other one goes on."""


@pytest.fixture(scope="module")
def own_stack(local_cloud: Settings) -> Stack:
    """A stack beside that of all other tests: what is removed, archived or cancelled here is no concern of theirs."""
    return deploy(replace(local_cloud, stack_name="asked", parameters={**local_cloud.parameters, "Console": "false"}))


@pytest.fixture
def known(own_stack: Stack, tmp_path: Path) -> Iterator[Known]:
    """A flow and two deployments of it to a device that never connects."""
    device = f"asleep_{uuid4().hex[:8]}"
    Fleet(own_stack, tmp_path).register([device])
    rest = Rest(own_stack)
    operator = Operator(rest)
    flow_id = operator.flow()
    pending, running = (operator.create(flow_id, [device], timeout="2h") for _ in range(2))
    operator.start(running)
    yield Known(flow_id=flow_id, pending=pending, running=running, device_id=device)
    rest.close()


@pytest.mark.timeout(SECONDS + 120)
def test_what_the_document_says_is_what_is_answered(own_stack: Stack, known: Known, tmp_path: Path) -> None:
    url = own_stack.api_url.removesuffix("/v1")
    done = run(url, own_stack.token(), known, tmp_path, seconds=SECONDS, throttled=True, workers=WORKERS)
    assert done.cases >= CASES
    assert done.answered.keys() >= {200, 201, 404, 409, 422}  # it gets through to the operations, and not always
