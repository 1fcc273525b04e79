"""Who gets a certificate, by claim or in place of its own, and who is refused."""

from pathlib import Path

import pytest

from edgeflow.adapters.devices.device_store import DeviceStore
from edgeflow.adapters.keys import device_key
from edgeflow.adapters.table import Table
from edgeflow.domain.errors import Conflict
from edgeflow.use_cases.enrolment.allow_provisioning import (
    MAX_CERTIFICATES,
    ROTATION_PAUSE,
    Refusal,
)
from tests.unit.use_cases.enrolment.conftest import DEVICE, Cloud

pytestmark = pytest.mark.slow


def test_who_was_not_announced_is_refused(cloud: Cloud) -> None:
    assert cloud.claim() is Refusal.UNKNOWN


def test_certificates_that_never_connect_are_counted(cloud: Cloud) -> None:
    cloud.announce(DEVICE, re_enrol=False, caller="operator")
    for _ in range(MAX_CERTIFICATES):
        assert isinstance(cloud.claim(), str)
    assert cloud.claim() is Refusal.TOO_MANY


def test_a_claim_is_good_for_the_name_it_connected_with_alone(cloud: Cloud) -> None:
    cloud.announce(DEVICE, re_enrol=False, caller="operator")
    assert cloud.provision("arn:aws:iot:us-east-1:123456789012:cert/claim", "claim.dev_002") is Refusal.OTHER_CLIENT
    assert cloud.provision("arn:aws:iot:us-east-1:123456789012:cert/claim", "dev_002") is Refusal.OTHER_CLIENT


def test_one_certificate_at_a_time_is_renewed(cloud: Cloud, enrolled: str) -> None:
    first = cloud.rotate(enrolled)
    assert isinstance(first, str)
    assert cloud.rotate(enrolled) is Refusal.TOO_SOON
    cloud.clock.advance(seconds=ROTATION_PAUSE.total_seconds() + 1)
    second = cloud.rotate(enrolled)
    assert cloud.connected(str(second))
    assert cloud.good() == {second}
    assert isinstance(cloud.rotate(str(second)), str), "what has connected is in nobody's way"


def test_a_certificate_renews_no_other_device(cloud: Cloud, enrolled: str) -> None:
    other = cloud.register("dev_002", csr=None, caller="operator").certificate.arn
    assert cloud.provision(other, DEVICE) is Refusal.OTHER_CERTIFICATE
    assert cloud.provision(enrolled, DEVICE, "dev_002") is Refusal.OTHER_CLIENT
    assert cloud.good() == {enrolled}


def test_a_certificate_that_was_replaced_renews_nothing(cloud: Cloud, enrolled: str) -> None:
    assert cloud.connected(str(cloud.rotate(enrolled)))
    assert cloud.rotate(enrolled) is Refusal.OTHER_CERTIFICATE


def test_an_announced_device_renews_nothing(cloud: Cloud) -> None:
    cloud.announce(DEVICE, re_enrol=False, caller="operator")
    certificate = cloud.claim()
    assert cloud.rotate(str(certificate)) is Refusal.NOT_REGISTERED


def test_what_is_being_removed_gets_nothing(cloud: Cloud, table: Table, enrolled: str) -> None:
    cloud.announce(DEVICE, re_enrol=True, caller="operator")
    DeviceStore(table).begin_removal(DEVICE)
    assert cloud.claim() is Refusal.NOT_REGISTERED
    assert cloud.rotate(enrolled) is Refusal.NOT_REGISTERED
    with pytest.raises(Conflict, match="being removed"):
        cloud.announce(DEVICE, re_enrol=True, caller="operator")


def test_prefix_of_claims_is_the_one_their_policy_allows(root: Path) -> None:
    template = (root / "template.yaml").read_text(encoding="utf-8")
    assert ":client/claim.* " in template


def test_a_device_that_cannot_be_read_gets_no_certificate_and_loses_those_it_has(
    cloud: Cloud, enrolled: str, table: Table
) -> None:
    item = table.get(device_key(DEVICE))
    assert item is not None
    table.put({**item, "attempt": 5, "certificates": "lost"})
    assert cloud.rotate(enrolled) is Refusal.UNREADABLE
    assert cloud.claim() is Refusal.UNREADABLE
    assert not cloud.connected(enrolled)
    assert cloud.good() == {enrolled}
    cloud.remove(DEVICE)
    assert enrolled not in {each["certificateArn"] for each in cloud.iot.list_certificates()["certificates"]}
