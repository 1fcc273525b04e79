"""Certificates on devices' records: given out once, current when they have connected, and dropped one by one."""

import pytest

from edgeflow.adapters.devices.device_store import DeviceStore
from edgeflow.adapters.enrolment.enrolment_store import EnrolmentStore
from edgeflow.adapters.table import Table
from edgeflow.domain.devices import DeviceState
from edgeflow.domain.errors import Conflict
from tests.unit.adapters.builders import AT

DEVICE = "dev_001"


@pytest.fixture
def store(table: Table) -> EnrolmentStore:
    """The store, with one announced device."""
    store = EnrolmentStore(table)
    store.announce(DEVICE, at=AT, by="operator")
    return store


def test_a_claim_is_noted_for_who_may_enrol_and_up_to_a_number(store: EnrolmentStore) -> None:
    assert store.note_claimed("stranger", "arn:1", most=2) is None
    assert [store.note_claimed(DEVICE, f"arn:{number}", most=2) is not None for number in (1, 2, 3)] == [
        True,
        True,
        False,
    ]
    device = store.find(DEVICE)
    assert device is not None
    assert device.certificate_arns == {"arn:1", "arn:2"}


def test_what_has_connected_is_current_and_registers_the_device(store: EnrolmentStore) -> None:
    for arn in ("arn:1", "arn:2"):
        store.note_claimed(DEVICE, arn, most=5)
    assert not store.confirm(DEVICE, "arn:9", replaces=frozenset()), "is none of its own"
    for _ in range(2):
        assert store.confirm(DEVICE, "arn:2", replaces=frozenset({"arn:1"}))
    device = store.find(DEVICE)
    assert device is not None
    assert (device.state, device.current_certificate, device.claimable) == (DeviceState.REGISTERED, "arn:2", False)
    assert device.replaced_certificates == {"arn:1"}
    assert not store.confirm(DEVICE, "arn:1", replaces=frozenset()), "is being revoked"
    assert store.note_claimed(DEVICE, "arn:3", most=5) is None, "it has enrolled"
    for _ in range(2):
        store.drop(DEVICE, "arn:1")
    device = store.find(DEVICE)
    assert device is not None
    assert (device.certificate_arns, device.replaced_certificates) == (frozenset({"arn:2"}), frozenset())


def test_an_announcement_is_withdrawn_only_while_no_certificate_was_given_out(store: EnrolmentStore) -> None:
    store.note_claimed(DEVICE, "arn:1", most=5)
    store.withdraw_announcement(DEVICE)
    assert store.find(DEVICE) is not None
    store.announce("dev_002", at=AT, by="operator")
    for _ in range(2):
        store.withdraw_announcement("dev_002")
    assert store.find("dev_002") is None


def test_only_who_is_registered_may_be_let_enrol_again(store: EnrolmentStore, table: Table) -> None:
    with pytest.raises(Conflict):
        store.permit_again(DEVICE)
    devices = DeviceStore(table)
    devices.begin("dev_002", attempt="1", at=AT, dead_before="", by="operator")
    devices.finish("dev_002", "arn:1", attempt="1")
    for _ in range(2):
        assert store.permit_again("dev_002").claimable
    with pytest.raises(Conflict):
        store.announce("dev_002", at=AT, by="operator")
