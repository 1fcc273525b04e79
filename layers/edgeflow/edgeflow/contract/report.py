"""Health reports: what a device publishes on ``$aws/rules/{rules}_health/{thing}``, by Basic Ingest of AWS IoT.

So they go to the stack's rule directly, and no messaging is charged. What nobody waits for goes to another rule, whose
queue is emptied more seldom (``resting``). The device's name is taken from the topic, which its IoT policy binds to its
certificate, never from the payload.

Every number and moment is bounded. A report is refused whole where it cannot be understood: who runs which version,
where, how it is, and what orders it. What is told beside that (vital signs, rates, why a node is not well) is left out
where it makes no sense, and the rest of the report counts.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from edgeflow.contract.flow import MAX_NODES, NodeId
from edgeflow.contract.ids import Epoch, FlowId, Sha256
from edgeflow.contract.reasons import Reason
from edgeflow.contract.wire import Count, Measure, Moment, Place, VersionNumber, without

HEALTH_SCHEMA: Final = "edgeflow.health/1"
MAX_REPORTED_FLOWS: Final = 100
MAX_REPORTED_NODES: Final = 20
MAX_ERROR_LENGTH: Final = 512

Temperature = Annotated[float, Field(ge=-273.15, le=1_000, allow_inf_nan=False)]
"""Degrees Celsius; no processor is hotter."""


def health_topic(device_id: str, rules: str, *, resting: bool = False) -> str:
    """Return the topic on which this device publishes its health.

    ``rules`` is what the names of the stack's topic rules begin with. ``resting`` is for a report that is due for no
    other reason than that time has passed, of a device of which no deployment is open.
    """
    return f"$aws/rules/{rules}_{'resting' if resting else 'health'}/{device_id}"


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

    node_id: Annotated[NodeId, Field(description="The node")]
    health: Annotated[Health, Field(description="How it is")]
    error: str = Field(default="", max_length=MAX_ERROR_LENGTH, description="What is wrong with it")


class NodeActivity(BaseModel):
    """How busy a node is: messages a minute, messages to it dropped since its start, its last failure if any."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    node_id: Annotated[NodeId, Field(description="The node")]
    received_per_minute: Annotated[Measure, Field(description="Messages that it gets")]
    sent_per_minute: Annotated[Measure, Field(description="Messages that it sends")]
    dropped: Annotated[Count, Field(description="Messages to it that were lost since its start")] = 0
    last_error: str = Field(default="", max_length=MAX_ERROR_LENGTH, description="Its last failure, if any")


class FlowHealth(BaseModel):
    """One flow in one slot on the device. ``live`` is false for a staged version.

    ``running`` is false where the slot holds the version and it does not run, as when it could not be started.
    ``messages_per_minute`` is what its nodes get together, ``dropped`` what they lost since the version was started;
    both are absent from agents that do not measure. ``reason`` is the code of what is wrong, where it is more than that
    nodes are not well, such as ``crash_loop``. ``activity`` names nodes that dropped messages or failed first,
    then the busiest.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    flow_id: FlowId
    version: VersionNumber
    sha256: Sha256
    slot: Slot
    live: bool = True
    running: bool = True
    health: Health
    reason: Reason | None = None
    since: Moment
    nodes: tuple[NodeHealth, ...] = Field(default=(), max_length=MAX_NODES)
    messages_per_minute: Measure | None = None
    dropped: Count | None = None
    activity: tuple[NodeActivity, ...] = Field(default=(), max_length=MAX_REPORTED_NODES)


class Vitals(BaseModel):
    """The device itself. A value is absent where the device does not tell it. Sizes are in bytes, times in seconds."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    uptime: Annotated[Measure | None, Field(description="Seconds since the device started")] = None
    agent_uptime: Annotated[Measure | None, Field(description="Seconds since its agent started")] = None
    load: Annotated[Measure | None, Field(description="Load average of a minute, by core: 1 is fully used")] = None
    memory_total: Annotated[Count | None, Field(description="Bytes")] = None
    memory_available: Annotated[Count | None, Field(description="Bytes")] = None
    agent_memory: Annotated[Count | None, Field(description="Bytes that the agent has resident")] = None
    disk_total: Annotated[
        Count | None,
        Field(description="Bytes of the file system that holds the agent's data"),
    ] = None
    disk_free: Annotated[Count | None, Field(description="Bytes")] = None
    temperature: Annotated[Temperature | None, Field(description="Degrees Celsius, of the processor")] = None


class HealthReport(BaseModel):
    """The whole state of a device at one instant.

    ``sequence`` orders what a device says as long as it keeps its data folder, whose id is ``epoch``; agents of before
    there were epochs have none. ``changes`` is how often the health of anything changed since the report before, for
    changes that come fast after one another are told together.
    """

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)

    schema_: Literal["edgeflow.health/1"] = Field(default=HEALTH_SCHEMA, alias="schema")
    sent_at: Moment
    sequence: Count
    epoch: Epoch | None = None
    agent_version: str = Field(max_length=64)
    flows: tuple[FlowHealth, ...] = Field(default=(), max_length=MAX_REPORTED_FLOWS)
    vitals: Vitals | None = None
    changes: Count = 0

    @classmethod
    def from_wire(cls, told: Mapping[str, object]) -> tuple[Self, int]:
        """Read what a device sent. Returns the report, and how many things in it were left out.

        Raises:
            ValidationError: it cannot be understood.
        """
        try:
            return cls.model_validate(told), 0
        except ValidationError as error:
            senseless = {_beside(fault["loc"]) for fault in error.errors(include_url=False, include_input=False)}
            places = {place for place in senseless if place is not None}
            if len(places) < len(senseless):
                raise
        return cls.model_validate(without(told, places)), len(places)


_BESIDE_THE_REPORT: Final = frozenset({"changes", "epoch", "vitals"})
_BESIDE_A_FLOW: Final = frozenset({"activity", "dropped", "messages_per_minute", "nodes", "reason", "running"})


def _beside(place: Place) -> Place | None:
    """Return what to leave out for a fault at this place; None when the report cannot do without it."""
    match place:
        case (str() as part, *_) if part in _BESIDE_THE_REPORT:
            return place[:2]
        case ("flows", int(), str() as part, *_) if part in _BESIDE_A_FLOW:
            return place[:4]
        case _:
            return None
