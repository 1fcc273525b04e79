"""Announcing: a device that an operator expects may enrol, once."""

import pytest

from edgeflow.domain.devices import DeviceState
from edgeflow.domain.errors import Conflict
from edgeflow.use_cases.enrolment.allow_provisioning import (
    Refusal,
)
from tests.unit.use_cases.enrolment.conftest import DEVICE, Cloud

pytestmark = pytest.mark.slow


def test_an_announced_device_enrols_and_is_registered_by_its_first_connection(cloud: Cloud) -> None:
    announced = cloud.announce(DEVICE, re_enrol=False, caller="operator")
    assert (announced.state, announced.template_name) == (DeviceState.ANNOUNCED, "edgeflow")
    assert cloud.good() == set()
    certificate = cloud.claim()
    device = cloud.store.find(DEVICE)
    assert device is not None
    assert (device.state, device.certificate_arns) == (DeviceState.ANNOUNCED, frozenset({certificate}))
    assert cloud.connected(str(certificate))
    device = cloud.store.find(DEVICE)
    assert device is not None
    assert (device.state, device.current_certificate, device.claimable) == (DeviceState.REGISTERED, certificate, False)
    assert cloud.good() == {certificate}


def test_announcing_again_changes_nothing(cloud: Cloud) -> None:
    cloud.announce(DEVICE, re_enrol=False, caller="operator")
    first = cloud.store.find(DEVICE)
    assert cloud.announce(DEVICE, re_enrol=True, caller="another").state is DeviceState.ANNOUNCED
    assert cloud.store.find(DEVICE) == first


def test_who_enrolled_is_refused_until_an_operator_permits_it(cloud: Cloud, enrolled: str) -> None:
    assert cloud.claim() is Refusal.ENROLLED
    with pytest.raises(Conflict, match="registered already"):
        cloud.announce(DEVICE, re_enrol=False, caller="operator")
    assert cloud.announce(DEVICE, re_enrol=True, caller="operator").state is DeviceState.REGISTERED
    second = cloud.claim()
    assert cloud.good() == {enrolled, second}, "the old one is good until the new one has connected"
    assert cloud.connected(str(second))
    assert cloud.good() == {second}
    assert cloud.claim() is Refusal.ENROLLED


def test_a_device_registered_otherwise_may_be_let_enrol_as_well(cloud: Cloud) -> None:
    before = cloud.register(DEVICE, csr=None, caller="operator").certificate.arn
    assert cloud.claim() is Refusal.ENROLLED
    cloud.announce(DEVICE, re_enrol=True, caller="operator")
    after = cloud.claim()
    assert not cloud.connected(before), "the word on the old one is late, and withdraws nothing"
    assert cloud.connected(str(after))
    assert cloud.good() == {after}


def test_a_thing_of_somebody_else_is_not_announced(cloud: Cloud) -> None:
    cloud.iot.create_thing(thingName=DEVICE)
    with pytest.raises(Conflict, match="did not make"):
        cloud.announce(DEVICE, re_enrol=False, caller="operator")
    assert cloud.store.find(DEVICE) is None


def test_an_announced_device_is_not_registered_otherwise(cloud: Cloud) -> None:
    cloud.announce(DEVICE, re_enrol=False, caller="operator")
    with pytest.raises(Conflict, match="announced"):
        cloud.register(DEVICE, csr=None, caller="operator")
