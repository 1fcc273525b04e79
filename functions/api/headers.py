"""Reading headers, also those that came more than once."""

from typing import Final

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent

from edgeflow.domain.errors import Fault, InvalidRequest

IDEMPOTENCY_KEY: Final = "Idempotency-Key"


def values_of(event: APIGatewayProxyEvent, name: str) -> list[str]:
    """Return each value that came under a header's name, in order; none when it did not come."""
    values = event.multi_value_headers.get(name)
    if values:
        return values
    value = event.headers.get(name)
    return [] if value is None else [value]


def joined(event: APIGatewayProxyEvent, name: str) -> str | None:
    """Return a header whose value is a list: several of its name are one list, as RFC 9110 has it. None: not sent."""
    values = values_of(event, name)
    return ",".join(values) if values else None


def only(event: APIGatewayProxyEvent, name: str) -> str | None:
    """Return a header that comes once, or None. Raises InvalidRequest when it came more than once."""
    values = values_of(event, name)
    if len(values) > 1:
        raise InvalidRequest([Fault(name, "given more than once")])
    return values[0] if values else None
