"""Histories at rest: nothing is lost, told twice or changed, whoever writes at the same time."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from edgeflow.adapters import keys
from edgeflow.adapters.deployments.deployment_changes import MAX_TRIES, DeploymentChanges
from edgeflow.adapters.deployments.deployment_store import DeploymentStore
from edgeflow.adapters.history.history_store import HistoryStore, put_event
from edgeflow.adapters.rollout.wave_store import WaveStore
from edgeflow.adapters.table import ConditionFailed, Table
from edgeflow.contract.history.deployments import RollbackRequested, WaveClosed, WaveEnded
from edgeflow.domain.deployments import DeploymentStatus, TargetStatus
from edgeflow.domain.errors import Conflict, Unavailable
from edgeflow.domain.history import Entry, Part, system
from edgeflow.domain.unreadable import Unreadable
from edgeflow.domain.waves import Awaits, WaveMark
from tests.support.history import ENTRY
from tests.support.readable import all_read
from tests.unit.adapters.builders import AT, DEP, a_deployment, put_flow

ENDED = WaveEnded(
    wave=1,
    total=5,
    failed=1,
    tolerated=1,
    settled=True,
    breached=False,
    target_counts={"failed": 1, "success": 4},
)


@pytest.fixture
def store(table: Table) -> DeploymentStore:
    """The store with a deployment in it."""
    put_flow(table)
    deployments = DeploymentStore(table)
    deployments.create(a_deployment(), entry=ENTRY)
    return deployments


def sequences(table: Table) -> list[int]:
    events, end = HistoryStore(table).of_deployment(DEP, limit=100)
    assert end is None
    return [event.sequence for event in all_read(events)]


def test_what_is_told_is_read_back_with_the_status_of_then(store: DeploymentStore, table: Table) -> None:
    entry = Entry(at=AT, actor=system(Part.ANSWER_WAVE), details=ENDED)
    WaveStore(table).tell(DEP, "00001", WaveMark.ENDED, entry=entry)
    store.change_status(DEP, allowed=DeploymentStatus, to=DeploymentStatus.RUNNING, reason="go", at=AT, entry=ENTRY)
    found, _ = HistoryStore(table).of_deployment(DEP, limit=100)
    _, ended, started = all_read(found)
    assert (ended.details, ended.actor, ended.at) == (ENDED, entry.actor, AT)
    assert (ended.status, started.status, started.status_reason) == ("pending", "running", "go")


@pytest.mark.parametrize("damage", [True, 1, "2", None])
def test_an_event_whose_sequence_is_damaged_goes_by_its_place(
    store: DeploymentStore, table: Table, damage: object
) -> None:
    store.change_status(DEP, allowed=DeploymentStatus, to=DeploymentStatus.RUNNING, reason="go", at=AT, entry=ENTRY)
    item = table.get(keys.event_key(DEP, 2))
    assert item
    table.put(item | {"sequence": damage})  # None leaves it out
    found, _ = HistoryStore(table).of_deployment(DEP, limit=100)
    assert [int(event.id) if isinstance(event, Unreadable) else event.sequence for event in found] == [1, 2]


@pytest.mark.slow
def test_many_who_tell_at_once_get_numbers_without_a_gap(store: DeploymentStore, table: Table) -> None:
    waves = WaveStore(table)

    def tell(number: int) -> bool:
        return waves.tell(DEP, f"{number % 6:05d}", WaveMark.ENDED, entry=ENTRY)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(tell, range(24))) == 6  # each wave once, however often it is told
    assert sequences(table) == list(range(1, 8))


@pytest.mark.slow
def test_of_many_who_pause_one_is_told(store: DeploymentStore, table: Table) -> None:
    def pause(number: int) -> bool:
        try:
            store.change_status(
                DEP,
                allowed={DeploymentStatus.PENDING},
                to=DeploymentStatus.PAUSED,
                reason=f"by {number}",
                at=AT,
                entry=ENTRY,
            )
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(pause, range(8))) == 1
    assert sequences(table) == [1, 2]


def test_a_change_that_is_refused_is_not_told(store: DeploymentStore, table: Table) -> None:
    running = {DeploymentStatus.RUNNING}
    assert not store.finish(DEP, allowed=running, to=DeploymentStatus.FAILED, reason="late", at=AT, entry=ENTRY)
    store.reserve_retry(DEP, "dep_first", entry=ENTRY)
    store.reserve_retry(DEP, "dep_second", entry=ENTRY)
    store.accept_breach(DEP, entry=ENTRY)  # there is none
    assert sequences(table) == [1, 2]


def test_a_wave_is_told_of_once_a_mark_and_level(store: DeploymentStore, table: Table) -> None:
    waves = WaveStore(table)
    waves.open(DEP, "00001", total=5, tolerated=1, task_token=None, awaits=Awaits.VERDICT)
    assert waves.tell(DEP, "00001", WaveMark.BREACHED, entry=ENTRY, level=2)
    assert not waves.tell(DEP, "00001", WaveMark.BREACHED, entry=ENTRY, level=2)
    assert waves.tell(DEP, "00001", WaveMark.BREACHED, entry=ENTRY, level=4)  # it was accepted, and breached again
    assert waves.tell(DEP, "00001", WaveMark.ENDED, entry=ENTRY)
    opened = waves.get(DEP, "00001")
    assert opened is not None
    assert opened.marks == {WaveMark.BREACHED: 4, WaveMark.ENDED: 1}
    assert (opened.total, opened.tolerated) == (5, 1)
    assert len(sequences(table)) == 4


def test_who_asks_for_a_rollback_is_told_in_the_write_that_begins_it(store: DeploymentStore, table: Table) -> None:
    store.change_status(DEP, allowed=DeploymentStatus, to=DeploymentStatus.RUNNING, reason="go", at=AT, entry=ENTRY)
    asked = Entry(at=AT, actor=ENTRY.actor, details=RollbackRequested(attempt=1))
    for _ in range(2):
        store.begin_rollback(DEP, attempt=1, execution_arn=None, reason="asked for", entry=ENTRY, asked=asked)
    found, _ = HistoryStore(table).of_deployment(DEP, limit=100)
    told = [(event.sequence, event.type, event.status) for event in all_read(found)]
    assert told[2:] == [(3, "rollback_requested", "running"), (4, "started", "rolling_back")]
    with pytest.raises(Conflict):
        store.begin_rollback(DEP, attempt=2, execution_arn=None, reason="too early", entry=ENTRY, asked=asked)
    assert sequences(table) == [1, 2, 3, 4], "what is refused leaves no event"


def test_an_event_is_never_written_over(store: DeploymentStore, table: Table) -> None:
    with pytest.raises(ConditionFailed):
        table.transact([put_event(table, DEP, 1, ENTRY, status="failed", status_reason="forged")])
    found, _ = HistoryStore(table).of_deployment(DEP, limit=100)
    (created,) = all_read(found)
    assert created.status == "pending"


@pytest.mark.slow
def test_a_history_that_grows_at_every_look_is_unavailable(
    store: DeploymentStore, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    transact = Table.transact

    def grows_first(self: Table, actions: list[dict[str, object]]) -> None:
        with monkeypatch.context() as inner:
            inner.setattr(Table, "transact", transact)
            DeploymentChanges(table).tell(DEP, ENTRY)
        transact(self, actions)

    monkeypatch.setattr(Table, "transact", grows_first)
    with pytest.raises(Unavailable, match="too fast"):
        store.planned(DEP, total=3, waves=1, entry=ENTRY)
    assert sequences(table) == list(range(1, MAX_TRIES + 2))
    assert store.get(DEP).waves == 0


def test_counting_between_read_and_write_is_not_lost(
    store: DeploymentStore, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    transact = Table.transact

    def counts_first(self: Table, actions: list[dict[str, object]]) -> None:
        monkeypatch.setattr(Table, "transact", transact)  # the first count is a transaction, too
        store.count(DEP, {TargetStatus.SUCCESS: 1}, first="0001", last="0001")
        transact(self, actions)

    monkeypatch.setattr(Table, "transact", counts_first)
    store.planned(DEP, total=3, waves=1, entry=ENTRY)
    assert store.get(DEP).counts == {TargetStatus.SUCCESS: 1}
    assert store.get(DEP).waves == 1


def test_a_history_pages_by_sequence_beyond_nine(store: DeploymentStore, table: Table) -> None:
    waves = WaveStore(table)
    for wave in range(1, 12):
        details = WaveClosed(wave=wave, cause="stop", target_counts={"skipped": wave})
        entry = Entry(at=AT, actor=system(Part.CLOSE_WAVE), details=details)
        waves.tell(DEP, f"{wave:05d}", WaveMark.CLOSED, entry=entry)
    history = HistoryStore(table)
    first, position = history.of_deployment(DEP, limit=8)
    rest, end = history.of_deployment(DEP, limit=8, after=position or 0)
    assert [event.sequence for event in all_read((*first, *rest))] == list(range(1, 13))
    assert (position, end) == (8, None)


def test_the_partition_of_histories_is_the_one_that_policies_name() -> None:
    assert keys.history_partition(DEP) == f"HISTORY#{DEP}"
