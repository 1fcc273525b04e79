"""A long poll: ``GET /v1/deployments/{deployment_id}?wait=25s&unless=running``."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from edgeflow.adapters import keys
from edgeflow.adapters.deployments.waiting_places import WaitingPlaces
from edgeflow.adapters.table import Table
from edgeflow.bootstrap import deployments, reads, stores
from edgeflow.domain.history import caller
from edgeflow.use_cases.deployments.await_status import AwaitStatus
from edgeflow.use_cases.deployments.ports import Place
from tests.support.clock import FixedClock
from tests.support.permissions import acting_as
from tests.support.rest import Rest
from tests.unit.api.conftest import order

OPERATOR = caller("operator", subject="operator")


def _id(path: str) -> str:
    return path.rpartition("/")[2]


class Waiting:
    """A clock that goes on as somebody sleeps; ``then`` is done after the sleep of this number, from 1."""

    def __init__(self, clock: FixedClock) -> None:
        """Nobody has slept."""
        self._clock = clock
        self.slept: list[float] = []
        self.then: dict[int, Callable[[], object]] = {}

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._clock.now += timedelta(seconds=seconds)
        with acting_as(None):  # what somebody else does meanwhile
            self.then.get(len(self.slept), lambda: None)()


@pytest.fixture
def waiting(rest: Rest, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> Waiting:
    waiting = Waiting(clock)

    def await_status() -> AwaitStatus:
        return AwaitStatus(stores.deployments(), stores.waiting_places(), clock, waiting.sleep)

    monkeypatch.setattr(reads, "await_status", await_status)
    return waiting


@pytest.fixture
def path(rest: Rest, machines: None, flow_id: str) -> str:
    """Where a pending deployment is."""
    return f"/v1/deployments/{rest('POST', '/v1/deployments', order(flow_id)).body['id']}"


def test_one_with_another_status_is_answered_at_once(rest: Rest, waiting: Waiting, path: str, table: Table) -> None:
    answer = rest("GET", path, query={"wait": "25s", "unless": "running"})
    assert (answer.status, answer.body["status"], waiting.slept) == (200, "pending", [])
    assert not table.query(keys.WAITING_PLACES).items


def test_the_next_status_ends_the_wait(rest: Rest, waiting: Waiting, path: str, table: Table) -> None:
    waiting.then[3] = lambda: deployments.cancel_deployment()(_id(path), by=OPERATOR)
    answer = rest("GET", path, query={"wait": "25s", "unless": "pending"})
    assert (answer.body["status"], waiting.slept) == ("cancelled", [2, 2, 2])
    assert answer.body == rest("GET", path).body
    assert not table.query(keys.WAITING_PLACES).items


def test_what_is_there_is_answered_when_the_time_is_over(rest: Rest, waiting: Waiting, path: str) -> None:
    answer = rest("GET", path, query={"wait": "5s", "unless": "pending"})
    assert (answer.body["status"], waiting.slept) == ("pending", [2, 2, 1])
    known = {"If-None-Match": answer.headers["ETag"]}
    assert rest("GET", path, query={"wait": "1s", "unless": "pending"}, headers=known).status == 304


def test_no_wait_does_not_wait(rest: Rest, waiting: Waiting, path: str) -> None:
    assert rest("GET", path, query={"wait": "0s", "unless": "pending"}).body["status"] == "pending"
    assert waiting.slept == []


def test_one_more_than_may_wait_is_asked_to_come_again(
    rest: Rest, waiting: Waiting, path: str, clock: FixedClock
) -> None:
    asked = {"wait": "2s", "unless": "pending"}
    places = stores.waiting_places()
    first, second = (places.take(until=clock.now + timedelta(seconds=35), now=clock.now) for _ in range(2))
    refused = rest("GET", path, query=asked)
    assert (refused.status, refused.body["code"], refused.headers["Retry-After"]) == (429, "too-many-wait", "2")
    assert rest("GET", path).status == 200, "who does not wait needs no place"
    assert first is not None
    assert second is not None
    assert first.number != second.number
    places.give_back(first)
    assert rest("GET", path, query=asked).status == 200


def test_a_place_is_free_again_when_who_held_it_died(table: Table, clock: FixedClock) -> None:
    places = WaitingPlaces(table, count=1)
    held = places.take(until=clock.now + timedelta(seconds=35), now=clock.now)
    assert held is not None
    later = clock.now + timedelta(seconds=36)
    assert places.take(until=later, now=clock.now + timedelta(seconds=34)) is None
    taken = places.take(until=later + timedelta(seconds=35), now=later)
    assert taken is not None
    places.give_back(held)  # it was not dead, only slow: the place is another one's by now
    assert places.take(until=later, now=later) is None
    places.give_back(Place(0, taken.holder))
    assert places.take(until=later, now=later) is not None


def test_a_place_is_given_back_when_the_deployment_is_gone(
    rest: Rest, waiting: Waiting, path: str, table: Table
) -> None:
    waiting.then[1] = lambda: deployments.delete_deployment()(_id(path), by=OPERATOR)
    assert rest("GET", path, query={"wait": "25s", "unless": "pending"}).status == 404
    assert not table.query(keys.WAITING_PLACES).items


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"wait": "25s"}, "unless"),
        ({"unless": "running"}, "unless"),
        ({"wait": "26s", "unless": "running"}, "wait"),
        ({"wait": "25", "unless": "running"}, "wait"),
        ({"wait": "-1s", "unless": "running"}, "wait"),
        ({"wait": "1s", "unless": "ready"}, "unless"),
    ],
)
def test_what_is_no_wait_is_refused(rest: Rest, path: str, query: dict[str, str], pointer: str) -> None:
    refused = rest("GET", path, query=query)
    assert (refused.status, list(refused.faults)) == (422, [pointer])
