"""Addresses that secrets and tokens are sent to."""

from typing import Final

import httpx

from edgeflow.client.errors import InvalidArgument

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def check_address(url: str, what: str) -> None:
    """See that a secret can be sent there; ``what`` goes on after "is no address of".

    Raises:
        InvalidArgument: it is no address, or one that would send secrets unencrypted over a network.
    """
    try:
        address = httpx.URL(url)
    except httpx.InvalidURL:
        address = httpx.URL()
    if address.scheme not in {"http", "https"} or not address.host:
        message = f"{url!r} is no address of {what}"
        raise InvalidArgument(message)
    if address.scheme == "http" and address.host not in _LOOPBACK:
        message = f"{url} would send secrets and tokens unencrypted: use https"
        raise InvalidArgument(message)
