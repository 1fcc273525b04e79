"""``http_request``: asks an address on the network for each message, and sends on the answer."""

import asyncio
import functools
import http
import json
import urllib.parse
import urllib.request
from typing import Final

from pydantic import JsonValue

from edge_agent.flows.builtin.deadline import Deadline
from edge_agent.flows.builtin.http_opener import HttpOpener, NoAnswer
from edge_agent.flows.builtin.nodes.base import (
    GIVE_UP_SECONDS,
    AsyncNode,
    Emit,
    NodeEnvironment,
    NodeError,
    Outcome,
    Schedule,
)
from edge_agent.flows.builtin.threads import in_thread
from edge_agent.flows.language.messages import Message
from edgeflow.contract.nodes.http_request import (
    BODY_METHODS,
    MAX_ANSWER_BYTES,
    READS,
    HttpRequestKind,
    HttpRequestSettings,
)

_PAYLOAD_IN_URL: Final = "{payload}"


class HttpRequestNode(HttpRequestKind, AsyncNode[HttpRequestSettings]):
    """Sends the answer's body at port 0, with its ``status`` in the metadata. A status from 300 on is a fault.

    ``{payload}`` in the address stands for the message's payload, quoted. With POST, PUT and PATCH the payload is the
    body, as JSON. A version that stands by makes GET and HEAD requests only, for others would act on the world.
    """

    def __init__(self, settings: HttpRequestSettings, environment: NodeEnvironment) -> None:
        super().__init__(settings, environment)
        self._emit: Emit | None = None
        self._opener = HttpOpener(allow_loopback=environment.context.allow_loopback)

    @property
    def concurrency(self) -> int:
        """See the base."""
        return self.settings.concurrency

    @property
    def timeout_seconds(self) -> float:
        """See the base; the request's own time-out comes before, with a sentence of its own."""
        return self.settings.timeout.total_seconds() + GIVE_UP_SECONDS

    def start(self, emit: Emit, schedule: Schedule) -> None:  # noqa: ARG002  it has no timer
        """Remember where answers go."""
        self._emit = emit

    async def handle(self, message: Message) -> Outcome:
        """Make one request and send on its answer.

        Raises:
            NodeError: no whole answer in time, one that is too long, not of the format, or of a status from 300 on.
        """
        settings = self.settings
        if self._emit is None or (settings.method not in READS and self.environment.context.muted()):
            return Outcome.NOT_YET
        limit = settings.timeout.total_seconds()
        deadline = Deadline(limit)
        try:
            request = self._request(message.payload)
            ask = functools.partial(self._opener.ask, request, deadline, read=MAX_ANSWER_BYTES + 1)
            async with asyncio.timeout(limit):
                status, body = await in_thread(ask)
        except TimeoutError as error:
            text = f"{settings.method} {settings.url} got no whole answer within {limit:g} s."
            raise NodeError(text) from error
        except (NoAnswer, ValueError) as error:
            text = f"{settings.method} {settings.url} got no answer: {error}"
            raise NodeError(text) from error
        if len(body) > MAX_ANSWER_BYTES:
            text = f"{settings.method} {settings.url} answers with more than {MAX_ANSWER_BYTES} bytes."
            raise NodeError(text)
        if status >= http.HTTPStatus.MULTIPLE_CHOICES:  # redirects were followed, where they could be
            text = f"{settings.method} {settings.url} answers with HTTP {status}."
            raise NodeError(text)
        metadata = {**message.metadata, "status": str(status)}
        self._emit(Message(payload=self._read(body), source=self.environment.node_id, metadata=metadata))
        return Outcome.DONE

    def _request(self, payload: JsonValue) -> urllib.request.Request:
        written = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
        in_url = payload if isinstance(payload, str) else written
        url = self.settings.url.replace(_PAYLOAD_IN_URL, urllib.parse.quote(in_url, safe=""))
        has_body = self.settings.method in BODY_METHODS
        headers = {"Content-Type": "application/json"} if has_body else {}
        return urllib.request.Request(  # noqa: S310  the settings let HTTP(S) through
            url,
            data=written.encode(errors="replace") if has_body else None,
            headers=headers | self.settings.all_headers(),
            method=self.settings.method,
        )

    def _read(self, body: bytes) -> JsonValue:
        text = body.decode(errors="replace")
        if self.settings.format == "text" or not text:
            return text
        try:
            payload: JsonValue = json.loads(text)
        except (ValueError, RecursionError):
            message = f"{self.settings.method} {self.settings.url} answers with something that is not JSON."
            raise NodeError(message) from None
        return payload
