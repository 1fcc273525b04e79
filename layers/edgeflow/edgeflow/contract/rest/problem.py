"""Errors as REST tells them: RFC 9457 ``application/problem+json``, with every fault at its place."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any, Final, get_args, get_origin

from pydantic import BaseModel, Field, ValidationError

from edgeflow.contract.echo import shortened
from edgeflow.contract.json_values import Location
from edgeflow.contract.rest.outline import unknown_key
from edgeflow.contract.rest.sentences import sentence_of

PROBLEM_CONTENT_TYPE: Final = "application/problem+json"
_KEY: Final = "[key]"
"""What pydantic puts after the key of a dict that is itself at fault."""
MAX_FAULTS_TOLD: Final = 100
"""Faults that one answer lists; it says how many more there are."""


class Code(StrEnum):
    """Stable codes; ``type`` of a problem is ``urn:edgeflow:problem:`` and the code. Never renamed, only added."""

    MALFORMED_REQUEST = "malformed-request"
    INVALID_REQUEST = "invalid-request"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not-found"
    METHOD_NOT_ALLOWED = "method-not-allowed"
    CONFLICT = "conflict"
    UNREADABLE_RECORD = "unreadable-record"
    PRECONDITION_FAILED = "precondition-failed"
    UNSUPPORTED_MEDIA_TYPE = "unsupported-media-type"
    BODY_TOO_LARGE = "body-too-large"
    IDEMPOTENCY_KEY_REUSED = "idempotency-key-reused"
    IDEMPOTENCY_KEY_IN_USE = "idempotency-key-in-use"
    TOO_MANY_WAIT = "too-many-wait"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"


class ProblemFault(BaseModel):
    """One thing wrong. ``pointer`` is an RFC 6901 JSON pointer into the body, or the name of a parameter or header."""

    pointer: Annotated[str, Field(description="A JSON pointer into the body, or the name of a parameter or header")]
    detail: Annotated[str, Field(description="What is wrong there")]


class Problem(BaseModel):
    """The body of every answer from 400 on. ``request_id`` finds the request in the logs.

    ``errors`` has at most the first 100 faults; ``more_errors`` counts those that it leaves out, and is absent
    when it has all of them.
    """

    type: Annotated[str, Field(description="`urn:edgeflow:problem:` and the code")]
    title: Annotated[str, Field(description="The code as a sentence")]
    status: Annotated[int, Field(description="That of the answer")]
    code: Annotated[Code, Field(description="What a program goes by")]
    detail: Annotated[str, Field(description="What is wrong, and what to do")]
    errors: Annotated[list[ProblemFault], Field(description="Every fault, up to the first 100")] = []
    more_errors: Annotated[
        int | None,
        Field(description="How many there are beyond those; absent when there are none"),
    ] = None
    request_id: Annotated[str | None, Field(description="Finds the request in the logs")] = None


def faults_of(error: ValidationError, model: type[BaseModel]) -> Iterator[ProblemFault]:
    """Yield every fault that pydantic found in a document that should be a ``model``, in its order."""
    for entry in error.errors(include_url=False, include_input=False):
        location, around = _place(model, entry["loc"])
        if entry["type"] == "extra_forbidden":
            detail = _unknown_key(around)
        else:
            detail = sentence_of(entry["type"], entry.get("ctx", {}))
        yield ProblemFault(pointer=pointer_to(location), detail=detail)


def pointer_to(location: Location) -> str:
    """Return the RFC 6901 JSON pointer to a place in a document; of a long key the beginning and an ellipsis."""
    return "".join("/" + shortened(str(part)).replace("~", "~0").replace("/", "~1") for part in location)


def _place(model: type[BaseModel], location: tuple[int | str, ...]) -> tuple[tuple[int | str, ...], Any]:
    """Return where in the document pydantic's location is, and the annotation of what holds that place.

    Pydantic names the kind that it took a member of a union for between the place and what is in it, and says of a key
    that it is one; the document has nothing there.
    """
    at: Any = model
    around: Any = model
    place: list[int | str] = []
    for part in location:
        kind = _kind(at, part)
        if kind is not None:
            at = around = kind
            continue
        if isinstance(part, str) and (not _has_entries(at) or (part == _KEY and get_origin(around) is dict)):
            continue
        place.append(part)
        around, at = at, _entry(at, part)
    return tuple(place), around


def _kind(annotation: Any, name: int | str) -> type[BaseModel] | None:  # noqa: ANN401  annotations are of any kind
    """Return the model that this name tells from others, by a key such as ``type``, where there are several."""
    models = list(_models(annotation))
    if len(models) == 1:
        return None
    for model in models:
        if any(get_args(field.annotation) == (name,) for field in model.model_fields.values()):
            return model
    return None


def _unknown_key(annotation: Any) -> str:  # noqa: ANN401  annotations are of any kind
    return unknown_key(
        [field.alias or name for found in _models(annotation) for name, field in found.model_fields.items()]
    )


def _entry(annotation: Any, part: int | str) -> Any:  # noqa: ANN401  annotations are of any kind
    """The annotation of what is at ``part`` inside a value so annotated."""
    if get_origin(annotation) is dict:
        return get_args(annotation)[1]
    if isinstance(part, str):
        for model in _models(annotation):
            for name, field in model.model_fields.items():
                if part == (field.alias or name):
                    return field.annotation
        return None
    return annotation


def _has_entries(annotation: Any) -> bool:  # noqa: ANN401  annotations are of any kind
    """Tell whether a value so annotated can be an object, whose keys have names."""
    if any(True for _ in _models(annotation)):
        return True
    return get_origin(annotation) is dict or any(map(_has_entries, get_args(annotation)))


def _models(annotation: Any) -> Iterator[type[BaseModel]]:  # noqa: ANN401  annotations are of any kind
    """Every model in an annotation, also inside lists and unions."""
    if isinstance(annotation, type) and get_origin(annotation) is None and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)
