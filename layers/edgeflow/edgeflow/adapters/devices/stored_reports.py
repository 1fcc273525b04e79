"""Health reports of devices as they are at rest: JSON without what goes without saying, compressed.

So most fit into 1 KB, which is the unit that DynamoDB charges a write by.
"""

import zlib
from datetime import UTC, datetime
from typing import Annotated, ClassVar, Final, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field

from edgeflow.adapters.stored import Stored
from edgeflow.contract.reasons import Reason
from edgeflow.contract.report import (
    HEALTH_SCHEMA,
    FlowHealth,
    Health,
    HealthReport,
    NodeActivity,
    NodeHealth,
    Slot,
    Vitals,
)


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:  # the first day of the year 1, by a clock ahead of UTC
        message = "the moment is not within the years 1 to 9999 of UTC"
        raise ValueError(message) from None


_Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]


MAX_REPORT_BYTES: Final = 512 * 1_024
"""Of the JSON: four times what AWS IoT takes of a device."""


class StoredNodeHealth(Stored):
    """A node that is not well."""

    contract: ClassVar[type[BaseModel]] = NodeHealth

    node_id: str
    health: Health
    error: str = ""


class StoredNodeActivity(Stored):
    """How busy a node is."""

    contract: ClassVar[type[BaseModel]] = NodeActivity

    node_id: str
    received_per_minute: float
    sent_per_minute: float
    dropped: int = 0
    last_error: str = ""


class StoredFlowHealth(Stored):
    """One flow in one slot."""

    contract: ClassVar[type[BaseModel]] = FlowHealth

    flow_id: str
    version: int
    sha256: str
    slot: Slot
    live: bool = True
    running: bool = True
    health: Health
    reason: Reason | None = None
    since: _Moment
    nodes: tuple[StoredNodeHealth, ...] = ()
    messages_per_minute: float | None = None
    dropped: int | None = None
    activity: tuple[StoredNodeActivity, ...] = ()


class StoredVitals(Stored):
    """The device itself."""

    contract: ClassVar[type[BaseModel]] = Vitals

    uptime: float | None = None
    agent_uptime: float | None = None
    load: float | None = None
    memory_total: int | None = None
    memory_available: int | None = None
    agent_memory: int | None = None
    disk_total: int | None = None
    disk_free: int | None = None
    temperature: float | None = None


class StoredReport(Stored):
    """The whole state of a device at one instant."""

    contract: ClassVar[type[BaseModel]] = HealthReport

    schema_: Literal["edgeflow.health/1"] = Field(default=HEALTH_SCHEMA, alias="schema")
    sent_at: _Moment
    sequence: int
    epoch: str | None = None
    agent_version: str
    flows: tuple[StoredFlowHealth, ...] = ()
    vitals: StoredVitals | None = None
    changes: int = 0


def write_report(report: HealthReport) -> bytes:
    """Return a report as it is stored."""
    return zlib.compress(report.model_dump_json(by_alias=True, exclude_defaults=True).encode())


def read_report(stored: bytes) -> HealthReport:
    """Return the report that stored bytes are. Raises ValueError."""
    unpacking = zlib.decompressobj()
    try:
        written = unpacking.decompress(stored, MAX_REPORT_BYTES)
    except zlib.error as error:
        message = f"report is not compressed JSON: {error}"
        raise ValueError(message) from error
    if not unpacking.eof:
        message = "report is cut off, or too long"
        raise ValueError(message)
    report: HealthReport = StoredReport.model_validate_json(written).as_contract()
    return report
