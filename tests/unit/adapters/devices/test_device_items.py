"""Devices as items: what can be read without the report, and the certificates of a record that is damaged."""

import pytest

from edgeflow.adapters.devices.device_items import certificates_on, read_device, read_installed, read_whole_device
from edgeflow.domain.devices import DeviceState, InstalledFlow

ITEM = {"pk": "DEVICE#dev_001", "sk": "DEVICE", "state": "registered", "attempt": "1"}
ARN = "arn:aws:iot:us-east-1:123456789012:cert/" + "a" * 64
OTHER = ARN.replace("a" * 64, "b" * 64)


def test_a_report_that_is_damaged_keeps_nothing_else_from_being_read() -> None:
    reported = {"report": "no report", "last_seen": "2026-02-21T12:00:00.000Z"}
    device = read_device(ITEM, reported)
    assert (device.id, device.state, device.report) == ("dev_001", DeviceState.REGISTERED, None)
    with pytest.raises(ValueError, match=r"."):
        read_whole_device(ITEM, reported)
    assert read_whole_device(ITEM, None) == read_device(ITEM)


def test_the_last_sign_of_life_is_the_later_of_report_and_connection() -> None:
    early, late = "2026-02-21T12:00:00.000Z", "2026-02-21T12:00:01.000Z"
    assert read_device(ITEM).last_seen is None
    assert read_device(ITEM, {"last_seen": early}).last_seen == early
    assert read_device(ITEM | {"connection_changed_at": late}, {"last_seen": early}).last_seen == late
    assert read_device(ITEM | {"connection_changed_at": early}, {"last_seen": late}).last_seen == late


def test_a_moment_without_a_time_zone_is_damaged() -> None:
    with pytest.raises(ValueError, match="time zone"):
        read_device(ITEM, {"last_seen": "2026-02-21T12:00:00"})


@pytest.mark.parametrize(
    "flaw",
    [
        {"state": "asleep"},
        {"attempt": 5},
        {"connected": "yes"},
        {"connection_at_ms": 1},
        {"connection_at_ms": 10**15, "connected": True, "connection_number": 1},
    ],
)
def test_what_is_damaged_cannot_be_read(flaw: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_device(ITEM | flaw)


def test_every_certificate_is_found_wherever_the_record_names_it() -> None:
    damaged = ITEM | {"certificates": {"nested": [ARN, 5, {"deeper": {OTHER}}]}, "attempt": f"{ARN} and more"}
    assert certificates_on(damaged) == {ARN, OTHER}
    assert certificates_on(ITEM) == frozenset()


def test_what_was_deployed_is_told_with_who_claims_it() -> None:
    item = {"pk": "DEVICE#dev_001", "sk": "FLOW#flow_1", "version": 3, "claimed_by": "dep_2"}
    assert read_installed(item) == InstalledFlow(flow_id="flow_1", version=3, deployment_id=None, claimed_by="dep_2")
    with pytest.raises(ValueError, match="version"):
        read_installed(item | {"version": 0})
