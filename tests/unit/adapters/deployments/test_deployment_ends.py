"""How deployments are cancelled, rolled back and ended: once, whoever tries at the same time."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from edgeflow.adapters import keys
from edgeflow.adapters.deployments.deployment_store import DeploymentStore
from edgeflow.adapters.table import Table
from edgeflow.domain.deployments import ACTIVE, CAN_ROLL_BACK, DeploymentStatus
from edgeflow.domain.errors import Conflict
from tests.support.history import ENTRY
from tests.unit.adapters.builders import DEP, FLOW, LATER, a_deployment, created, open_deployments

pytestmark = pytest.mark.slow

TOKEN = "token-of-the-waiting-state"


def test_what_runs_is_cancelled_and_says_since_when(store: DeploymentStore) -> None:
    created(store, DeploymentStatus.RUNNING)
    active = {DeploymentStatus.RUNNING}
    store.request_cancel(DEP, allowed=active, reason="cancelled by tests", entry=ENTRY)
    found = store.get(DEP)
    assert (found.status, found.status_reason) == (DeploymentStatus.CANCELLING, "cancelled by tests")
    assert (found.cancel_asked_at, found.resume_token) == (ENTRY.at, None)
    with pytest.raises(Conflict, match="is cancelling by now"):
        store.request_cancel(DEP, allowed=active, reason="cancelled by tests", entry=ENTRY)


def test_a_rollback_begins_once_and_may_be_begun_again_by_its_own_attempt(store: DeploymentStore, table: Table) -> None:
    created(store, DeploymentStatus.RUNNING, DeploymentStatus.PAUSED)
    store.hold(DEP, TOKEN, reason=None, entry=ENTRY)
    first = store.begin_rollback(DEP, attempt=1, execution_arn="arn:rollback", reason="asked for", entry=ENTRY)
    again = store.begin_rollback(DEP, attempt=1, execution_arn="arn:rollback", reason="said otherwise", entry=ENTRY)
    assert again == first
    assert (first.status, first.rollbacks, first.status_reason) == (DeploymentStatus.ROLLING_BACK, 1, "asked for")
    assert first.rollback_execution_arn == "arn:rollback"
    assert first.resume_token is None
    assert open_deployments(table) == {DEP}


def test_a_rollback_after_the_end_enters_the_flow_again(store: DeploymentStore, table: Table) -> None:
    created(store, DeploymentStatus.RUNNING)
    store.finish(DEP, allowed=ACTIVE, to=DeploymentStatus.COMPLETED, reason="done", at=LATER, entry=ENTRY)
    found = store.begin_rollback(DEP, attempt=1, execution_arn=None, reason="asked for", entry=ENTRY)
    assert (found.status, found.finished_at) == (DeploymentStatus.ROLLING_BACK, None)
    assert open_deployments(table) == {DEP}


def test_a_second_attempt_follows_a_first_that_failed(store: DeploymentStore) -> None:
    created(store, DeploymentStatus.RUNNING)
    store.begin_rollback(DEP, attempt=1, execution_arn="arn:1", reason="first", entry=ENTRY)
    with pytest.raises(Conflict, match="rolling_back after 1 rollback; rollback 2"):
        store.begin_rollback(DEP, attempt=2, execution_arn="arn:2", reason="too early", entry=ENTRY)
    rolling = {DeploymentStatus.ROLLING_BACK}
    store.finish(DEP, allowed=rolling, to=DeploymentStatus.FAILED, reason="stuck", at=LATER, entry=ENTRY)
    with pytest.raises(Conflict, match="failed after 1 rollback"):
        store.begin_rollback(DEP, attempt=1, execution_arn="arn:1", reason="a late copy", entry=ENTRY)
    assert store.begin_rollback(DEP, attempt=2, execution_arn="arn:2", reason="second", entry=ENTRY).rollbacks == 2


@pytest.mark.parametrize("status", sorted(set(DeploymentStatus) - CAN_ROLL_BACK))
def test_what_never_ran_or_is_on_its_way_back_cannot_roll_back(
    store: DeploymentStore, status: DeploymentStatus
) -> None:
    created(store, status)
    with pytest.raises(Conflict, match=status):
        store.begin_rollback(DEP, attempt=1, execution_arn=None, reason="asked for", entry=ENTRY)


def test_without_its_flow_there_is_nothing_to_return_to(store: DeploymentStore, table: Table) -> None:
    created(store, DeploymentStatus.RUNNING)
    store.finish(DEP, allowed=ACTIVE, to=DeploymentStatus.COMPLETED, reason="done", at=LATER, entry=ENTRY)
    table.delete(keys.flow_key(FLOW))
    with pytest.raises(Conflict, match="was deleted"):
        store.begin_rollback(DEP, attempt=1, execution_arn=None, reason="asked for", entry=ENTRY)
    assert store.get(DEP).status is DeploymentStatus.COMPLETED
    assert open_deployments(table) is None


def test_two_who_roll_back_at_once_get_the_same_attempt(store: DeploymentStore) -> None:
    created(store, DeploymentStatus.RUNNING)

    def begin(arn: str) -> int:
        return store.begin_rollback(DEP, attempt=1, execution_arn=arn, reason=arn, entry=ENTRY).rollbacks

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(begin, ["arn:a", "arn:b", "arn:c", "arn:d"])) == [1, 1, 1, 1]


def test_finishing_strikes_it_off_its_flow_once(store: DeploymentStore, table: Table) -> None:
    created(store, DeploymentStatus.RUNNING)
    done = store.finish(DEP, allowed=ACTIVE, to=DeploymentStatus.COMPLETED, reason="all run it", at=LATER, entry=ENTRY)
    assert store.finish(DEP, allowed=ACTIVE, to=DeploymentStatus.FAILED, reason="late", at=LATER, entry=ENTRY) is None
    found = store.get(DEP)
    assert done == found
    assert (found.status, found.status_reason, found.finished_at) == (DeploymentStatus.COMPLETED, "all run it", LATER)
    assert open_deployments(table) == set()


def test_finishing_leaves_other_deployments_at_the_flow(store: DeploymentStore, table: Table) -> None:
    created(store, DeploymentStatus.RUNNING)
    store.create(a_deployment(id="dep_other"), entry=ENTRY)
    store.finish(DEP, allowed=ACTIVE, to=DeploymentStatus.COMPLETED, reason="done", at=LATER, entry=ENTRY)
    assert open_deployments(table) == {"dep_other"}


def test_finishing_brings_no_deleted_flow_back(store: DeploymentStore, table: Table) -> None:
    created(store, DeploymentStatus.RUNNING)
    table.delete(keys.flow_key(FLOW))
    done = store.finish(DEP, allowed=ACTIVE, to=DeploymentStatus.FAILED, reason="done", at=LATER, entry=ENTRY)
    assert done == store.get(DEP)
    assert store.finish(DEP, allowed=ACTIVE, to=DeploymentStatus.FAILED, reason="done", at=LATER, entry=ENTRY) is None
    assert open_deployments(table) is None
    assert store.get(DEP).status is DeploymentStatus.FAILED
