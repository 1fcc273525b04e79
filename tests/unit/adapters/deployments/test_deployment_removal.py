"""Removing a deployment, whatever its record holds."""

import pytest

from edgeflow.adapters import keys
from edgeflow.adapters.deployments.deployment_store import DeploymentStore
from edgeflow.adapters.rollout.target_store import TargetStore
from edgeflow.adapters.table import Table
from edgeflow.domain.errors import NotFound
from tests.support.history import ENTRY
from tests.unit.adapters.builders import AT, DEP, FLOW, a_target, open_deployments
from tests.unit.adapters.damage import damage


def test_what_remains_of_a_deployment_is_known_by_keys_and_history(table: Table, running: DeploymentStore) -> None:
    targets = TargetStore(table)
    for device_id, wave in (("dev_1", 1), ("dev_2", 2), ("dev_3", 2)):
        targets.add(DEP, a_target(device_id, wave=wave), created_at=AT)
    damage(table, keys.deployment_key(DEP), flow_id=None, strategy="unheard-of", current_wave="second", rollbacks=None)
    damage(table, keys.event_key(DEP, 1), details={"flow_id": FLOW})
    remains = running.remains(DEP)
    assert (remains.flow_id, remains.devices) == (FLOW, ("dev_1", "dev_2", "dev_3"))
    assert remains.planned == {1: 1, 2: 2}
    assert (remains.current_wave, remains.rollbacks) == (0, 0)
    running.remove(remains, entry=ENTRY)
    assert open_deployments(table) == set()
    assert [item["sk"] for item in table.query_all(keys.deployment_partition(DEP))] == []
    with pytest.raises(NotFound):
        running.remains(DEP)


def test_removing_twice_is_removing_once(table: Table, running: DeploymentStore) -> None:
    remains = running.remains(DEP)
    running.remove(remains, entry=ENTRY)
    running.remove(remains, entry=ENTRY)
    events = list(table.query_all(keys.history_partition(DEP)))
    assert len(events) == 2
