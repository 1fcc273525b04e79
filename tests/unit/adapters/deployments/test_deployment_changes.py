"""Changes of a deployment and their events: both or neither, and none of a damaged item."""

import pytest

from edgeflow.adapters import keys
from edgeflow.adapters.deployments.deployment_store import DeploymentStore
from edgeflow.adapters.table import Table
from edgeflow.domain.deployments import DeploymentStatus, TargetStatus
from edgeflow.domain.errors import CannotBeRead
from tests.support.history import ENTRY
from tests.unit.adapters.builders import AT, DEP
from tests.unit.adapters.damage import damage


def test_a_change_that_does_not_fit_the_item_names_it(table: Table, running: DeploymentStore) -> None:
    damage(table, keys.deployment_key(DEP), count_failed="many")
    with pytest.raises(CannotBeRead, match=DEP):
        running.count(DEP, {TargetStatus.FAILED: 1}, first="1", last="1")
    with pytest.raises(CannotBeRead, match=DEP):
        running.get(DEP)


@pytest.mark.parametrize("last_event", ["seven", -1, 2**60])
def test_a_damaged_place_in_the_history_is_no_fault_of_ours(
    table: Table, running: DeploymentStore, last_event: object
) -> None:
    damage(table, keys.deployment_key(DEP), last_event=last_event)
    with pytest.raises(CannotBeRead, match=DEP):
        running.change_status(
            DEP, allowed=DeploymentStatus, to=DeploymentStatus.PAUSED, reason="pause", at=AT, entry=ENTRY
        )
