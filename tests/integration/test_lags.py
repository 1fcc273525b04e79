"""AWS IoT is late in what it does: so is the local cloud for devices that a test names, and for no other."""

import json
from typing import Any, Final
from uuid import uuid4

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from localcloud.clients import root_client
from localcloud.settings import ACCOUNT_ID, REGION, Settings
from tests.support.rollouts import SLOW, eventually

WITHIN_SECONDS: Final = 20


@pytest.mark.parametrize("prefix", [SLOW, "quick_"])
def test_a_certificate_leaves_a_slow_thing_later_and_neither_can_be_deleted_before(
    local_cloud: Settings, prefix: str
) -> None:
    iot, is_slow = client(local_cloud), prefix == SLOW
    thing, certificate = attached(iot, prefix)
    iot.detach_thing_principal(thingName=thing, principal=certificate)
    assert principals(iot, thing) == ([certificate] if is_slow else [])
    if is_slow:
        assert refusal(lambda: iot.delete_thing(thingName=thing)) == "InvalidRequestException"
    eventually(lambda: principals(iot, thing) == [], seconds=WITHIN_SECONDS, what="it is detached")
    iot.delete_thing(thingName=thing)


@pytest.mark.parametrize("prefix", [SLOW, "quick_"])
def test_a_list_of_a_slow_thing_is_for_a_while_what_was_read(local_cloud: Settings, prefix: str) -> None:
    iot, is_slow = client(local_cloud), prefix == SLOW
    thing, first = attached(iot, prefix)
    assert principals(iot, thing) == [first]
    second = iot.create_keys_and_certificate(setAsActive=True)["certificateArn"]
    iot.attach_thing_principal(thingName=thing, principal=second)
    assert principals(iot, thing) == ([first] if is_slow else [first, second])
    eventually(lambda: principals(iot, thing) == [first, second], seconds=WITHIN_SECONDS, what="the list is the newest")


@pytest.mark.parametrize(("prefix", "refusals"), [(SLOW, 2), ("quick_", 0)])
def test_a_job_of_a_slow_thing_is_refused_twice(local_cloud: Settings, prefix: str, refusals: int) -> None:
    iot = client(local_cloud)
    thing, _ = attached(iot, prefix)
    asked = {
        "jobId": f"job_{thing}",
        "targets": [f"arn:aws:iot:{REGION}:{ACCOUNT_ID}:thing/{thing}"],
        "document": json.dumps({}),
    }
    for _ in range(refusals):
        assert refusal(lambda: iot.create_job(**asked)) == "ThrottlingException"
    assert iot.create_job(**asked)["jobId"] == f"job_{thing}"


def test_bare_emulator_still_detaches_at_once(bare: Settings) -> None:
    iot = client(bare)
    thing, certificate = attached(iot, SLOW)
    iot.detach_thing_principal(thingName=thing, principal=certificate)
    assert principals(iot, thing) == [], (
        "MiniStack takes its time by itself now: see whether localcloud/detach_lag.py can go."
    )


def attached(iot: Any, prefix: str) -> tuple[str, str]:  # noqa: ANN401  a client of any service
    """Make a thing with a certificate; returns the name of the one and the ARN of the other."""
    thing = f"{prefix}{uuid4().hex[:8]}"
    iot.create_thing(thingName=thing)
    certificate = str(iot.create_keys_and_certificate(setAsActive=True)["certificateArn"])
    iot.attach_thing_principal(thingName=thing, principal=certificate)
    return thing, certificate


def principals(iot: Any, thing: str) -> list[str]:  # noqa: ANN401
    return list(iot.list_thing_principals(thingName=thing)["principals"])


def refusal(call: Any) -> str:  # noqa: ANN401  something to call
    """Return the code of the error that a call ends with."""
    with pytest.raises(ClientError) as refused:
        call()
    return str(refused.value.response["Error"]["Code"])


def client(settings: Settings) -> Any:  # noqa: ANN401
    return root_client("iot", settings.endpoint_url, config=Config(retries={"total_max_attempts": 1}))
