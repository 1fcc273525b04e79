"""The counters of a deployment: nothing is counted twice."""

import pytest

from edgeflow.adapters.deployments.deployment_store import DeploymentStore
from edgeflow.domain.deployments import TargetStatus
from tests.unit.adapters.builders import DEP, created

pytestmark = pytest.mark.slow


def test_counting_the_same_positions_twice_adds_nothing(store: DeploymentStore) -> None:
    created(store)
    deltas = {TargetStatus.SUCCESS: 2, TargetStatus.FAILED: 1}
    assert store.count(DEP, deltas, first="0001", last="0003") is None
    assert store.count(DEP, deltas, first="0001", last="0003") == "0003"
    assert store.count(DEP, deltas, first="0002", last="0005") == "0003"
    assert store.get(DEP).counts == deltas


def test_counting_goes_on_after_the_checkpoint(store: DeploymentStore) -> None:
    created(store)
    store.count(DEP, {TargetStatus.SUCCESS: 2}, first="0001", last="0003")
    assert store.count(DEP, {TargetStatus.SUCCESS: -1, TargetStatus.ROLLED_BACK: 1}, first="0004", last="0004") is None
    assert store.get(DEP).counts == {TargetStatus.SUCCESS: 1, TargetStatus.ROLLED_BACK: 1}
