"""The provisioning hook answers whatever a device sends with RegisterThing: yes or no, and never with an error."""

from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allow_provisioning.app import handler
from edgeflow.adapters.enrolment.enrolment_store import EnrolmentStore
from edgeflow.adapters.table import Table
from tests.support.nonsense import JSON_VALUES, damaged
from tests.support.rest import FakeContext
from tests.unit.adapters.builders import AT

pytestmark = pytest.mark.slow

EVENT: Final = {
    "claimCertificateId": "c" * 64,
    "certificateId": "a" * 64,
    "certificatePem": "-----BEGIN CERTIFICATE-----",
    "templateArn": "arn:aws:iot:us-east-1:123456789012:provisioningtemplate/edgeflow",
    "clientId": "claim.dev_001",
    "parameters": {"DeviceId": "dev_001"},
}
LOOKED_AT: Final = ("certificatePem",)
"""Nothing is made of these."""


@pytest.fixture
def enrolments(table: Table, dead_letters: str) -> EnrolmentStore:
    """One announced device."""
    store = EnrolmentStore(table)
    store.announce("dev_001", at=AT, by="operator")
    return store


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    event=st.one_of(
        damaged(EVENT, keep=LOOKED_AT),
        damaged({"DeviceId": "dev_001"}).map(lambda parameters: EVENT | {"parameters": parameters}),
        JSON_VALUES,
    )
)
def test_what_is_no_request_is_refused(enrolments: EnrolmentStore, event: Any) -> None:  # noqa: ANN401  anything
    assert handler(event, FakeContext()) == {"allowProvisioning": False}
    device = enrolments.find("dev_001")
    assert device is not None
    assert device.certificate_arns == frozenset()


def test_the_announced_device_beside_it_is_allowed(enrolments: EnrolmentStore) -> None:
    handler(EVENT | {"certificateId": 7}, FakeContext())
    assert handler(EVENT, FakeContext()) == {"allowProvisioning": True}
