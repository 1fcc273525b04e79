"""AWS IoT ends cancelled executions later: so does the local cloud for devices that a test names, and for no other."""

import json
from typing import Any, Final
from uuid import uuid4

import pytest

from localcloud.clients import root_client
from localcloud.settings import ACCOUNT_ID, REGION, Settings
from tests.support.rollouts import LATE, eventually

LAG_SECONDS: Final = 20

pytestmark = pytest.mark.timeout(180)


def test_what_is_cancelled_of_a_slow_device_ends_later(local_cloud: Settings) -> None:
    iot = client(local_cloud)
    job_id, thing = cancelled(iot, LATE)
    assert status(iot, job_id, thing) == "QUEUED"
    iot.cancel_job_execution(jobId=job_id, thingName=thing, force=True)
    with pytest.raises(iot.exceptions.InvalidRequestException):
        iot.cancel_job(jobId=job_id, force=True)
    eventually(lambda: status(iot, job_id, thing) == "CANCELED", seconds=2 * LAG_SECONDS, what="it has ended")


def test_what_is_cancelled_of_others_ends_at_once(local_cloud: Settings) -> None:
    iot = client(local_cloud)
    assert status(iot, *cancelled(iot, "quick_")) == "CANCELED"


def test_bare_emulator_still_ends_it_at_once(bare: Settings) -> None:
    iot = client(bare)
    assert status(iot, *cancelled(iot, LATE)) == "CANCELED", (
        "MiniStack lets a cancel take its time by itself now: see whether localcloud/cancel_lag.py can go."
    )


def cancelled(iot: Any, prefix: str) -> tuple[str, str]:  # noqa: ANN401  a client of any service
    """Cancel a job of one thing; returns both names."""
    name = f"{prefix}{uuid4().hex[:8]}"
    iot.create_thing(thingName=name)
    target = f"arn:aws:iot:{REGION}:{ACCOUNT_ID}:thing/{name}"
    iot.create_job(jobId=f"job_{name}", targets=[target], document=json.dumps({}))
    iot.cancel_job(jobId=f"job_{name}", force=True)
    return f"job_{name}", name


def status(iot: Any, job_id: str, thing: str) -> str:  # noqa: ANN401
    return str(iot.describe_job_execution(jobId=job_id, thingName=thing)["execution"]["status"])


def client(settings: Settings) -> Any:  # noqa: ANN401
    return root_client("iot", settings.endpoint_url)
