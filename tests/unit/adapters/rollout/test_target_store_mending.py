"""Targets whose records are damaged are written anew with what can be read of them."""

import pytest

from edgeflow.adapters import keys
from edgeflow.adapters.rollout.target_items import PLACES
from edgeflow.adapters.rollout.target_store import TargetStore
from edgeflow.adapters.table import Table
from edgeflow.domain.deployments import TargetStatus
from edgeflow.domain.unreadable import Unreadable
from tests.unit.adapters.builders import AT, DEP, LATER, a_target
from tests.unit.adapters.damage import damage


@pytest.mark.parametrize(
    ("flaw", "changed"),
    [
        ({"message": 5}, {}),
        ({"status": "quarantined"}, {"status": TargetStatus.DEPLOYING, "started_at": LATER, "finished_at": None}),
        ({"version_before": "first"}, {"version_before": None, "version_before_known": False}),
        ({"wave": "two"}, {}),
        ({"reached": "no"}, {"reached": True}),
        ({"rollback_attempt": -1}, {}),
    ],
)
def test_a_damaged_target_keeps_what_can_be_read_of_it(
    table: Table, flaw: dict[str, object], changed: dict[str, object]
) -> None:
    store, key = TargetStore(table), keys.target_key(DEP, "dev_1")
    whole_target = a_target("dev_1", status=TargetStatus.SUCCESS, wave=2, started_at=AT, finished_at=AT)
    store.add(DEP, whole_target, created_at=AT)
    planned = table.get(key) or {}
    damage(table, key, **flaw)
    assert isinstance(store.get(DEP, "dev_1"), Unreadable)
    for _ in range(2):
        store.mend(DEP, "dev_1", at=LATER)
    mended = store.get(DEP, "dev_1")
    assert not isinstance(mended, Unreadable | None)
    for name, value in changed.items():
        assert getattr(mended, name) == value, name
    kept = {"device_id", "wave", "status", "version_before", "reached", "rollback_attempt"} - set(changed)
    for name in kept:
        assert getattr(mended, name) == getattr(whole_target, name), name
    assert "was damaged" in str(mended.message)
    written = table.get(key) or {}
    assert {name: written[name] for name in PLACES} == {name: planned[name] for name in PLACES}


def test_a_readable_target_is_never_mended(table: Table) -> None:
    store = TargetStore(table)
    store.add(DEP, a_target("dev_1"), created_at=AT)
    store.mend(DEP, "dev_1", at=LATER)
    store.mend(DEP, "dev_2", at=LATER)
    assert store.get(DEP, "dev_1") == a_target("dev_1")
    assert store.get(DEP, "dev_2") is None
