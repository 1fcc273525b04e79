"""Deployments at rest: who may move them, and what happens when two try at once."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import boto3
import pytest

from edgeflow.adapters import keys
from edgeflow.adapters.deployments.deployment_store import DeploymentStore
from edgeflow.adapters.table import Table
from edgeflow.domain.deployments import DeploymentStatus
from edgeflow.domain.errors import Conflict, NotFound
from tests.support.history import ENTRY
from tests.unit.adapters.builders import AT, DEP, LATER, a_deployment, created, open_deployments, put_flow

pytestmark = pytest.mark.slow

TOKEN = "token-of-the-waiting-state"
OTHER_TOKEN = "token-of-a-later-state"


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


def test_a_retry_is_reserved_once(store: DeploymentStore) -> None:
    created(store)
    assert store.reserve_retry(DEP, "dep_first", entry=ENTRY) == "dep_first"
    assert store.reserve_retry(DEP, "dep_second", entry=ENTRY) == "dep_first"
    assert store.get(DEP).retried_by == "dep_first"
    with pytest.raises(NotFound):
        store.reserve_retry("dep_none", "dep_first", entry=ENTRY)
