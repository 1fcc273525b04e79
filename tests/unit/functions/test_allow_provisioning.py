"""The pre-provisioning hook, called as AWS IoT calls it."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, Final

import pytest

from allow_provisioning.app import handler
from edgeflow.adapters.enrolment.enrolment_store import EnrolmentStore
from edgeflow.adapters.table import Table
from edgeflow.bootstrap import clients
from edgeflow.contract.enrolment import DEVICE_ID_PARAMETER
from tests.support.aws import TABLE_NAME

CONTEXT: Final = SimpleNamespace(
    function_name="allow-provisioning",
    memory_limit_in_mb=1024,
    invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:allow-provisioning",
    aws_request_id="request",
)
EVENT: Final = {
    "claimCertificateId": "c" * 64,
    "certificateId": "a" * 64,
    "certificatePem": "-----BEGIN CERTIFICATE-----",
    "templateArn": "arn:aws:iot:us-east-1:123456789012:provisioningtemplate/edgeflow",
    "clientId": "claim.dev_001",
    "parameters": {DEVICE_ID_PARAMETER: "dev_001", "SerialNumber": "is not looked at"},
}


@pytest.fixture(autouse=True)
def store(table: Table, monkeypatch: pytest.MonkeyPatch) -> Iterator[EnrolmentStore]:
    """The table that the function uses, with one announced device."""
    for name, value in {
        "TABLE_NAME": TABLE_NAME,
        "POWERTOOLS_TRACE_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    clients.table.cache_clear()
    store = EnrolmentStore(table)
    store.announce("dev_001", at="2026-02-21T12:00:00.000Z", by="operator")
    yield store
    clients.table.cache_clear()


def ask(event: dict[str, Any]) -> dict[str, bool]:
    answer: dict[str, bool] = handler(event, CONTEXT)
    return answer


def test_an_announced_device_is_allowed_and_its_record_names_the_certificate(store: EnrolmentStore) -> None:
    assert ask(EVENT) == {"allowProvisioning": True}
    device = store.find("dev_001")
    assert device is not None
    assert device.certificate_arns == {f"arn:aws:iot:us-east-1:123456789012:cert/{'a' * 64}"}


def test_a_request_that_comes_twice_is_answered_alike(store: EnrolmentStore) -> None:
    assert ask(EVENT) == ask(EVENT) == {"allowProvisioning": True}
    device = store.find("dev_001")
    assert device is not None
    assert len(device.certificate_arns) == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"clientId": "claim.dev_002", "parameters": {"DeviceId": "dev_002"}}, "unknown_device"),
        ({"clientId": "dev_001"}, "not_registered"),
        ({"clientId": "claim.dev_002"}, "client_of_another_name"),
        ({"parameters": {}}, "malformed_request"),
        ({"parameters": {"DeviceId": "a b"}}, "malformed_request"),
        ({"claimCertificateId": None}, "malformed_request"),
    ],
)
def test_anything_else_is_refused_with_a_logged_reason(
    change: dict[str, Any], reason: str, caplog: pytest.LogCaptureFixture, store: EnrolmentStore
) -> None:
    assert ask(EVENT | change) == {"allowProvisioning": False}
    (logged,) = caplog.records
    assert (logged.levelname, vars(logged)["reason"]) == ("WARNING", reason)
    device = store.find("dev_001")
    assert device is not None
    assert device.certificate_arns == frozenset()
