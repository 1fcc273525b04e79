"""What numbers and moments may be on a wire: finite, and such as every reader, AWS's included, keeps unchanged.

JSON itself has no bounds: ``1e999`` reads as infinity, which no JSON can say again, and a whole number may have more
digits than DynamoDB keeps (38).
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from pydantic import AfterValidator, AwareDatetime, Field

MAX_WIRE_NUMBER: Final = 2**53 - 1
"""The largest whole number that every JSON reader keeps."""
MAX_SECONDS: Final = 32_503_680_000
"""Since 1970, until the year 3000: no clock of the cloud says more, and a pause added to it is a moment still."""
MAX_MILLISECONDS: Final = MAX_SECONDS * 1_000


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:  # such as the first day of the year 1, by a clock that is ahead of UTC
        message = "Input should be within the years 1 to 9999 of UTC"
        raise ValueError(message) from None


Count = Annotated[int, Field(ge=0, le=MAX_WIRE_NUMBER)]
"""How many; also a number that orders."""
VersionNumber = Annotated[int, Field(ge=1, le=MAX_WIRE_NUMBER)]
"""Versions count from 1."""
Measure = Annotated[float, Field(ge=0, le=MAX_WIRE_NUMBER, allow_inf_nan=False)]
"""How much: a size, a time, a rate."""
Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""A moment with a time zone, kept in UTC."""
Seconds = Annotated[int, Field(ge=0, le=MAX_SECONDS)]
"""Since 1970."""
Milliseconds = Annotated[int, Field(ge=0, le=MAX_MILLISECONDS)]
"""Since 1970."""

Place = tuple[int | str, ...]
"""Where something is in a document: keys of objects, positions in lists."""


def without(document: Mapping[str, object], places: set[Place]) -> dict[str, Any]:
    """Return a copy of a document without what is at these places; the document itself stays as it is."""
    pruned: dict[str, Any] = _pruned(document, places)
    return pruned


def _pruned(value: object, places: set[Place]) -> Any:  # noqa: ANN401  any part of a document
    gone = {place[0] for place in places if len(place) == 1}
    inside: dict[int | str, set[Place]] = {}
    for place in places:
        if len(place) > 1:
            inside.setdefault(place[0], set()).add(place[1:])

    def kept(key: int | str, entry: object) -> Any:  # noqa: ANN401  as above
        return _pruned(entry, inside[key]) if key in inside else entry

    match value:
        case Mapping():
            return {key: kept(key, entry) for key, entry in value.items() if key not in gone}
        case list() | tuple():
            return [kept(number, entry) for number, entry in enumerate(value) if number not in gone]
        case _:
            return value
