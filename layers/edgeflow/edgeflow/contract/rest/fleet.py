"""Looking for devices: parameters of ``GET /v1/devices``, and the answer of ``GET /v1/devices/summary``."""

from typing import Annotated, Final, Literal

from pydantic import BaseModel, Field, StringConstraints, ValidationInfo, field_validator

from edgeflow.contract.ids import MAX_VERSION, DeviceId, FlowReference
from edgeflow.contract.rest.paging import PageQuery, WrittenInDigits

ConnectedName = Literal["true", "false", "unknown"]
HealthName = Literal["healthy", "starting", "unhealthy", "unknown"]
AgentVersion = Annotated[str, StringConstraints(min_length=1, max_length=64)]

MAX_LISTED: Final = 100
"""Agent versions, and versions of flows, that a summary lists; of the others it says how many there are."""


class ListDevices(PageQuery):
    """Parameters of ``GET /v1/devices``. ``version`` goes with ``flow_id``; ``text`` is a part of the device's id."""

    connected: Annotated[
        ConnectedName | None,
        Field(description="Devices that are connected or not; `unknown`: AWS IoT has told nothing yet"),
    ] = None
    health: Annotated[
        HealthName | None, Field(description="Devices with this health; `unknown`: no live flow is reported")
    ] = None
    flow_id: Annotated[
        FlowReference | None,
        Field(
            description="Devices on which this flow is live, by its id or `slug:` and its slug; "
            "with `health`, that of this flow"
        ),
    ] = None
    version: Annotated[
        Annotated[int, WrittenInDigits, Field(ge=1, le=MAX_VERSION)] | None,
        Field(description="Devices on which this version of `flow_id` is live"),
    ] = None
    agent_version: Annotated[AgentVersion | None, Field(description="Devices whose agent has just this version")] = None
    text: Annotated[DeviceId | None, Field(description="Devices with this in their id, whatever the case")] = None

    @field_validator("version")
    @classmethod
    def _of_a_flow(cls, version: int | None, so_far: ValidationInfo) -> int | None:
        if version is not None and so_far.data.get("flow_id", "") is None:
            message = "goes with flow_id alone"
            raise ValueError(message)
        return version


class AgentVersionCount(BaseModel):
    """How many devices reported by an agent of this version."""

    agent_version: Annotated[str, Field(description="The version")]
    devices: Annotated[int, Field(description="How many devices reported by it")]


class FlowVersionCount(BaseModel):
    """On how many devices a version of a flow is live, and how it is there."""

    flow_id: Annotated[str, Field(description="The id of the flow")]
    version: Annotated[int, Field(description="The version")]
    devices: Annotated[int, Field(description="On how many devices it is live")]
    health: Annotated[dict[str, int], Field(description="How many of them by health")]


class FleetSummary(BaseModel):
    """Answer of ``GET /v1/devices/summary``, as it was at ``counted_at``.

    ``complete`` is false where there are more devices than are counted at once. Lists hold what is most frequent first,
    at most ``MAX_LISTED`` entries; ``…_left_out`` is how many they leave out.
    """

    counted_at: Annotated[str, Field(description="When it was counted")]
    complete: Annotated[bool, Field(description="False beyond 100,000 devices: the others are not counted")]
    total: Annotated[int, Field(description="How many devices there are")]
    unreadable: Annotated[int, Field(description="How many of them have a record that cannot be read")]
    connected: Annotated[dict[ConnectedName, int], Field(description="How many by connection")]
    health: Annotated[dict[HealthName, int], Field(description="How many by health")]
    agent_versions: Annotated[list[AgentVersionCount], Field(description="The 100 most frequent")]
    agent_versions_left_out: Annotated[int, Field(description="How many others there are")]
    flows: Annotated[list[FlowVersionCount], Field(description="The 100 most frequent versions of flows")]
    flows_left_out: Annotated[int, Field(description="How many others there are")]
