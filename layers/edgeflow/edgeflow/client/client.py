"""The client itself: one session, and a part for each kind of thing."""

from types import TracebackType
from typing import Self

import httpx

from edgeflow.client.checks import Checks
from edgeflow.client.deployments import Deployments
from edgeflow.client.devices import Devices
from edgeflow.client.flows import Flows
from edgeflow.client.retries import Retries
from edgeflow.client.session import TIMEOUT, Session


class Client:
    """A client of one stack's API. Use it as a context, or ``close`` it.

    ``base_url`` is the stack's output ``ApiUrl``; ``auth`` a :class:`~edgeflow.client.BearerToken` or
    :class:`~edgeflow.client.ClientCredentials`. Every method can raise what edgeflow.client.errors lists.
    """

    def __init__(
        self,
        base_url: str,
        auth: httpx.Auth,
        *,
        timeout: httpx.Timeout | float = TIMEOUT,
        retries: Retries | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Connect with the first request; ``transport`` is httpx's own where none is given."""
        self._session = Session(base_url, auth, timeout=timeout, retries=retries, transport=transport)
        self.flows = Flows(self._session)
        self.deployments = Deployments(self._session)
        self.devices = Devices(self._session)
        self.checks = Checks(self._session)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._session.close()
