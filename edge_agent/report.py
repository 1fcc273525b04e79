"""The health report, in a size that AWS IoT takes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from edge_agent import __version__
from edgeflow.contract.report import MAX_REPORTED_FLOWS, FlowHealth, HealthReport

MAX_REPORT_BYTES: Final = 120 * 1024
"""AWS IoT closes the connection of who publishes more than 128 KiB; a little is left for the packet itself."""


def write_report(flows: Sequence[FlowHealth], *, now: datetime, sequence: int) -> bytes:
    """Return the report of these flows. When it would be too long, it says how they are but not why."""
    content = _write(flows, now, sequence)
    if len(content) <= MAX_REPORT_BYTES:
        return content
    return _write([flow.model_copy(update={"nodes": ()}) for flow in flows], now, sequence)


def _write(flows: Sequence[FlowHealth], now: datetime, sequence: int) -> bytes:
    report = HealthReport(
        sent_at=now, sequence=sequence, agent_version=__version__, flows=tuple(flows[:MAX_REPORTED_FLOWS])
    )
    return report.model_dump_json(by_alias=True).encode()
