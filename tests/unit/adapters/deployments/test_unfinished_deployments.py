"""The reconciler's list: every deployment that something is at work on, and no other, whatever became of it."""

import pytest

from edgeflow.adapters import keys
from edgeflow.adapters.deployments.deployment_items import MARK
from edgeflow.adapters.deployments.deployment_store import DeploymentStore
from edgeflow.adapters.table import BY_UNFINISHED, Table
from edgeflow.domain.deployments import ACTIVE, UNFINISHED, DeploymentStatus
from edgeflow.domain.unreadable import Unreadable
from tests.support.history import ENTRY
from tests.unit.adapters.builders import DEP, LATER, created


def _listed(store: DeploymentStore) -> list[str]:
    return [each.id for each in store.unfinished()]


def test_it_is_listed_from_its_start_to_its_end_and_while_it_rolls_back(store: DeploymentStore, table: Table) -> None:
    created(store)
    assert _listed(store) == []
    _move(store, DeploymentStatus.RUNNING)
    assert _listed(store) == [DEP]
    _move(store, DeploymentStatus.PAUSED)
    assert _listed(store) == [DEP]
    store.finish(DEP, allowed=ACTIVE, to=DeploymentStatus.FAILED, reason="stuck", at=LATER, entry=ENTRY)
    assert _listed(store) == []
    assert table.query(keys.UNFINISHED_LIST, index=BY_UNFINISHED).items == []
    store.begin_rollback(DEP, attempt=1, execution_arn="arn:1", reason="asked for", entry=ENTRY)
    assert _listed(store) == [DEP]
    rolling = {DeploymentStatus.ROLLING_BACK}
    store.finish(DEP, allowed=rolling, to=DeploymentStatus.ROLLED_BACK, reason="back", at=LATER, entry=ENTRY)
    assert _listed(store) == []


def test_it_is_listed_while_it_is_cancelled(store: DeploymentStore) -> None:
    created(store, DeploymentStatus.RUNNING)
    store.request_cancel(DEP, allowed=ACTIVE, reason="cancelled", entry=ENTRY)
    assert _listed(store) == [DEP]


@pytest.mark.parametrize("damage", ["status", "rules"])
def test_one_that_cannot_be_read_is_listed_as_such(store: DeploymentStore, table: Table, damage: str) -> None:
    created(store, DeploymentStatus.RUNNING)
    table.update(keys.deployment_key(DEP), "SET #damage = :damage", names={"#damage": damage}, values={":damage": 7})
    (found,) = store.unfinished()
    assert isinstance(found, Unreadable)


def test_one_that_has_ended_since_the_index_was_written_is_left_out(store: DeploymentStore, table: Table) -> None:
    created(store, DeploymentStatus.RUNNING)
    begun = store.unfinished()
    table.update(keys.deployment_key(DEP), f"REMOVE {MARK}")
    assert list(begun) == []


def _move(store: DeploymentStore, to: DeploymentStatus) -> None:
    store.change_status(DEP, allowed=UNFINISHED, to=to, reason="moved", at=LATER, entry=ENTRY)
