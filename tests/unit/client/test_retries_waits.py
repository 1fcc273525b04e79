"""Which answers are worth another try, and how long is waited before it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from edgeflow.client import ApiError, Client
from edgeflow.client.retries import retry_after
from edgeflow.contract.rest.flows import CreateFlow
from tests.support.handler_transport import HandlerTransport
from tests.unit.client.conftest import Sleeper

FLOW = CreateFlow(name="A flow")


def _answers(*statuses: int, **headers: str) -> Callable[[httpx.Request], httpx.Response | None]:
    """Answer so first, and then let requests through."""
    left = list(statuses)
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda request: httpx.Response(left.pop(0), headers=given, request=request) if left else None


@pytest.fixture
def transport() -> HandlerTransport:
    """The way to an API that has nothing."""
    return HandlerTransport(None)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_what_passes_is_tried_again_after_waits_that_double(
    client: Client, transport: HandlerTransport, sleeper: Sleeper, status: int
) -> None:
    transport.on_way = _answers(status, status, status)
    assert list(client.flows.list()) == []
    assert sleeper.waits == [0.5, 1, 2]


def test_the_last_try_says_what_the_api_said(client: Client, transport: HandlerTransport, sleeper: Sleeper) -> None:
    transport.on_way = _answers(*[503] * 9)
    with pytest.raises(ApiError) as failed:
        list(client.flows.list())
    assert failed.value.status == 503
    assert len(transport.requests) == 5
    assert len(sleeper.waits) == 4


def test_retry_after_is_waited_out(client: Client, transport: HandlerTransport, sleeper: Sleeper) -> None:
    transport.on_way = _answers(503, Retry_After="7")
    assert list(client.flows.list()) == []
    assert sleeper.waits == [7.5]


def test_nobody_waits_an_hour(client: Client, transport: HandlerTransport, sleeper: Sleeper) -> None:
    transport.on_way = _answers(503, Retry_After="3600")
    with pytest.raises(ApiError) as failed:
        list(client.flows.list())
    assert failed.value.retry_after == 3600
    assert sleeper.waits == []


@pytest.mark.parametrize("status", [400, 401, 403, 500])
def test_what_does_not_pass_is_not_tried_again(client: Client, transport: HandlerTransport, status: int) -> None:
    transport.on_way = _answers(status)
    with pytest.raises(ApiError):
        list(client.flows.list())
    assert len(transport.requests) == 1


def test_retry_after_is_a_number_or_a_date() -> None:
    def told(value: str) -> float | None:
        return retry_after(httpx.Response(503, headers={"Retry-After": value}))

    assert told("12") == 12
    later = told(format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True))
    assert later is not None
    assert 80 < later <= 90
    assert told("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert told("soon") is None
    assert retry_after(httpx.Response(503)) is None
