"""One connection to the API: sends requests, tries again what may be tried again, and reads answers by their models."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeVar
from urllib.parse import quote
from uuid import uuid4

import httpx
from pydantic import BaseModel, ValidationError

from edgeflow.client.addresses import check_address
from edgeflow.client.errors import EdgeFlowError, InvalidArgument, Unreachable, UnreadableAnswer, api_error
from edgeflow.client.retries import (
    IDEMPOTENCY_KEY,
    Retries,
    is_worth_another_try,
    may_be_repeated,
    retry_after,
    was_never_sent,
)
from edgeflow.contract.rest.paging import MAX_LIMIT, PageQuery
from edgeflow.contract.rest.problem import faults_of

TIMEOUT: Final = httpx.Timeout(40, connect=10)
"""Seconds. API Gateway itself gives up after 29."""

Model = TypeVar("Model", bound=BaseModel)


class Session:
    """What the parts of :class:`edgeflow.client.Client` share."""

    def __init__(
        self,
        base_url: str,
        auth: httpx.Auth,
        *,
        timeout: httpx.Timeout | float = TIMEOUT,
        retries: Retries | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Talk to the API at ``base_url``, which ends in ``/api/v1``.

        Raises:
            InvalidArgument: it is no address, or one that would send the token unencrypted over a network.
        """
        check_address(base_url, "an API: give the stack's output ApiUrl, https://…/api/v1")
        self.retries = retries or Retries()
        self._http = httpx.Client(base_url=base_url, auth=auth, timeout=timeout, transport=transport)

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def get(self, path: str, model: type[Model]) -> Model:
        """Read what is at ``path``."""
        return read(self.send("GET", path), model)

    def pages(self, path: str, model: type[Model], query: PageQuery | None = None) -> Iterator[Model]:
        """Yield one page of a list after the other, each of as many entries as a page may have."""
        asked = query or PageQuery()
        given = {"limit": MAX_LIMIT, **asked.model_dump(mode="json", exclude_unset=True, exclude_none=True)}
        while True:
            answer = self.send("GET", path, query=given)
            yield read(answer, model)
            cursor = read(answer, _Cursor).next_cursor
            if cursor is None:
                return
            given["cursor"] = cursor

    def post(
        self,
        path: str,
        model: type[Model],
        body: BaseModel | None = None,
        *,
        etag: str | None = None,
        idempotency_key: str | None = None,
    ) -> Model:
        """Do something once, however often it has to be sent: the key is made here where none is given."""
        headers = {IDEMPOTENCY_KEY: idempotency_key or str(uuid4()), **if_match(etag)}
        return read(self.send("POST", path, body=None if body is None else written(body), headers=headers), model)

    def send(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        content: bytes | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Send a request, and again where that is safe; returns the first answer that is not an error.

        ``body`` is sent as JSON, ``content`` as it is.

        GET, and POST with an idempotency key, are sent again when an answer is lost or is 429, 502, 503 or 504; others
        only where they were not carried out for certain.

        Raises:
            ApiError: the answer is an error.
            SignInRefused: there is no token.
            Unreachable: no answer came.
        """
        request = self._http.build_request(method, path, json=body, content=content, params=query, headers=headers)
        for number in range(2, self.retries.tries + 2):
            try:
                answer = self._http.send(request)
            except httpx.TransportError as error:
                can_repeat = was_never_sent(error) or may_be_repeated(request)
                if not (can_repeat and self.retries.wait_before(number, None)):
                    raise self._unreachable(error) from error
                continue
            if not answer.is_error:
                return answer
            asked_to_wait = retry_after(answer)
            if not (is_worth_another_try(request, answer) and self.retries.wait_before(number, asked_to_wait)):
                raise api_error(answer, asked_to_wait)
        raise AssertionError  # the last try returned or raised

    def _unreachable(self, error: httpx.TransportError) -> EdgeFlowError:
        told = str(error) or type(error).__name__
        return Unreachable(f"no answer from {self._http.base_url}: {told}; see that the address is right and try again")


class _Cursor(BaseModel):
    next_cursor: str | None


def read(answer: httpx.Response, model: type[Model]) -> Model:
    """Return an answer's body. Raises UnreadableAnswer."""
    return read_document(answer.content, model)


def read_document(content: bytes, model: type[Model]) -> Model:
    """Return a JSON document as a ``model``. Raises UnreadableAnswer."""
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = "/".join(map(str, first["loc"]))
        message = (
            f"the answer is no {model.__name__} that this release of edgeflow can read ({place}: {first['msg']}): "
            "install the release that the stack has, and see that the address is EdgeFlow's"
        )
        raise UnreadableAnswer(message) from None


def written(body: BaseModel) -> Any:  # noqa: ANN401  JSON can be anything
    """Return a request's body as JSON, without what nobody set: the API's own defaults hold for that."""
    return body.model_dump(mode="json", exclude_unset=True)


def checked(model: type[Model], document: object) -> Model:
    """Return a document as a request's model, read as strictly as the API reads it.

    Raises:
        InvalidArgument: it breaks a rule; every fault is named.
    """
    try:
        return model.model_validate_json(json.dumps(document), strict=True)
    except ValidationError as error:
        faults = [f"{fault.pointer or 'the document'}: {fault.detail}" for fault in faults_of(error, model)]
        raise InvalidArgument("; ".join(faults)) from None


def if_match(etag: str | None) -> dict[str, str]:
    """Return the header that lets a request act only on what was read, or none."""
    return {} if etag is None else {"If-Match": etag}


def path_of(*parts: str | int) -> str:
    """Return the path of these parts, each of which stays one part whatever it holds.

    Raises:
        InvalidArgument: a part is empty, or only dots, and so would name another path.
    """
    for part in parts:
        if not str(part).strip("."):
            message = f"{str(part)!r} is no id"
            raise InvalidArgument(message)
    return "/" + "/".join(quote(str(part), safe=":") for part in parts)
