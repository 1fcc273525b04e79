"""Which content a body may be said to be: JSON, in UTF-8 and not compressed."""

from collections.abc import Collection
from typing import Final

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent

from api.headers import values_of
from api.operations.operation import JSON
from api.problems import UnsupportedMediaType
from edgeflow.contract.echo import quoted

_UTF_8: Final = frozenset({"utf-8", "utf8"})


def is_said_to_be(event: APIGatewayProxyEvent, kinds: Collection[str]) -> bool:
    """Tell whether a body is said to be one of these types."""
    stated = (header.partition(";")[0].strip().lower() for header in values_of(event, "Content-Type"))
    return any(kind in kinds for kind in stated)


def check_media_type(event: APIGatewayProxyEvent, *others: str) -> None:
    """Refuse a body that is said to be something other than JSON; one of which nothing is said is taken for JSON.

    ``others`` are types that it may be said to be as well.

    Raises:
        UnsupportedMediaType: the message says which types are taken.
    """
    for header in values_of(event, "Content-Type"):
        kind, *parameters = (part.strip() for part in header.split(";"))
        if kind and kind.lower() not in {JSON, *others}:
            taken = " or ".join((JSON, *others))
            message = f"a body of type {quoted(kind)} is not taken; send JSON, as {taken}"
            raise UnsupportedMediaType(message)
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip().lower() == "charset" and value.strip().strip('"').lower() not in _UTF_8:
                message = f"the charset {quoted(value.strip())} is not taken; send JSON in UTF-8"
                raise UnsupportedMediaType(message)
    for header in values_of(event, "Content-Encoding"):
        if header.strip().lower() not in {"", "identity"}:
            message = f"a body encoded as {quoted(header.strip())} is not taken; send it without a Content-Encoding"
            raise UnsupportedMediaType(message)
