"""Health reports at rest."""

import json
import zlib

import pytest

from edgeflow.adapters.devices.stored_reports import MAX_REPORT_BYTES, read_report


@pytest.mark.parametrize(
    "flaw",
    [
        {"sent_at": "0001-01-01T00:00:00+23:59"},
        {"vitals": {"load": float("inf")}},
        {"agent_version": None},
        {"schema": "edgeflow.health/9"},
    ],
)
def test_a_report_that_no_answer_could_hold_is_unreadable(flaw: dict[str, object]) -> None:
    report = {"sent_at": "2026-02-21T12:00:00Z", "sequence": 10**40, "agent_version": "x" * 300}
    assert read_report(zlib.compress(json.dumps(report).encode())).sequence == 10**40
    with pytest.raises(ValueError, match=r"."):
        read_report(zlib.compress(json.dumps(report | flaw).encode()))


@pytest.mark.parametrize("stored", [b"", b"{}", zlib.compress(b"{}")[:-1], zlib.compress(bytes(MAX_REPORT_BYTES + 1))])
def test_a_report_that_cannot_be_unpacked_is_unreadable(stored: bytes) -> None:
    with pytest.raises(ValueError, match="report is"):
        read_report(stored)
