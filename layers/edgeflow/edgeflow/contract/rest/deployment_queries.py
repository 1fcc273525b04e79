"""Parameters of ``GET /v1/deployments`` and of ``GET /v1/deployments/{deployment_id}``."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, Literal, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)

from edgeflow.contract.ids import FlowReference
from edgeflow.contract.rest.deployments import Duration, StatusName, StrategyName
from edgeflow.contract.rest.paging import PageQuery

MAX_WAIT: Final = timedelta(seconds=25)
"""API Gateway gives up after 29 s (its quotas, "integration timeout")."""


_RFC_3339: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)


def _read_moment(value: object) -> object:
    """Return a moment in UTC. Raises ValueError."""
    if not isinstance(value, str):
        return value
    message = "must be a moment as RFC 3339 has it, such as 2026-02-21T12:00:00Z; + is written %2B in an address"
    if not _RFC_3339.fullmatch(value):
        raise ValueError(message)
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):  # there is no such day, or it is before or after all years
        raise ValueError(message) from None


Moment = Annotated[datetime, BeforeValidator(_read_moment), WithJsonSchema({"type": "string", "format": "date-time"})]


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


def _split(value: object) -> object:
    return tuple(value.split(",")) if isinstance(value, str) else value


Statuses = Annotated[
    tuple[StatusName, ...],
    BeforeValidator(_split),
    PlainSerializer(",".join, return_type=str),
    Field(min_length=1, max_length=len(get_args(StatusName))),
]


class ListDeployments(PageQuery):
    """Parameters of ``GET /v1/deployments``."""

    status: Annotated[
        Statuses | None, Field(description="Deployments with one of these statuses, with commas between them")
    ] = None
    flow_id: Annotated[
        FlowReference | None, Field(description="Deployments of this flow, by its id or `slug:` and its slug")
    ] = None
    strategy: Annotated[StrategyName | None, Field(description="Deployments by this strategy")] = None
    created_from: Annotated[
        Moment | None, Field(description="Deployments created at this moment or later, as RFC 3339 has it")
    ] = None
    created_to: Annotated[Moment | None, Field(description="Deployments created before this moment")] = None
    sort: Annotated[
        Literal["newest", "oldest"], Field(description="Which come first; the newest where nothing is said")
    ] = "newest"

    @field_validator("created_to")
    @classmethod
    def _after_its_beginning(cls, created_to: datetime | None, so_far: ValidationInfo) -> datetime | None:
        created_from = so_far.data.get("created_from")
        if created_from is not None and created_to is not None and created_to <= created_from:
            message = "must be later than created_from"
            raise ValueError(message)
        return created_to
