"""Parameters of lists that go by the time of creation, and how an address says a moment, or several names."""

import re
from datetime import UTC, datetime
from typing import Annotated, Final, Literal, TypeVar

from pydantic import BeforeValidator, Field, PlainSerializer, ValidationInfo, WithJsonSchema, field_validator

from edgeflow.contract.rest.paging import PageQuery

_RFC_3339: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)

_Name = TypeVar("_Name", bound=str)


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


def _split(value: object) -> object:
    return tuple(value.split(",")) if isinstance(value, str) else value


Moment = Annotated[datetime, BeforeValidator(_read_moment), WithJsonSchema({"type": "string", "format": "date-time"})]
Several = Annotated[
    tuple[_Name, ...],
    BeforeValidator(_split),
    PlainSerializer(",".join, return_type=str),
    Field(min_length=1),
]
"""Names with commas between them."""
SortName = Literal["newest", "oldest"]


class CreationQuery(PageQuery):
    """Parameters of a list that begins with what was created last, or first."""

    created_from: Annotated[
        Moment | None, Field(description="What was created at this moment or later, as RFC 3339 has it")
    ] = None
    created_to: Annotated[Moment | None, Field(description="What was created before this moment")] = None
    sort: Annotated[SortName, Field(description="Which come first; the newest where nothing is said")] = "newest"

    @field_validator("created_to")
    @classmethod
    def _after_its_beginning(cls, created_to: datetime | None, so_far: ValidationInfo) -> datetime | None:
        created_from = so_far.data.get("created_from")
        if created_from is not None and created_to is not None and created_to <= created_from:
            message = "must be later than created_from"
            raise ValueError(message)
        return created_to
