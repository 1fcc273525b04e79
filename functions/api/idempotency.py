"""``Idempotency-Key``: a request that comes again with its key gets the first answer, and does nothing.

Keys live for a day in the one table, apart for each path and caller. What was answered is kept, but
never a secret: a private key is in the first answer only.
"""

import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final
from urllib.parse import unquote

import boto3
from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyInconsistentStateError,
    IdempotencyInvalidStatusError,
    IdempotencyPersistenceLayerError,
)
from aws_lambda_powertools.utilities.typing import LambdaContext

from api.answers import Answer, respond
from api.headers import IDEMPOTENCY_KEY, joined, only
from api.paths import BASE_PATH
from api.requests import caller_scope
from edgeflow.adapters.readable import set_aside
from edgeflow.domain.errors import CannotBeRead, Fault, InvalidRequest
from edgeflow.domain.unreadable import Kind, Unreadable
from edgeflow.settings import setting

REPLAYED: Final = "Idempotency-Replayed"
MAX_KEY_LENGTH: Final = 255
KEPT_SECONDS: Final = 24 * 60 * 60
PARTITION: Final = "IDEMPOTENCY"
EXPIRES_AT: Final = "expires_at"
"""The table's time-to-live attribute."""


_UNREADABLE: Final = (
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
    zlib.error,
    IdempotencyInconsistentStateError,
    IdempotencyInvalidStatusError,
)
"""What reading a damaged record comes to, in the library and here, as long as the operation has not begun."""


@dataclass
class _Once:
    """Whether the operation ran now, and the answer it gave, secrets included."""

    answer: Answer | None = field(default=None)
    begun: bool = False


def once(event: APIGatewayProxyEvent, context: LambdaContext, operation: Callable[[], Answer]) -> Response[str]:
    """Answer by doing ``operation``, or, when this key was answered before, by saying the same again.

    Raises:
        InvalidRequest: the key is empty or too long.
        IdempotencyValidationError: the key came with another body, or another ``If-Match``, before.
        IdempotencyAlreadyInProgressError: the first request with the key is not answered yet.
        CannotBeRead: what was kept for this key is damaged, so nobody can tell what the first request came to.
    """
    key = only(event, IDEMPOTENCY_KEY)
    if key is None:
        return respond(operation())
    if not 1 <= len(key.strip()) <= MAX_KEY_LENGTH:
        raise InvalidRequest([Fault(IDEMPOTENCY_KEY, f"must have 1 to {MAX_KEY_LENGTH} characters")])
    if not (key.isascii() and key.isprintable()):
        raise InvalidRequest(
            [Fault(IDEMPOTENCY_KEY, "must have printable ASCII characters only, such as those of a UUID")]
        )
    first = _Once()

    def run(*, request: dict[str, str]) -> dict[str, Any]:  # noqa: ARG001  read by the decorator
        first.begun = True
        first.answer = operation()
        return first.answer.kept()

    config = IdempotencyConfig(
        event_key_jmespath="key",
        payload_validation_jmespath="[body, if_match]",
        raise_on_no_idempotency_key=True,
        expires_after_seconds=KEPT_SECONDS,
        hash_function="sha256",
        lambda_context=context,
    )
    decorated = idempotent_function(
        run, data_keyword_argument="request", config=config, persistence_store=_store(), key_prefix=event.http_method
    )
    request = {
        # The whole path: the same key on the retry of another deployment is another request.
        "key": json.dumps([caller_scope(event), _plain_path(event), key.strip()]),
        "body": _same_form(event.decoded_body or ""),
        "if_match": joined(event, "If-Match") or "",
    }
    try:
        kept = decorated(request=request)
        if first.answer is not None:
            return respond(first.answer)
        replayed = Answer.from_kept(kept)
    except IdempotencyPersistenceLayerError as error:
        if first.begun or not isinstance(error.__cause__, _UNREADABLE):
            raise
        raise _cannot_be_read(key, error.__cause__) from error
    except _UNREADABLE as error:
        if first.begun:
            raise
        raise _cannot_be_read(key, error) from error
    return respond(replayed, headers={REPLAYED: "true"})


def _cannot_be_read(key: str, error: BaseException) -> CannotBeRead:
    fault = f"{type(error).__name__} in the record that was kept"
    return CannotBeRead(set_aside(Unreadable(kind=Kind.KEPT_ANSWER, id=key[:MAX_KEY_LENGTH], of="", fault=fault)))


def _plain_path(event: APIGatewayProxyEvent) -> str:
    """Return the path as the routes name it, however it was escaped and wherever the API is mounted."""
    return unquote(event.path.removeprefix(BASE_PATH))


def _same_form(body: str) -> str:
    """Return one text for all ways to write the same JSON: keys in any order, any white space."""
    try:
        return json.dumps(json.loads(body), sort_keys=True)
    except (ValueError, RecursionError):  # routes that read a body have refused this one; of others it says nothing
        return body


def _store() -> DynamoDBPersistenceLayer:
    # Made for each request: a persistence layer keeps the first configuration it is given.
    return DynamoDBPersistenceLayer(
        table_name=setting("TABLE_NAME"),
        key_attr="pk",
        sort_key_attr="sk",
        static_pk_value=PARTITION,
        expiry_attr=EXPIRES_AT,
        boto3_client=_client(),
    )


@cache
def _client() -> Any:  # noqa: ANN401  powertools types it by stubs of another project
    return boto3.client("dynamodb")
