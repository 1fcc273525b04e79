"""Reading bodies: what is too much is found first, then every fault at once, and no work is done twice for one body."""

import json
from dataclasses import dataclass
from itertools import islice
from typing import Final, TypeVar

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent
from pydantic import BaseModel, ValidationError

from api.media_types import check_media_type
from api.problems import BodyTooLarge, MalformedRequest
from edgeflow.contract.flow import MAX_ARTIFACT_BYTES
from edgeflow.contract.json_values import MAX_DEPTH, NOT_FINITE, number_faults, read_json, survey
from edgeflow.contract.rest.outline import cut_to_size
from edgeflow.contract.rest.problem import MAX_FAULTS_TOLD, faults_of, pointer_to
from edgeflow.domain.errors import Fault, InvalidRequest

MAX_BODY_BYTES: Final = 2 * 1024 * 1024  # 10,000 device ids of 128 characters fit
MAX_VALUES: Final = MAX_ARTIFACT_BYTES + 32_768
"""Commas and opening brackets of a body, those in texts too: each value has one of its own. A definition of the
greatest size has no more of them than bytes, and the 10,000 devices of a deployment fewer."""

_Model = TypeVar("_Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Body:
    """A request's JSON. Its text is kept: JSON is read more strictly than what Python makes of it."""

    text: str | None
    """None: the document was made here, not sent."""
    document: object
    faults: tuple[Fault, ...] = ()
    """The first numbers in it that can be read, but not by every reader of JSON."""
    more: int = 0
    """How many more such numbers there are."""

    def read_as(self, model: type[_Model]) -> _Model:
        """Return the body as a ``model``, read strictly: no type is guessed from another. Call it once.

        Raises:
            InvalidRequest: it is not what the model says; all faults are counted, the first of them listed.
        """
        found, more = cut_to_size(self.document, model, most=MAX_FAULTS_TOLD)
        cut = [Fault(pointer_to(place), sentence) for place, sentence in found]
        text = json.dumps(self.document) if cut or self.text is None else self.text
        try:
            read = model.model_validate_json(text, strict=True)
        except ValidationError as error:
            refused = refusal(error, model)
            places = {fault.pointer for fault in refused.faults}
            numbers = [fault for fault in self.faults if fault.pointer not in places]
            raise InvalidRequest([*cut, *refused.faults, *numbers], more=more + refused.more + self.more) from None
        if cut or self.faults:
            raise InvalidRequest([*cut, *self.faults], more=more + self.more)
        return read


def read_body(event: APIGatewayProxyEvent, model: type[_Model]) -> _Model:
    """Return the request's JSON body as a ``model``. Raises as ``read_json_body`` and ``Body.read_as``."""
    return read_json_body(event).read_as(model)


def read_optional_body(event: APIGatewayProxyEvent, model: type[_Model]) -> _Model:
    """Return the request's JSON body as a ``model`` that has a default for everything. Raises as ``read_body``."""
    return read_body(event, model) if (event.body or "").strip() else model()


def read_json_body(event: APIGatewayProxyEvent, *, also: str | None = None) -> Body:
    """Return the request's body, which is JSON that can be stored and written again.

    ``also`` is another type of JSON that the body may be said to be.

    Raises:
        BodyTooLarge: it has more than ``MAX_BODY_BYTES`` bytes.
        UnsupportedMediaType: it is said to be something other than JSON.
        MalformedRequest: it is no JSON, is nested too deep, or holds a number or a text that cannot be kept.
    """
    text = read_text(event)
    check_media_type(event, *([also] if also else []))
    return read_json_text(text)


def read_json_text(text: str) -> Body:
    """Return what a text is, which is JSON that can be stored and written again. Raises MalformedRequest."""
    try:
        document = read_json(text, each_key_once=True)
        found = survey(document)
    except ValueError as error:
        message = f"the body is not JSON: {error}"
        raise MalformedRequest(message) from error
    except RecursionError:
        raise _too_deep() from None
    if found.too_deep:
        raise _too_deep()
    if found.has_half_pairs:
        message = "the body holds half of a surrogate pair; write such characters whole"
        raise MalformedRequest(message)
    return Body(text, document, *(_checked_numbers(document) if found.has_odd_numbers else ()))


def refusal(error: ValidationError, model: type[BaseModel]) -> InvalidRequest:
    """Return what tells of a validator's faults: of the first of them, and how many more there are."""
    told = [Fault(fault.pointer, fault.detail) for fault in islice(faults_of(error, model), MAX_FAULTS_TOLD)]
    return InvalidRequest(told, more=error.error_count() - len(told))


def read_text(event: APIGatewayProxyEvent) -> str:
    """Return the text of a request's body, which is not empty. Raises BodyTooLarge, MalformedRequest."""
    try:
        text = event.decoded_body or ""
    except ValueError as error:
        message = "the body is not UTF-8"
        raise MalformedRequest(message) from error
    if len(text.encode(errors="surrogatepass")) > MAX_BODY_BYTES:
        message = f"the body has more than {MAX_BODY_BYTES} bytes"
        raise BodyTooLarge(message)
    if sum(map(text.count, ",[{")) > MAX_VALUES:
        message = f"the body holds more than {MAX_VALUES} values"
        raise BodyTooLarge(message)
    if not text.strip():
        message = "a JSON body is required"
        raise MalformedRequest(message)
    return text


def _too_deep() -> MalformedRequest:
    return MalformedRequest(f"the body is nested deeper than {MAX_DEPTH} levels")


def _checked_numbers(document: object) -> tuple[tuple[Fault, ...], int]:
    """Return the first whole numbers that not every JSON reader keeps, and how many more there are.

    Raises:
        MalformedRequest: there are numbers that no JSON reader keeps.
    """
    found = list(number_faults(document))
    beyond = [place for place, sentence in found if sentence == NOT_FINITE]
    if beyond:
        faults = [Fault(pointer_to(place), NOT_FINITE) for place in beyond[:MAX_FAULTS_TOLD]]
        message = f"the body is not JSON that can be kept: {faults[0].pointer}: {NOT_FINITE}"
        raise MalformedRequest(message, faults, more=len(beyond) - len(faults))
    told = tuple(Fault(pointer_to(place), sentence) for place, sentence in found[:MAX_FAULTS_TOLD])
    return told, len(found) - len(told)
