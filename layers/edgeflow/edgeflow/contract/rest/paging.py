"""Pages of lists: a limit, and an opaque cursor to go on from.

A cursor says where its page ended, and for which list with which filters it was made. It holds no
secret and gives no rights: a forged one can only start the same list at another place.
"""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

DEFAULT_LIMIT: Final = 50
MAX_LIMIT: Final = 100
_MAX_CURSOR_LENGTH: Final = 1_024


def _plain_digits(value: object) -> object:
    """Refuse what Python reads as a number and nobody else does: ``1_0``, digits of other scripts, white space."""
    if isinstance(value, str) and not re.fullmatch(r"-?[0-9]{1,9}", value):
        message = "must be a whole number, written in digits"
        raise ValueError(message)
    return value


WrittenInDigits: Final = BeforeValidator(_plain_digits)
Limit = Annotated[int, WrittenInDigits, Field(ge=1, le=MAX_LIMIT, description="Entries of a page, at most")]
Cursor = Annotated[
    str,
    StringConstraints(min_length=1, max_length=_MAX_CURSOR_LENGTH, pattern=r"^[A-Za-z0-9_-]+$"),
    Field(description="The `next_cursor` of the page before; with the same filters"),
]


class PageQuery(BaseModel):
    """Parameters that every list takes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: Limit = DEFAULT_LIMIT
    cursor: Cursor | None = None


class _Content(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    of: str
    at: Annotated[str, StringConstraints(min_length=1, max_length=512, pattern=r"^[A-Za-z0-9:._#-]+$")]


def _fingerprint(name: str, filters: Mapping[str, str | None]) -> str:
    given = sorted((key, value) for key, value in filters.items() if value is not None)
    return hashlib.sha256(json.dumps([name, given]).encode()).hexdigest()[:16]


def write_cursor(name: str, position: str, filters: Mapping[str, str | None] | None = None) -> str:
    """Return the cursor that goes on after ``position`` in the list ``name`` with these filters."""
    content = {"of": _fingerprint(name, filters or {}), "at": position}
    raw = json.dumps(content, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def read_cursor(name: str, cursor: str, filters: Mapping[str, str | None] | None = None) -> str:
    """Return the position that a cursor of this list, with these filters, goes on from.

    Raises:
        ValueError: it is no cursor, or it belongs to another list or other filters.
    """
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        content = _Content.model_validate_json(raw)
    except ValueError:  # of base64, of UTF-8, of pydantic
        message = "not a cursor of this API; send a next_cursor as it came, or none to start over"
        raise ValueError(message) from None
    if content.of != _fingerprint(name, filters or {}):
        message = "this cursor belongs to another list or other filters; send the same filters, or start over"
        raise ValueError(message)
    return content.at
