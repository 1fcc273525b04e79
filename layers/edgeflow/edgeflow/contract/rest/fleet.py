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

    agent_version: str
    devices: int


class FlowVersionCount(BaseModel):
    """On how many devices a version of a flow is live, and how it is there."""

    flow_id: str
    version: int
    devices: int
    health: dict[str, int]


class FleetSummary(BaseModel):
    """Answer of ``GET /v1/devices/summary``, as it was at ``counted_at``.

    ``complete`` is false where there are more devices than are counted at once. Lists hold what is most frequent first,
    at most ``MAX_LISTED`` entries; ``…_left_out`` is how many they leave out.
    """

    counted_at: str
    complete: bool
    total: int
    unreadable: int
    connected: dict[ConnectedName, int]
    health: dict[HealthName, int]
    agent_versions: list[AgentVersionCount]
    agent_versions_left_out: int
    flows: list[FlowVersionCount]
    flows_left_out: int
