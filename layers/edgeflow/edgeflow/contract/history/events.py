"""Events of deployments and flows.

An event is kept as it is shown, and never changed. ``sequence`` orders the events of one deployment or flow and grows
with each of them; ``at`` is the clock of the part that wrote it.
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from edgeflow.contract.history.deployments import DeploymentDetails
from edgeflow.contract.history.details import Actor, Details
from edgeflow.contract.history.flows import FlowDetails


def _by_type(models: Any) -> Mapping[str, type[Details]]:  # noqa: ANN401  a union of models has no type of its own
    return {model.type: model for model in get_args(models)}


class _Event(BaseModel):
    """What every event has. ``details`` are read by the model that ``type`` names."""

    model_config = ConfigDict(frozen=True)

    details_by_type: ClassVar[Mapping[str, type[Details]]]

    sequence: Annotated[int, Field(description="Its place among the subject's events")]
    at: Annotated[
        str,
        Field(description="When, by the clock of the part that wrote it; the order is that of `sequence`"),
    ]
    type: Annotated[str, Field(description="What happened; types are only added")]
    actor: Annotated[Actor, Field(description="Who did it")]

    @model_validator(mode="before")
    @classmethod
    def _details_by_type(cls, told: Any) -> Any:  # noqa: ANN401  whatever was given
        match told:
            case {"type": str(name), "details": Mapping() as details} if name in cls.details_by_type:
                return {**told, "details": cls.details_by_type[name].model_validate(details)}
            case _:
                return told


class DeploymentEvent(_Event):
    """One event of a deployment. ``status`` and ``status_reason`` are the deployment's from then on."""

    details_by_type: ClassVar[Mapping[str, type[Details]]] = _by_type(DeploymentDetails)

    details: Annotated[DeploymentDetails, Field(description="What the type says beside that; keys are only added")]
    status: Annotated[str, Field(description="Of the deployment, from then on")]
    status_reason: Annotated[str, Field(description="Likewise")]


class FlowEvent(_Event):
    """One event of a flow. ``sequence`` is the flow's revision, its ETag, from then on; ``status`` is its state."""

    details_by_type: ClassVar[Mapping[str, type[Details]]] = _by_type(FlowDetails)

    details: Annotated[FlowDetails, Field(description="What the type says beside that; keys are only added")]
    status: Annotated[str, Field(description="Of the flow, from then on")]
