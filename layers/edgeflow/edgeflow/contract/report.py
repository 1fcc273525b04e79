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
MAX_REPORTED_FLOWS = 100


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
    error: str = Field(default="", max_length=512)


class FlowHealth(BaseModel):
    """One flow in one slot on the device. ``live`` is false for a staged version."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    flow_id: FlowId
    version: int = Field(ge=1)
    sha256: Sha256
    slot: Slot
    live: bool = True
    health: Health
    since: AwareDatetime
    nodes: tuple[NodeHealth, ...] = ()


class HealthReport(BaseModel):
    """The whole state of a device at one instant. ``sequence`` orders reports of one device."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)

    schema_: Literal["edgeflow.health/1"] = Field(default=HEALTH_SCHEMA, alias="schema")
    sent_at: AwareDatetime
    sequence: int = Field(ge=0)
    agent_version: str = Field(max_length=64)
    flows: tuple[FlowHealth, ...] = Field(default=(), max_length=MAX_REPORTED_FLOWS)
