"""Waves at rest: opened by whoever dispatches or closes, counted once per stream position."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from edgeflow.adapters.rollout.wave_store import WaveStore
from edgeflow.adapters.table import Table
from edgeflow.domain.deployments import TargetStatus
from edgeflow.domain.waves import Awaits, Wave
from tests.unit.adapters.builders import AT, DEP, LATER

NAME = "00001"
SUCCESS, FAILED = TargetStatus.SUCCESS, TargetStatus.FAILED


@pytest.fixture
def store(table: Table) -> WaveStore:
    """The store, without waves."""
    return WaveStore(table)


def opened(store: WaveStore, *, token: str | None = "token", awaits: Awaits = Awaits.VERDICT) -> Wave:
    """Open the wave for five devices, one of which may fail."""
    return store.open(DEP, NAME, total=5, tolerated=1, task_token=token, awaits=awaits)


def test_a_wave_that_nobody_touched_is_none(store: WaveStore) -> None:
    assert store.get(DEP, NAME) is None


def test_opening_says_what_is_waited_for(store: WaveStore) -> None:
    wave = opened(store)
    assert wave == Wave(name=NAME, total=5, tolerated=1, task_token="token", awaits=Awaits.VERDICT)
    assert store.get(DEP, NAME) == wave


def test_when_its_jobs_were_cancelled_is_noted_once_also_before_it_is_opened(store: WaveStore) -> None:
    assert store.cancelling(DEP, NAME, at=AT) == AT
    assert store.cancelling(DEP, NAME, at=LATER) == AT
    assert opened(store).cancelled_at == AT


def test_reports_may_come_before_the_wave_is_opened(store: WaveStore) -> None:
    early, counted = store.count(DEP, NAME, {SUCCESS: 2}, first="01", last="02")
    assert (early.total, early.counts, counted) == (None, {SUCCESS: 2}, None)
    assert opened(store).counts == {SUCCESS: 2}


def test_opening_again_keeps_counters_and_takes_the_new_token(store: WaveStore) -> None:
    opened(store)
    store.count(DEP, NAME, {FAILED: 1}, first="01", last="01")
    wave = opened(store, token="token-of-the-retry")
    assert (wave.counts, wave.task_token) == ({FAILED: 1}, "token-of-the-retry")


def test_closing_without_anybody_waiting_removes_the_token(store: WaveStore) -> None:
    opened(store)
    assert opened(store, token=None, awaits=Awaits.SETTLEMENT).task_token is None


def test_a_late_copy_of_the_dispatch_does_not_open_what_is_being_closed(store: WaveStore) -> None:
    closing = opened(store, token="closer", awaits=Awaits.SETTLEMENT)
    assert opened(store, token="late") == closing
    assert opened(store, token="closer-again", awaits=Awaits.SETTLEMENT).task_token == "closer-again"


def test_a_batch_that_comes_again_whole_adds_nothing(store: WaveStore) -> None:
    store.count(DEP, NAME, {SUCCESS: 3}, first="01", last="03")
    wave, counted = store.count(DEP, NAME, {SUCCESS: 3}, first="01", last="03")
    assert (wave.counts, counted) == ({SUCCESS: 3}, "03")


def test_a_batch_that_overlaps_tells_how_far_was_counted(store: WaveStore) -> None:
    store.count(DEP, NAME, {SUCCESS: 3}, first="01", last="03")
    wave, counted = store.count(DEP, NAME, {SUCCESS: 2, FAILED: 1}, first="03", last="05")
    assert (wave.counts, counted) == ({SUCCESS: 3}, "03")
    wave, counted = store.count(DEP, NAME, {SUCCESS: 1, FAILED: 1}, first="04", last="05")
    assert (wave.counts, counted) == ({SUCCESS: 4, FAILED: 1}, None)


def test_repeats_of_earlier_parts_between_new_batches_add_nothing(store: WaveStore) -> None:
    for first, last in [("01", "02"), ("03", "04"), ("01", "02"), ("05", "06"), ("03", "04"), ("03", "06")]:
        store.count(DEP, NAME, {SUCCESS: 2}, first=first, last=last)
    wave = store.get(DEP, NAME)
    assert wave is not None
    assert wave.counts == {SUCCESS: 6}


def test_of_many_deliveries_at_once_one_counts(store: WaveStore) -> None:
    def deliver(_: int) -> bool:
        return store.count(DEP, NAME, {SUCCESS: 1}, first="01", last="01")[1] is None

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(deliver, range(8))) == 1
    wave = store.get(DEP, NAME)
    assert wave is not None
    assert wave.counts == {SUCCESS: 1}


def test_counting_moves_a_target_from_one_status_to_another(store: WaveStore) -> None:
    store.count(DEP, NAME, {SUCCESS: 2}, first="01", last="02")
    wave, _ = store.count(DEP, NAME, {SUCCESS: -1, FAILED: 1}, first="03", last="03")
    assert wave.counts == {SUCCESS: 1, FAILED: 1}


def test_failures_that_were_accepted_are_tolerated_and_never_fewer_again(store: WaveStore) -> None:
    opened(store)
    store.tolerate(DEP, NAME, 3)
    store.tolerate(DEP, NAME, 2)
    wave = store.get(DEP, NAME)
    assert wave is not None
    assert wave.tolerated == 3


def test_a_wave_that_is_not_there_tolerates_nothing(store: WaveStore) -> None:
    store.tolerate(DEP, NAME, 3)
    assert store.get(DEP, NAME) is None


def test_opening_notes_since_when_in_the_same_write_and_forgets_an_earlier_one(store: WaveStore) -> None:
    def since(moment: str | None) -> str | None:
        store.open(DEP, NAME, total=5, tolerated=1, task_token="token", awaits=Awaits.VERDICT, since=moment)
        wave = store.get(DEP, NAME)
        return wave.since if wave is not None else "no wave"

    assert since("2026-02-21T12:00:00.000Z") == "2026-02-21T12:00:00.000Z"
    assert since(None) is None


def test_a_late_copy_of_the_dispatch_moves_no_deadline_of_what_is_being_closed(store: WaveStore) -> None:
    closing = store.open(DEP, NAME, total=5, tolerated=1, task_token="t", awaits=Awaits.SETTLEMENT, since="2026-01-01")
    late = store.open(DEP, NAME, total=5, tolerated=1, task_token="l", awaits=Awaits.VERDICT, since="2026-01-02")
    assert late == closing
    assert closing.since == "2026-01-01"
