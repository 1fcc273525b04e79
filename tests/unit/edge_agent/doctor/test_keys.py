"""What is found to be wrong with the certificate and the key of a device."""

from datetime import timedelta

import pytest

from edge_agent.doctor.finding import Level
from tests.unit.edge_agent.doctor.examined_device import Device

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("begins", "ends", "level", "said"),
    [
        (-40, -1, Level.FAIL, "has expired"),
        (1, 40, Level.FAIL, "is valid from"),
        (-40, 20, Level.WARN, "expires on"),
    ],
)
def test_a_certificate_that_is_not_valid_or_not_for_long(
    device: Device, begins: int, ends: int, level: Level, said: str
) -> None:
    device.authority.issue("dev_001", begins=timedelta(days=begins), ends=timedelta(days=ends))
    found = device.fault("certificate")
    assert (found.level, said in found.sentence) == (level, True)


@pytest.mark.parametrize(
    "content",
    ["", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", "caf\N{LATIN SMALL LETTER E WITH ACUTE}"],
)
def test_a_certificate_that_is_none(device: Device, content: str) -> None:
    device.certificate.write_text(content)
    bad = device.bad()
    assert (bad["certificate"].level, bad["key"].level) == ("fail", "fail")


def test_a_key_of_another_certificate(device: Device) -> None:
    _, device.settings["private_key"] = map(str, device.authority.issue("dev_002"))
    assert "is not the key of" in device.fault("key").sentence


def test_a_key_that_is_none(device: Device) -> None:
    device.key.write_text("no key")
    assert "cannot be used" in device.fault("key").sentence


def test_a_key_that_everybody_may_read(device: Device) -> None:
    device.key.chmod(0o644)
    found = device.fault("key_file")
    assert found.level is Level.WARN
    assert found.remedy == f"chmod o= {device.key}"
