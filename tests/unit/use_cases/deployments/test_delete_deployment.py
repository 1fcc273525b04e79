"""Deleting what never started, or cannot be read; whatever else has started stays."""

from collections.abc import Callable

import pytest

from edgeflow.domain.errors import Conflict
from tests.unit.use_cases.cloud import DEPLOYMENT, ME, Cloud
from tests.unit.use_cases.deployments.stages import at_once, at_work, paused, pending, types


def test_what_is_pending_can_be_deleted_by_one_of_many() -> None:
    cloud = pending()
    outcomes = at_once(lambda: cloud.delete(DEPLOYMENT, by=ME))
    assert outcomes["done"] >= 1
    assert set(outcomes) <= {"done", "NotFound"}
    assert DEPLOYMENT not in cloud.world.deployments
    assert types(cloud) == ["cancelled", "deleted"]


def test_what_was_cancelled_before_it_started_can_be_deleted() -> None:
    cloud = pending()
    cloud.cancel(DEPLOYMENT, by=ME)
    cloud.delete(DEPLOYMENT, by=ME)
    assert DEPLOYMENT not in cloud.world.deployments


@pytest.mark.parametrize("world", [at_work, paused])
def test_what_has_started_cannot_be_deleted(world: Callable[[], Cloud]) -> None:
    cloud = world()
    with pytest.raises(Conflict, match="has started"):
        cloud.delete(DEPLOYMENT, by=ME)
    cloud.cancel(DEPLOYMENT, by=ME)
    cloud.wind_down(DEPLOYMENT)
    with pytest.raises(Conflict, match="has started"):
        cloud.delete(DEPLOYMENT, by=ME)
