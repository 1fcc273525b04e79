"""What an operation takes, answers and needs: requests are held to it, and the API's document is made of it."""

from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Final

from pydantic import BaseModel

JSON: Final = "application/json"
HTML: Final = "text/html"

Shape = Any
"""A pydantic model, or a union of some: ``type[BaseModel]`` does not cover unions."""


class Scope(StrEnum):
    """What an access token must carry. template.yaml demands the same; a test compares."""

    READ = "edgeflow/read"
    FLOWS = "edgeflow/flows"
    DEPLOY = "edgeflow/deploy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A method of a path. What a request brings beyond what is declared here is refused, not ignored.

    ``id`` is its event's name in template.yaml, with a small first letter. ``summary`` begins with a verb.
    """

    id: str
    summary: str
    scope: Scope | None
    """None: it needs no token."""

    body: Shape | None = None
    """The model that reads the body; None: none is taken."""
    body_may_be_left_out: bool = False
    body_types: tuple[str, ...] = (JSON,)
    query: type[BaseModel] | None = None
    """The model that reads the parameters; None: none is taken."""
    conditions: tuple[str, ...] = ()
    """Which of ``If-Match`` and ``If-None-Match`` it looks at."""
    waits: bool = False
    """It can wait for a change before it answers."""
    once: bool = False
    """It takes an ``Idempotency-Key``."""

    status: HTTPStatus = HTTPStatus.OK
    """Of success."""
    answer: Shape | None = None
    """The model of the answer; None: it has no JSON that a model describes."""
    answer_type: str = JSON
    tagged: bool = False
    """The answer has an ``ETag``."""
    located: bool = False
    """The answer has a ``Location``."""
