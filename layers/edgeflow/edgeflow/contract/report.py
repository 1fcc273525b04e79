"""Health reports: what a device publishes on ``edgeflow/devices/{thing}/health``.

The device's name is taken from the topic, which its IoT policy binds to its certificate, never from
the payload.
"""

from enum import StrEnum
from typing import Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from edgeflow.contract.flow import NodeId
from edgeflow.contract.ids import FlowId, Sha256

HEALTH_SCHEMA: Final = "edgeflow.health/1"
MAX_REPORTED_FLOWS: Final = 100
MAX_REPORTED_NODES: Final = 20
MAX_ERROR_LENGTH: Final = 512


def health_topic(device_id: str) -> str:
    """Return the topic on which this device publishes its health."""
    return f"edgeflow/devices/{device_id}/health"


class Health(StrEnum):
    """Health of a flow or a node on a device."""

    STARTING = "starting"
    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"


class Slot(StrEnum):
    """The two places a flow can live in on a device. Exactly one is live."""

    BLUE = "blue"
    GREEN = "green"


class NodeHealth(BaseModel):
    """One node that is not well; healthy nodes are not listed, to keep reports small."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    node_id: NodeId
    health: Health
    error: str = Field(default="", max_length=MAX_ERROR_LENGTH)


class NodeActivity(BaseModel):
    """How busy a node is: messages a minute, messages to it dropped since its start, its last failure if any."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    node_id: NodeId
    received_per_minute: float = Field(ge=0)
    sent_per_minute: float = Field(ge=0)
    dropped: int = Field(default=0, ge=0)
    last_error: str = Field(default="", max_length=MAX_ERROR_LENGTH)


class FlowHealth(BaseModel):
    """One flow in one slot on the device. ``live`` is false for a staged version.

    ``messages_per_minute`` is what its nodes get together, ``dropped`` what they lost since the version was started;
    both are absent from agents that do not measure. ``activity`` names nodes that dropped messages or failed first,
    then the busiest.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    flow_id: FlowId
    version: int = Field(ge=1)
    sha256: Sha256
    slot: Slot
    live: bool = True
    health: Health
    since: AwareDatetime
    nodes: tuple[NodeHealth, ...] = ()
    messages_per_minute: float | None = Field(default=None, ge=0)
    dropped: int | None = Field(default=None, ge=0)
    activity: tuple[NodeActivity, ...] = Field(default=(), max_length=MAX_REPORTED_NODES)


class Vitals(BaseModel):
    """The device itself. A value is absent where the device does not tell it. Sizes are in bytes, times in seconds."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    uptime: float | None = Field(default=None, ge=0)
    agent_uptime: float | None = Field(default=None, ge=0)
    load: float | None = Field(default=None, ge=0)
    """Load average of a minute, by core: 1 is fully used."""
    memory_total: int | None = Field(default=None, ge=0)
    memory_available: int | None = Field(default=None, ge=0)
    agent_memory: int | None = Field(default=None, ge=0)
    """Resident memory of the agent."""
    disk_total: int | None = Field(default=None, ge=0)
    """Of the file system that holds the agent's data."""
    disk_free: int | None = Field(default=None, ge=0)
    temperature: float | None = None
    """Of the processor, in degrees Celsius."""


class HealthReport(BaseModel):
    """The whole state of a device at one instant. ``sequence`` orders reports of one device."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)

    schema_: Literal["edgeflow.health/1"] = Field(default=HEALTH_SCHEMA, alias="schema")
    sent_at: AwareDatetime
    sequence: int = Field(ge=0)
    agent_version: str = Field(max_length=64)
    flows: tuple[FlowHealth, ...] = Field(default=(), max_length=MAX_REPORTED_FLOWS)
    vitals: Vitals | None = None
