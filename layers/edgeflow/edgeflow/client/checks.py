"""What `edgeflow doctor` asks: which release answers, at what time, and what the token is good for."""

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from pydantic import BaseModel

from edgeflow.client.session import Session, read

API_VERSION: Final = "1"
"""Of the API's document that this client is made for."""


class _Info(BaseModel):
    version: str


class _Document(BaseModel):
    info: _Info


@dataclass(frozen=True)
class About:
    """The version of the API's document, and the time of its clock to a second; None where it did not say."""

    version: str
    clock: datetime | None


@dataclass(frozen=True)
class Grant:
    """What a token that was accepted is good for; None where it is none that can be read."""

    scopes: tuple[str, ...] | None
    expires_at: datetime | None


class Checks:
    """Questions that change nothing."""

    def __init__(self, session: Session) -> None:
        """Ask by this session."""
        self._session = session

    def about(self) -> About:
        """Read the API's own document, which needs no scope."""
        answer = self._session.send("GET", "/openapi.json")
        date = answer.headers.get("Date")
        clock = None if date is None else parsedate_to_datetime(date).astimezone(UTC)
        return About(read(answer, _Document).info.version, clock)

    def grant(self) -> Grant:
        """Use the token once, and read what is written in it. Raises ApiError where it is not taken."""
        answer = self._session.send("GET", "/flows", query={"limit": 1})
        claims = _claims(answer.request.headers.get("Authorization", ""))
        scope, ends = claims.get("scope"), claims.get("exp")
        return Grant(
            tuple(scope.split()) if isinstance(scope, str) else None,
            datetime.fromtimestamp(ends, UTC) if isinstance(ends, int) else None,
        )


def _claims(authorization: str) -> dict[str, Any]:
    """Return what a JSON Web Token says, without looking at its signature: that is the API's affair."""
    parts = authorization.split(".")
    try:
        payload = parts[1] + "=" * (-len(parts[1]) % 4)
        document = json.loads(base64.urlsafe_b64decode(payload))
    except (IndexError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}
