"""The client over the API's own handler: nothing of what one says to the other is made up."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from edgeflow.client import BearerToken, Client, Retries
from tests.support.handler_transport import URL, HandlerTransport
from tests.support.rest import Rest
from tests.unit.api.conftest import flow_id, machines, remembered, rest

__all__ = ["flow_id", "machines", "remembered", "rest"]


@dataclass
class Sleeper:
    """Time that passes only when somebody waits for it, in seconds."""

    at: float = 0.0
    waits: list[float] = field(default_factory=list)

    def __call__(self, seconds: float) -> None:
        """Let time pass at once."""
        self.waits.append(seconds)
        self.at += seconds

    def now(self) -> float:
        """Return the time."""
        return self.at


@pytest.fixture
def sleeper() -> Sleeper:
    """How long was waited."""
    return Sleeper()


@pytest.fixture
def transport(rest: Rest) -> HandlerTransport:
    """The way to the API."""
    return HandlerTransport(rest)


@pytest.fixture
def client(transport: HandlerTransport, sleeper: Sleeper) -> Iterator[Client]:
    """A client whose waits take no time, and are the longest ones drawn."""
    retries = Retries(sleep=sleeper, draw=lambda _, most: most)
    with Client(URL, BearerToken("token"), retries=retries, transport=transport) as made:
        yield made
