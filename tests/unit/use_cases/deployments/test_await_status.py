"""Waiting for a deployment's next status, in one of few places."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from edgeflow.domain.deployments import DeploymentStatus
from edgeflow.domain.errors import NotFound, TooManyWait
from edgeflow.use_cases.deployments.await_status import GRACE, LOOK_EVERY, AwaitStatus
from edgeflow.use_cases.deployments.ports import Place
from tests.support.clock import FixedClock
from tests.unit.use_cases.cloud import DEPLOYMENT, running_world
from tests.unit.use_cases.memory_stores import MemoryDeployments

WAIT = timedelta(seconds=5)


@dataclass
class Places:
    """So many places, and until when they are held."""

    free: int = 1
    until: list[datetime] = field(default_factory=list)

    def take(self, *, until: datetime, now: datetime) -> Place | None:
        if not self.free or until <= now:
            return None
        self.free -= 1
        self.until.append(until)
        return Place(0, "somebody")

    def give_back(self, place: Place) -> None:
        assert place.holder == "somebody"
        self.free += 1


class Waiting:
    """A running deployment, and a clock that goes on as somebody sleeps."""

    def __init__(self, places: Places) -> None:
        """Have nobody wait."""
        self.world = running_world(1)
        self.clock = FixedClock()
        self.slept: list[float] = []
        self.ends_after = 99
        self.wait = AwaitStatus(MemoryDeployments(self.world), places, self.clock, self._sleep)

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.clock.advance(seconds=seconds)
        if len(self.slept) == self.ends_after:
            deployment = self.world.deployments[DEPLOYMENT]
            self.world.deployments[DEPLOYMENT] = replace(deployment, status=DeploymentStatus.COMPLETED)


def test_what_has_changed_already_takes_no_place() -> None:
    places = Places(free=0)
    found = Waiting(places).wait(DEPLOYMENT, unless=DeploymentStatus.PENDING, wait=WAIT)
    assert found.status is DeploymentStatus.RUNNING
    assert places.until == []


def test_it_answers_as_soon_as_the_status_changes_and_gives_its_place_back() -> None:
    places = Places()
    waiting = Waiting(places)
    waiting.ends_after = 2
    began = waiting.clock()
    assert waiting.wait(DEPLOYMENT, unless=DeploymentStatus.RUNNING, wait=WAIT).status is DeploymentStatus.COMPLETED
    assert waiting.slept == [LOOK_EVERY.total_seconds()] * 2
    assert (places.free, places.until) == (1, [began + WAIT + GRACE])


def test_when_the_time_is_over_it_answers_what_is() -> None:
    places = Places()
    waiting = Waiting(places)
    assert waiting.wait(DEPLOYMENT, unless=DeploymentStatus.RUNNING, wait=WAIT).status is DeploymentStatus.RUNNING
    assert waiting.slept == [2, 2, 1]
    assert places.free == 1


def test_one_more_than_may_wait_is_refused() -> None:
    with pytest.raises(TooManyWait, match="ask without wait"):
        Waiting(Places(free=0)).wait(DEPLOYMENT, unless=DeploymentStatus.RUNNING, wait=WAIT)


def test_what_is_not_there_is_not_waited_for() -> None:
    places = Places()
    with pytest.raises(NotFound):
        Waiting(places).wait("dep_9", unless=DeploymentStatus.RUNNING, wait=WAIT)
    assert places.until == []
