"""Deployments at rest: who may move them, and what happens when two try at once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import boto3
import pytest

from edgeflow.adapters import keys
from edgeflow.adapters.deployments.deployment_store import DeploymentStore
from edgeflow.adapters.table import Table
from edgeflow.domain.deployments import ACTIVE, CAN_ROLL_BACK, Deployment, DeploymentStatus, TargetStatus
from edgeflow.domain.errors import Conflict, InvalidRequest, NotFound
from edgeflow.domain.strategies import Strategy
from tests.support.history import ENTRY
from tests.support.readable import all_read
from tests.unit.adapters.builders import AT, DEP, FLOW, LATER, a_deployment, open_deployments, put_flow

pytestmark = pytest.mark.slow

TOKEN = "token-of-the-waiting-state"
OTHER_TOKEN = "token-of-a-later-state"


@pytest.fixture
def store(table: Table) -> DeploymentStore:
    """The store with a published flow to deploy."""
    put_flow(table)
    return DeploymentStore(table)


def created(store: DeploymentStore, *statuses: DeploymentStatus) -> None:
    """Create the deployment and lead it through these statuses."""
    store.create(a_deployment(), entry=ENTRY)
    for status in statuses:
        store.change_status(DEP, allowed=DeploymentStatus, to=status, reason=f"now {status}", at=AT, entry=ENTRY)


# --- create and read


def test_what_is_created_is_read_back(store: DeploymentStore, table: Table) -> None:
    store.create(a_deployment(), entry=ENTRY)
    assert store.get(DEP) == a_deployment()
    assert open_deployments(table) == {DEP}


@pytest.mark.parametrize("skips", [True, False, None])
def test_a_deployment_from_before_offline_devices_could_be_skipped_waits_for_them(
    store: DeploymentStore, table: Table, *, skips: bool | None
) -> None:
    store.create(a_deployment(rules=replace(a_deployment().rules, skip_offline=bool(skips))), entry=ENTRY)
    if skips is None:
        inside = {"#rules": "rules", "#skip_offline": "skip_offline"}
        table.update(keys.deployment_key(DEP), "REMOVE #rules.#skip_offline", names=inside)
    assert store.get(DEP).rules.skip_offline is bool(skips)


def test_a_deployment_that_does_not_exist_is_not_found(store: DeploymentStore) -> None:
    with pytest.raises(NotFound, match=DEP):
        store.get(DEP)


def test_an_unknown_flow_cannot_be_deployed(store: DeploymentStore, table: Table) -> None:
    with pytest.raises(NotFound, match="flow_other"):
        store.create(a_deployment(flow_id="flow_other"), entry=ENTRY)
    assert table.get(keys.deployment_key(DEP)) is None
    assert open_deployments(table, flow_id="flow_other") is None


def test_an_archived_flow_cannot_be_deployed(store: DeploymentStore, table: Table) -> None:
    put_flow(table, state="archived")
    with pytest.raises(Conflict, match="archived; restore it"):
        store.create(a_deployment(), entry=ENTRY)
    assert table.get(keys.deployment_key(DEP)) is None


def test_an_id_is_used_once(store: DeploymentStore) -> None:
    store.create(a_deployment(), entry=ENTRY)
    with pytest.raises(Conflict, match="already"):
        store.create(a_deployment(status_reason="a second one"), entry=ENTRY)
    assert store.get(DEP).status_reason == "created by tests"


# --- lists


def ids(deployments: Iterable[Deployment]) -> list[str]:
    return [deployment.id for deployment in deployments]


def test_the_list_is_newest_first_and_pages_without_an_empty_end(store: DeploymentStore) -> None:
    for number in range(4):
        store.create(a_deployment(id=f"dep_{number}", created_at=f"2026-02-2{number}T12:00:00.000Z"), entry=ENTRY)
    first, position = store.page(limit=2)
    second, end = store.page(limit=2, after=position)
    assert ids(all_read(first)) == ["dep_3", "dep_2"]
    assert ids(all_read(second)) == ["dep_1", "dep_0"]
    assert end is None


def test_filters_narrow_the_list(store: DeploymentStore, table: Table) -> None:
    put_flow(table, flow_id="flow_other")
    store.create(a_deployment(id="dep_1"), entry=ENTRY)
    store.create(a_deployment(id="dep_2", strategy=Strategy.ALL_AT_ONCE), entry=ENTRY)
    store.create(a_deployment(id="dep_3", flow_id="flow_other"), entry=ENTRY)
    store.change_status("dep_1", allowed=DeploymentStatus, to=DeploymentStatus.RUNNING, reason="go", at=AT, entry=ENTRY)
    assert ids(all_read(store.page(limit=9, status=DeploymentStatus.RUNNING)[0])) == ["dep_1"]
    assert ids(all_read(store.page(limit=9, strategy=Strategy.ALL_AT_ONCE)[0])) == ["dep_2"]
    assert ids(all_read(store.page(limit=9, flow_id="flow_other")[0])) == ["dep_3"]
    assert ids(all_read(store.page(limit=9, flow_id=FLOW, strategy=Strategy.ROLLING)[0])) == ["dep_1"]


def test_filtered_pages_reach_everything_that_fits(store: DeploymentStore) -> None:
    for number in range(9):
        strategy = Strategy.ALL_AT_ONCE if number % 3 == 0 else Strategy.ROLLING
        store.create(
            a_deployment(id=f"dep_{number}", created_at=f"2026-02-2{number}T12:00:00.000Z", strategy=strategy),
            entry=ENTRY,
        )
    found, position = store.page(limit=2, strategy=Strategy.ALL_AT_ONCE)
    rest, end = store.page(limit=2, strategy=Strategy.ALL_AT_ONCE, after=position)
    assert ids(all_read([*found, *rest])) == ["dep_6", "dep_3", "dep_0"]
    assert end is None


def test_a_position_nobody_gave_is_refused(store: DeploymentStore) -> None:
    with pytest.raises(InvalidRequest, match="cursor"):
        store.page(limit=2, after="nonsense")


# --- status


def test_started_at_is_the_first_time_it_runs(store: DeploymentStore) -> None:
    created(store, DeploymentStatus.RUNNING, DeploymentStatus.PAUSED)
    resumed = store.change_status(
        DEP, allowed={DeploymentStatus.PAUSED}, to=DeploymentStatus.RUNNING, reason="resumed", at=LATER, entry=ENTRY
    )
    assert (resumed.started_at, resumed.status_reason) == (AT, "resumed")


def test_a_refused_change_names_the_status_it_found(store: DeploymentStore) -> None:
    created(store, DeploymentStatus.RUNNING, DeploymentStatus.PAUSED)
    with pytest.raises(Conflict, match="is paused; only one that is running can become paused"):
        store.change_status(
            DEP, allowed={DeploymentStatus.RUNNING}, to=DeploymentStatus.PAUSED, reason="again", at=AT, entry=ENTRY
        )


def test_changing_what_does_not_exist_is_not_found(store: DeploymentStore) -> None:
    with pytest.raises(NotFound):
        store.change_status(DEP, allowed=DeploymentStatus, to=DeploymentStatus.RUNNING, reason="go", at=AT, entry=ENTRY)


def test_of_many_starters_one_wins(store: DeploymentStore) -> None:
    created(store)

    def start(number: int) -> bool:
        try:
            store.change_status(
                DEP,
                allowed={DeploymentStatus.PENDING},
                to=DeploymentStatus.RUNNING,
                reason=f"by {number}",
                at=AT,
                entry=ENTRY,
            )
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(start, range(8))) == 1


def test_notes_of_the_execution_and_the_plan(store: DeploymentStore) -> None:
    created(store)
    store.mark_execution_started(DEP, "arn:execution")
    store.planned(DEP, total=12, waves=3, entry=ENTRY)
    store.reached_wave(DEP, 2, entry=ENTRY)
    store.reached_wave(DEP, 1, entry=ENTRY)  # a late copy of the first wave's message
    found = store.get(DEP)
    assert (found.execution_started, found.execution_arn) == (True, "arn:execution")
    assert (found.total_targets, found.waves, found.current_wave) == (12, 3, 2)


def test_notes_make_no_deployment(store: DeploymentStore) -> None:
    notes: list[Callable[[], object]] = [
        lambda: store.mark_execution_started(DEP, "arn:execution"),
        lambda: store.planned(DEP, total=1, waves=1, entry=ENTRY),
        lambda: store.reached_wave(DEP, 1, entry=ENTRY),
        lambda: store.resumed(DEP, TOKEN),
        lambda: store.accept_breach(DEP, entry=ENTRY),
    ]
    for note in notes:
        with pytest.raises(NotFound):
            note()


def test_a_watch_and_a_breach_find_each_other_in_either_order(store: DeploymentStore) -> None:
    created(store, DeploymentStatus.RUNNING)
    assert store.watch(DEP, TOKEN).breached_wave is None
    assert store.note_breach(DEP, "00001").watch_token == TOKEN
    assert store.watch(DEP, "the next token").breached_wave == "00001"
    store.accept_breach(DEP, entry=ENTRY)
    assert store.get(DEP).breached_wave is None


def test_a_wait_is_known_until_the_next_wave_and_a_late_copy_of_its_message_is_ignored(store: DeploymentStore) -> None:
    created(store, DeploymentStatus.RUNNING)
    store.reached_wave(DEP, 1, entry=ENTRY)
    assert store.watch(DEP, TOKEN, wave=1).watch_token == TOKEN
    store.reached_wave(DEP, 2, entry=ENTRY)
    assert store.get(DEP).watch_token is None
    assert store.watch(DEP, TOKEN, wave=1).watch_token is None


def test_when_it_changed_is_written_with_each_event_and_when_a_wait_began_with_its_token(
    store: DeploymentStore,
) -> None:
    created(store, DeploymentStatus.RUNNING)
    moments = ["2026-02-21T12:00:01.000Z", "2026-02-21T12:00:02.000Z"]
    store.reached_wave(DEP, 1, entry=replace(ENTRY, at=moments[0]))
    assert store.get(DEP).changed_at == moments[0]
    store.reached_wave(DEP, 1, entry=replace(ENTRY, at=moments[1]))
    assert store.get(DEP).changed_at == moments[0], "nothing was changed"
    assert store.watch(DEP, TOKEN, wave=1, since=moments[1]).watched_since == moments[1]
    assert store.watch(DEP, "late", wave=7, since="2027").watched_since == moments[1]
    store.reached_wave(DEP, 2, entry=replace(ENTRY, at=moments[1]))
    assert (store.get(DEP).watched_since, store.get(DEP).changed_at) == (None, moments[1])


def test_a_wait_is_promoted_once_while_it_is_on(store: DeploymentStore) -> None:
    created(store, DeploymentStatus.RUNNING)
    store.reached_wave(DEP, 1, entry=ENTRY)
    assert store.promote(DEP, TOKEN, entry=ENTRY) is None
    store.watch(DEP, TOKEN, wave=1)
    assert store.promote(DEP, TOKEN, entry=ENTRY) == store.get(DEP)
    events = store.get(DEP)
    assert store.promote(DEP, TOKEN, entry=ENTRY) == store.get(DEP), "a repeat"
    assert store.get(DEP) == events
    store.watch(DEP, "the next token", wave=1)
    assert store.promote(DEP, TOKEN, entry=ENTRY) is None


def test_what_runs_is_cancelled_and_says_since_when(store: DeploymentStore) -> None:
    created(store, DeploymentStatus.RUNNING)
    active = {DeploymentStatus.RUNNING}
    store.request_cancel(DEP, allowed=active, reason="cancelled by tests", entry=ENTRY)
    found = store.get(DEP)
    assert (found.status, found.status_reason) == (DeploymentStatus.CANCELLING, "cancelled by tests")
    assert (found.cancel_asked_at, found.resume_token) == (ENTRY.at, None)
    with pytest.raises(Conflict, match="is cancelling by now"):
        store.request_cancel(DEP, allowed=active, reason="cancelled by tests", entry=ENTRY)


# --- hold and resume


def test_a_paused_deployment_keeps_the_token(store: DeploymentStore) -> None:
    created(store, DeploymentStatus.RUNNING, DeploymentStatus.PAUSED)
    assert store.hold(DEP, TOKEN, reason=None, entry=ENTRY) is True
    assert store.hold(DEP, TOKEN, reason=None, entry=ENTRY) is True  # the message came twice
    assert store.get(DEP).resume_token == TOKEN


def test_a_running_deployment_holds_nothing(store: DeploymentStore) -> None:
    created(store, DeploymentStatus.RUNNING)
    assert store.hold(DEP, TOKEN, reason=None, entry=ENTRY) is False
    assert store.get(DEP).resume_token is None


def test_a_breach_pauses_and_holds(store: DeploymentStore) -> None:
    created(store, DeploymentStatus.RUNNING)
    assert store.hold(DEP, TOKEN, reason="too many failed", entry=ENTRY) is True
    found = store.get(DEP)
    assert (found.status, found.status_reason) == (DeploymentStatus.PAUSED, "too many failed")
    assert found.resume_token == TOKEN


def test_a_breach_keeps_the_reason_of_an_operators_pause(store: DeploymentStore) -> None:
    created(store, DeploymentStatus.RUNNING, DeploymentStatus.PAUSED)
    assert store.hold(DEP, TOKEN, reason="too many failed", entry=ENTRY) is True
    assert store.get(DEP).status_reason == "now paused"


@pytest.mark.parametrize("status", [DeploymentStatus.ROLLING_BACK, DeploymentStatus.FAILED])
def test_a_deployment_that_goes_nowhere_holds_nothing(store: DeploymentStore, status: DeploymentStatus) -> None:
    created(store, status)
    assert store.hold(DEP, TOKEN, reason="too many failed", entry=ENTRY) is False


def test_a_late_copy_of_a_breach_does_not_pause_again(store: DeploymentStore) -> None:
    created(store, DeploymentStatus.RUNNING)
    store.hold(DEP, TOKEN, reason="too many failed", entry=ENTRY)
    store.change_status(
        DEP, allowed={DeploymentStatus.PAUSED}, to=DeploymentStatus.RUNNING, reason="go", at=AT, entry=ENTRY
    )
    assert store.hold(DEP, TOKEN, reason="too many failed", entry=ENTRY) is False  # resumed, its answer not yet noted
    store.resumed(DEP, TOKEN)
    assert store.hold(DEP, TOKEN, reason="too many failed", entry=ENTRY) is False
    found = store.get(DEP)
    assert (found.status, found.resume_token) == (DeploymentStatus.RUNNING, None)


def test_an_answered_token_is_not_held_in_a_second_pause(store: DeploymentStore) -> None:
    created(store, DeploymentStatus.RUNNING)
    store.resumed(DEP, TOKEN)
    store.change_status(
        DEP, allowed={DeploymentStatus.RUNNING}, to=DeploymentStatus.PAUSED, reason="again", at=AT, entry=ENTRY
    )
    store.hold(DEP, OTHER_TOKEN, reason=None, entry=ENTRY)
    assert store.hold(DEP, TOKEN, reason=None, entry=ENTRY) is False
    assert store.get(DEP).resume_token == OTHER_TOKEN


def test_answering_one_token_leaves_another_held(store: DeploymentStore) -> None:
    created(store, DeploymentStatus.RUNNING, DeploymentStatus.PAUSED)
    store.hold(DEP, OTHER_TOKEN, reason=None, entry=ENTRY)
    store.resumed(DEP, TOKEN)
    assert store.get(DEP).resume_token == OTHER_TOKEN


class Interrupted(Table):
    """The table, in which something else happens just before the next transaction."""

    def __init__(self, table: Table) -> None:
        """Stand for this table."""
        super().__init__(boto3.client("dynamodb"), table.name)
        self.first: list[Callable[[], object]] = []

    def transact(self, actions: Sequence[Mapping[str, Any]]) -> None:
        while self.first:
            self.first.pop()()
        super().transact(actions)


def test_a_token_that_is_held_while_a_resume_is_written_is_returned_by_it(store: DeploymentStore, table: Table) -> None:
    created(store, DeploymentStatus.RUNNING, DeploymentStatus.PAUSED)
    interrupted = Interrupted(table)
    interrupted.first.append(lambda: store.hold(DEP, TOKEN, reason=None, entry=ENTRY))
    resumed = DeploymentStore(interrupted).change_status(
        DEP, allowed={DeploymentStatus.PAUSED}, to=DeploymentStatus.RUNNING, reason="go", at=AT, entry=ENTRY
    )
    assert (resumed.status, resumed.resume_token) == (DeploymentStatus.RUNNING, TOKEN)
    assert resumed == store.get(DEP)


def test_hold_against_resume_never_loses_the_token(store: DeploymentStore) -> None:
    # Either the resumer sees the token and answers it, or the holder is told to answer at once.
    created(store, DeploymentStatus.RUNNING)
    for round_number in range(20):
        token = f"{TOKEN}-{round_number}"
        store.change_status(
            DEP, allowed=DeploymentStatus, to=DeploymentStatus.PAUSED, reason="pause", at=AT, entry=ENTRY
        )

        def resume() -> str | None:
            return store.change_status(
                DEP, allowed={DeploymentStatus.PAUSED}, to=DeploymentStatus.RUNNING, reason="go", at=AT, entry=ENTRY
            ).resume_token

        with ThreadPoolExecutor(2) as pool:
            held = pool.submit(store.hold, DEP, token, reason=None, entry=ENTRY)
            seen = pool.submit(resume)
            assert held.result() == (seen.result() == token)
        store.resumed(DEP, token)


# --- rollback


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
    with pytest.raises(Conflict, match="rolling_back after 1 rollbacks; rollback 2"):
        store.begin_rollback(DEP, attempt=2, execution_arn="arn:2", reason="too early", entry=ENTRY)
    rolling = {DeploymentStatus.ROLLING_BACK}
    store.finish(DEP, allowed=rolling, to=DeploymentStatus.FAILED, reason="stuck", at=LATER, entry=ENTRY)
    with pytest.raises(Conflict, match="failed after 1 rollbacks"):
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


# --- the end


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


# --- counters


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


def test_counting_makes_no_deployment(store: DeploymentStore) -> None:
    with pytest.raises(NotFound):
        store.count(DEP, {TargetStatus.SUCCESS: 1}, first="0001", last="0001")


def test_a_retry_is_reserved_once(store: DeploymentStore) -> None:
    created(store)
    assert store.reserve_retry(DEP, "dep_first", entry=ENTRY) == "dep_first"
    assert store.reserve_retry(DEP, "dep_second", entry=ENTRY) == "dep_first"
    assert store.get(DEP).retried_by == "dep_first"
    with pytest.raises(NotFound):
        store.reserve_retry("dep_none", "dep_first", entry=ENTRY)
