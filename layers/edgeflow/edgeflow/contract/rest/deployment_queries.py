"""Parameters of ``GET /v1/deployments`` and of ``GET /v1/deployments/{deployment_id}``."""

from datetime import timedelta
from typing import Annotated, Final, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from edgeflow.contract.ids import DeviceId, FlowReference
from edgeflow.contract.rest.creation import CreationQuery, Several
from edgeflow.contract.rest.deployments import StatusName, StrategyName
from edgeflow.contract.rest.settings import Duration

MAX_WAIT: Final = timedelta(seconds=25)
"""API Gateway gives up after 29 s (its quotas, "integration timeout")."""

Statuses = Annotated[Several[StatusName], Field(max_length=len(get_args(StatusName)))]


class ReadDeployment(BaseModel):
    """Parameters of ``GET /v1/deployments/{deployment_id}``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    wait: Annotated[
        Annotated[Duration, Field(ge=timedelta(0), le=MAX_WAIT)] | None,
        Field(description="How long to wait for another status than `unless` before what is there is answered"),
    ] = None
    unless: Annotated[
        StatusName | None,
        Field(description="The status that the caller knows; goes with `wait`", validate_default=True),
    ] = None

    @field_validator("unless")
    @classmethod
    def _together(cls, unless: StatusName | None, so_far: ValidationInfo) -> StatusName | None:
        if "wait" in so_far.data and (so_far.data["wait"] is None) != (unless is None):
            message = "goes with wait, as in wait=25s&unless=running"
            raise ValueError(message)
        return unless


class ListDeployments(CreationQuery):
    """Parameters of ``GET /v1/deployments``."""

    status: Annotated[
        Statuses | None, Field(description="Deployments with one of these statuses, with commas between them")
    ] = None
    flow_id: Annotated[
        FlowReference | None, Field(description="Deployments of this flow, by its id or `slug:` and its slug")
    ] = None
    strategy: Annotated[StrategyName | None, Field(description="Deployments by this strategy")] = None
    device_id: Annotated[
        DeviceId | None,
        Field(description="Deployments that were planned for this device, each with its `target`: what became of it"),
    ] = None
