"""Which operation of which AWS service an HTTP request is: read from the request alone, by botocore's own models."""

import functools
import json
import re
from dataclasses import dataclass
from email.message import Message
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import botocore.session

_MODELS: Final = {"states": "stepfunctions"}
"""Services whose model has another name than the one they sign with."""
_SIGNED_FOR: Final = re.compile(r"[^/]+/\d{8}/[^/]+/([^/]+)/aws4_request")
_VARIABLE: Final = re.compile(r"\\{[^}]+?(\\\+)?\\}")
_APP: Final = re.compile(r"(?:^| )app/(\S+)")


@dataclass(frozen=True)
class Call:
    """One call of an AWS API.

    ``service`` is the name that the request is signed for, such as ``iot``, ``dynamodb`` or ``states``; empty for a
    request that is not signed. ``caller`` is the application id of the caller's SDK (``AWS_SDK_UA_APP_ID``), empty when
    it has none. ``address`` is the caller's end of the connection. ``at`` is in seconds of the monotonic clock.
    """

    service: str
    operation: str
    caller: str
    method: str
    target: str
    body: bytes
    address: tuple[str, int]
    at: float

    @property
    def name(self) -> str:
        """Service and operation, such as ``iot:CreateJob``."""
        return f"{self.service}:{self.operation}"

    def parameters(self) -> dict[str, Any]:
        """Return the body, which must be JSON; empty when there is none."""
        return dict(json.loads(self.body)) if self.body else {}


@dataclass(frozen=True)
class _Shape:
    """How a REST operation looks on the wire. ``needs`` are the query's keys and the headers it cannot be without."""

    operation: str
    method: str
    path: re.Pattern[str]
    needs: frozenset[str]
    literal: int


def application(headers: Message) -> str:
    """Return the application id that the caller's SDK was given; empty for none."""
    found = _APP.search(headers.get("User-Agent", ""))
    return found.group(1) if found else ""


def recognise(method: str, target: str, headers: Message, body: bytes) -> tuple[str, str]:
    """Return service and operation of a request; the operation is ``GET /path`` and the like where no model tells."""
    parts = urlsplit(target)
    query = parse_qs(parts.query, keep_blank_values=True)
    credential = headers.get("Authorization", "") or " ".join(query.get("X-Amz-Credential", []))
    signed = _SIGNED_FOR.search(credential)
    service = signed.group(1) if signed else ""
    if "X-Amz-Target" in headers:
        return service, headers["X-Amz-Target"].rpartition(".")[2]
    if headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
        action = parse_qs(body.decode(errors="replace")).get("Action")
        if action:
            return service, action[0]
    present = {*query, *(name.lower() for name in headers)}
    fitting = [
        shape
        for shape in _shapes(service)
        if shape.method == method and shape.needs <= present and shape.path.fullmatch(parts.path)
    ]
    if not fitting:
        return service, f"{method} {parts.path}"
    return service, max(fitting, key=lambda shape: (len(shape.needs), shape.literal)).operation


@functools.cache
def _shapes(service: str) -> tuple[_Shape, ...]:
    session = botocore.session.get_session()
    name = _MODELS.get(service, service)
    if name not in session.get_available_services():
        return ()
    model = session.get_service_model(name)
    return tuple(_shape(model.operation_model(operation)) for operation in model.operation_names)


def _shape(model: Any) -> _Shape:  # noqa: ANN401  botocore has no types
    uri = urlsplit(model.http.get("requestUri", "/"))
    needs = set(parse_qs(uri.query, keep_blank_values=True))
    if model.input_shape is not None:
        members = model.input_shape.members
        for required in model.input_shape.required_members:
            place = members[required].serialization
            if place.get("location") in {"querystring", "header"}:
                needs.add(place["name"] if place["location"] == "querystring" else place["name"].lower())
    path = _VARIABLE.sub(lambda found: ".+" if found.group(1) else "[^/]+", re.escape(uri.path))
    literal = len(re.sub(r"{[^}]+}", "", uri.path))
    return _Shape(model.name, model.http.get("method", "POST"), re.compile(path), frozenset(needs), literal)
