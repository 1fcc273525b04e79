"""Clients of AWS services, from the caller's own credentials."""

from collections.abc import Callable
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from operations.errors import Refused

Clients = Callable[[str], Any]
"""Gives the client of a service by boto3's name for it."""

_CONFIG: Final = Config(retries={"mode": "standard", "max_attempts": 10}, connect_timeout=5, read_timeout=60)


def clients_of(region: str | None) -> Clients:
    """Return clients for a region; for the caller's own when none is named.

    Raises:
        Refused: no region is named anywhere.
    """
    session = boto3.Session(region_name=region)
    if session.region_name is None:
        message = "No region is set. Say REGION=… or set AWS_DEFAULT_REGION."
        raise Refused(message)
    kept: dict[str, Any] = {}

    def client(service: str) -> Any:  # noqa: ANN401  a client of any service
        if service not in kept:
            kept[service] = session.client(service, config=_CONFIG)  # type: ignore[call-overload]  # stubs know literals
        return kept[service]

    return client


def code_of(error: ClientError) -> str:
    """Return the code by which AWS names an error."""
    return error.response["Error"]["Code"]
