"""What is sent again, when, and that nothing is done twice by it."""

from collections.abc import Callable

import httpx
import pytest

from edgeflow.client import Client, Unreachable
from edgeflow.contract.rest.flows import CreateFlow
from tests.support.handler_transport import HandlerTransport
from tests.unit.client.conftest import Sleeper

FLOW = CreateFlow(name="A flow")


def _answers(*statuses: int, **headers: str) -> Callable[[httpx.Request], httpx.Response | None]:
    """Answer so first, and then let requests through."""
    left = list(statuses)
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda request: httpx.Response(left.pop(0), headers=given, request=request) if left else None


def _raises(error: type[httpx.TransportError], times: int) -> Callable[[httpx.Request], None]:
    left = [None] * times

    def fail(request: httpx.Request) -> None:
        if left:
            left.pop()
            message = "down"
            raise error(message, request=request)

    return fail


def test_a_post_whose_answer_was_lost_is_done_once(client: Client, transport: HandlerTransport) -> None:
    transport.on_way_back = _raises(httpx.ReadError, 1)
    made = client.flows.create(FLOW)
    assert [getattr(each, "id", None) for each in client.flows.list()] == [made.id]
    keys = [request.headers["Idempotency-Key"] for request in transport.requests[:2]]
    assert keys[0] == keys[1]


def test_two_posts_are_two(client: Client) -> None:
    assert client.flows.create(FLOW).id != client.flows.create(FLOW).id
    assert client.flows.create(FLOW, idempotency_key="mine").id == client.flows.create(FLOW, idempotency_key="mine").id


def test_a_first_try_that_is_under_way_is_waited_for(
    client: Client, transport: HandlerTransport, sleeper: Sleeper
) -> None:
    problem = {"code": "idempotency-key-in-use", "detail": "the first request is not answered yet"}
    left = [httpx.Response(409, json=problem, headers={"Retry-After": "1"})]
    transport.on_way = lambda _: left.pop() if left else None
    assert client.flows.create(FLOW).status == "draft"
    assert sleeper.waits == [1.5]


def test_a_change_whose_answer_was_lost_is_not_sent_again(client: Client, transport: HandlerTransport) -> None:
    made = client.flows.create(FLOW)
    transport.requests.clear()
    transport.on_way_back = _raises(httpx.ReadTimeout, 1)
    with pytest.raises(Unreachable):
        client.flows.delete(made.id)
    assert len(transport.requests) == 1


def test_a_change_that_was_never_sent_is(client: Client, transport: HandlerTransport) -> None:
    made = client.flows.create(FLOW)
    transport.on_way = _raises(httpx.ConnectError, 2)
    client.flows.delete(made.id)
    transport.on_way = _answers(429)
    assert list(client.flows.list()) == []
