"""Places for requests that wait: so many, each held by one, free again after its time."""

from datetime import UTC, datetime, timedelta

import pytest

from edgeflow.adapters.deployments.waiting_places import WaitingPlaces
from edgeflow.adapters.table import Table
from edgeflow.use_cases.deployments.ports import Place

NOW = datetime(2026, 2, 21, 12, 0, tzinfo=UTC)
HELD = timedelta(seconds=35)
LATE = NOW + HELD + timedelta(seconds=1)


@pytest.fixture
def places(table: Table) -> WaitingPlaces:
    """Two of them."""
    return WaitingPlaces(table, count=2)


def taken(places: WaitingPlaces, now: datetime = NOW) -> Place:
    place = places.take(until=now + HELD, now=now)
    assert place is not None
    return place


def test_each_place_is_held_by_one(places: WaitingPlaces) -> None:
    assert {taken(places).number, taken(places).number} == {0, 1}
    assert places.take(until=NOW + HELD, now=NOW) is None


def test_what_is_given_back_is_free_and_what_a_dead_request_held_is_free_after_its_time(places: WaitingPlaces) -> None:
    first, second = taken(places), taken(places)
    places.give_back(first)
    assert taken(places).number == first.number
    assert {taken(places, LATE).number, taken(places, LATE).number} == {first.number, second.number}


def test_nobody_gives_back_what_somebody_else_holds_by_now(places: WaitingPlaces) -> None:
    dead = taken(places)
    taken(places)
    assert {taken(places, LATE).holder, taken(places, LATE).holder}.isdisjoint({dead.holder})
    places.give_back(dead)
    assert places.take(until=NOW + HELD, now=NOW) is None
