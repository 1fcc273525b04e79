"""The health report, in a size that AWS IoT takes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from edge_agent import __version__
from edgeflow.contract.report import MAX_REPORTED_FLOWS, FlowHealth, HealthReport, Vitals

MAX_REPORT_BYTES: Final = 120 * 1024
"""AWS IoT closes the connection of who publishes more than 128 KiB; a little is left for the packet itself."""


def write_report(
    flows: Sequence[FlowHealth], *, vitals: Vitals, now: datetime, sequence: int, epoch: str, changes: int = 0
) -> bytes:
    """Return the report of these flows. When it would be too long, it says how they are but not why, nor how busy.

    ``changes`` is how often their health changed since the report before.
    """
    report = HealthReport(
        sent_at=now,
        sequence=sequence,
        epoch=epoch,
        agent_version=__version__,
        flows=tuple(flows[:MAX_REPORTED_FLOWS]),
        vitals=vitals,
        changes=changes,
    )
    content = _write(report)
    for too_much in ("activity", "nodes"):
        if len(content) > MAX_REPORT_BYTES:
            kept = tuple(flow.model_copy(update={too_much: ()}) for flow in report.flows)
            report = report.model_copy(update={"flows": kept})
            content = _write(report)
    return content


def _write(report: HealthReport) -> bytes:
    return report.model_dump_json(by_alias=True, exclude_none=True).encode()
