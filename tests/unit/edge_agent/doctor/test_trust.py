"""Whether the device is told whose versions and orders to take."""

import pytest

from edge_agent.doctor.finding import Level
from tests.unit.edge_agent.doctor.examined_device import Device

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", ["artifact_keys", "order_keys"])
def test_a_device_without_keys_works_and_is_told_that_it_trusts_whatever_comes(device: Device, name: str) -> None:
    del device.settings[name]
    found = device.fault(name)
    assert found.level is Level.WARN
    assert "none is given" in found.sentence
    assert "Signing keys" in found.remedy


@pytest.mark.parametrize("name", ["artifact_keys", "order_keys"])
def test_a_key_that_verifies_nothing(device: Device, name: str) -> None:
    device.settings[name] = [str(device.certificate)]
    assert device.fault(name).level is Level.FAIL
