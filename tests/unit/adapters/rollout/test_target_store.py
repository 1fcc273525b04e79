"""Targets at rest: each ends once, whoever reports it, in whatever order."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from edgeflow.adapters import keys
from edgeflow.adapters.deployments.deployment_store import DeploymentStore
from edgeflow.adapters.history.history_store import HistoryStore
from edgeflow.adapters.rollout.target_store import TargetStore
from edgeflow.adapters.table import Table
from edgeflow.domain.deployments import Return, Target, TargetStatus
from edgeflow.domain.errors import NotFound
from edgeflow.use_cases.rollout.ports import TargetOutcome
from tests.support.history import ENTRY
from tests.support.readable import all_read, read
from tests.unit.adapters.builders import AT, DEP, LATER, a_deployment, a_target, put_flow

SUCCESS = TargetOutcome(status=TargetStatus.SUCCESS, reported=True, runs_version=2)
UNHEALTHY = TargetOutcome(
    status=TargetStatus.FAILED, reason="unhealthy", message="n2 does not start", reported=True, runs_version=1
)

RETURNED = TargetOutcome(status=TargetStatus.ROLLED_BACK, reported=True, runs_version=1)
STUCK = TargetOutcome(status=TargetStatus.ROLLBACK_FAILED, reason="timed_out", message="no answer")


@pytest.fixture
def store(table: Table) -> TargetStore:
    """The store, without targets."""
    return TargetStore(table)


def the(store: TargetStore, device_id: str = "dev_001") -> Target:
    """Return a target that is there."""
    target = store.get(DEP, device_id)
    assert target is not None
    return read(target)


# --- write and read


def test_a_return_at_a_second_try_forgets_why_the_first_failed_and_keeps_why_the_target_did(store: TargetStore) -> None:
    store.add(
        DEP,
        a_target("dev_1", status=TargetStatus.FAILED, reason="unhealthy", message="n2 does not start"),
        created_at=AT,
    )
    assert store.settle_return(DEP, "dev_1", RETURNED, attempt=1, at=AT)
    kept = store.get(DEP, "dev_1")
    assert isinstance(kept, Target)
    assert kept.reason == "unhealthy"
    assert not store.settle_return(DEP, "dev_1", RETURNED, attempt=1, at=AT)
    store.add(DEP, a_target("dev_2", status=TargetStatus.SUCCESS), created_at=AT)
    assert store.settle_return(DEP, "dev_2", STUCK, attempt=1, at=AT)
    assert store.settle_return(DEP, "dev_2", RETURNED, attempt=2, at=LATER)
    found = store.get(DEP, "dev_2")
    assert isinstance(found, Target)
    assert (found.status, found.reason, found.message) == (TargetStatus.ROLLED_BACK, None, None)


def test_a_target_is_given_up_once_and_told_of_in_the_same_transaction(table: Table, store: TargetStore) -> None:
    put_flow(table)
    DeploymentStore(table).create(a_deployment(), entry=ENTRY)
    store.add(DEP, a_target("dev_1", status=TargetStatus.DEPLOYING), created_at=AT)
    outcome = TargetOutcome(status=TargetStatus.FAILED, reason="given_up", message="enough", reached=False)
    assert store.give_up(DEP, "dev_1", outcome, wave=2, at=LATER, entry=ENTRY) is False
    assert store.give_up(DEP, "dev_1", outcome, wave=1, at=LATER, entry=ENTRY) is True
    assert store.give_up(DEP, "dev_1", outcome, wave=1, at=LATER, entry=ENTRY) is False
    found = store.get(DEP, "dev_1")
    assert isinstance(found, Target)
    assert (found.status, found.reason, found.finished_at) == (TargetStatus.FAILED, "given_up", LATER)
    told, _ = HistoryStore(table).of_deployment(DEP, limit=10, after=0)
    assert len(told) == 2  # its creation, and this


def test_a_late_success_is_noted_once_beside_the_status_and_told(table: Table, store: TargetStore) -> None:
    put_flow(table)
    DeploymentStore(table).create(a_deployment(), entry=ENTRY)
    store.add(DEP, a_target("dev_001", status=TargetStatus.SKIPPED, reason="cancelled"), created_at=AT)
    before = the(store)
    store.reach_late(DEP, a_target("dev_001", status=TargetStatus.FAILED), runs_version=2, entry=ENTRY)
    assert the(store) == before, "it has another status by now"
    assert store.reach_late(DEP, before, runs_version=2, entry=ENTRY) is True
    assert store.reach_late(DEP, before, runs_version=2, entry=ENTRY) is False
    found = the(store)
    assert (found.status, found.reason) == (TargetStatus.SKIPPED, "cancelled")
    assert (found.reached, found.reached_late, found.runs_version) == (True, True, 2)
    assert store.settle_return(DEP, "dev_001", RETURNED, attempt=1, at=LATER) is True
    assert the(store).reached_late is True, "it stays when the device has returned"
    told, _ = HistoryStore(table).of_deployment(DEP, limit=10, after=0)
    assert len(told) == 2  # its creation, and this


def test_a_late_return_is_noted_once_for_its_attempt_and_told(table: Table, store: TargetStore) -> None:
    put_flow(table)
    DeploymentStore(table).create(a_deployment(), entry=ENTRY)
    store.add(DEP, a_target("dev_001", status=TargetStatus.SUCCESS), created_at=AT)
    store.settle_return(DEP, "dev_001", STUCK, attempt=1, at=AT)
    again = [
        store.return_late(DEP, "dev_001", attempt=attempt, runs_version=1, at=LATER, entry=ENTRY)
        for attempt in (2, 1, 1)
    ]
    assert again == [False, True, False]
    found = the(store)
    assert (found.status, found.reason, found.message) == (TargetStatus.ROLLED_BACK, None, None)
    assert (found.reported, found.runs_version, found.finished_at) == (True, 1, LATER)
    told, _ = HistoryStore(table).of_deployment(DEP, limit=10, after=0)
    assert len(told) == 2  # its creation, and this


def test_what_is_added_is_read_back_and_added_once(store: TargetStore) -> None:
    store.add(DEP, a_target("dev_001"), created_at=AT)
    store.mark_deploying(DEP, ["dev_001"], wave=1, at=AT)
    store.add(DEP, a_target("dev_001", wave=7), created_at=AT)  # planning came again
    assert the(store) == a_target("dev_001", status=TargetStatus.DEPLOYING, started_at=AT)


def test_a_target_that_is_not_there_is_none(store: TargetStore) -> None:
    assert store.get(DEP, "dev_001") is None


def test_all_and_many(store: TargetStore) -> None:
    for device_id in ("dev_3", "dev_1", "dev_2"):
        store.add(DEP, a_target(device_id), created_at=AT)
    store.add("dep_other", a_target("dev_9"), created_at=AT)
    assert [target.device_id for target in all_read(store.all(DEP))] == ["dev_1", "dev_2", "dev_3"]
    assert set(store.many(DEP, ["dev_1", "dev_3", "dev_9"])) == {"dev_1", "dev_3"}


def test_many_takes_more_than_one_batch(store: TargetStore) -> None:
    wanted = [f"dev_{number:03d}" for number in range(101)]
    for device_id in wanted:
        store.add(DEP, a_target(device_id), created_at=AT)
    assert sorted(store.many(DEP, wanted)) == wanted


def test_pages_follow_each_other_without_an_empty_end(store: TargetStore) -> None:
    for number in range(4):
        store.add(DEP, a_target(f"dev_{number}"), created_at=AT)
    first, position = store.page(DEP, limit=2, after=None)
    second, end = store.page(DEP, limit=2, after=position)
    assert [target.device_id for target in all_read(first + second)] == ["dev_0", "dev_1", "dev_2", "dev_3"]
    assert (position, end) == ("dev_1", None)


def test_members_are_those_of_the_wave_in_order(store: TargetStore) -> None:
    for number, wave in enumerate([1, 2, 1, 12, 1]):
        store.add(DEP, a_target(f"dev_{9 - number}", wave=wave), created_at=AT)
    assert store.members(DEP, 1) == ["dev_5", "dev_7", "dev_9"]
    assert store.members(DEP, 12) == ["dev_6"]
    assert store.members(DEP, 3) == []


def test_settling_leaves_the_places_in_indexes(store: TargetStore, table: Table) -> None:
    store.add(DEP, a_target("dev_001"), created_at=AT)
    store.mark_deploying(DEP, ["dev_001"], wave=1, at=AT)
    store.settle(DEP, "dev_001", UNHEALTHY, wave=1, at=AT)
    store.settle_return(DEP, "dev_001", RETURNED, attempt=1, at=LATER)
    item = table.get(keys.target_key(DEP, "dev_001"))
    assert item is not None
    assert item["lsi1sk"] == "WAVE#00001#dev_001"
    assert (item["gsi2pk"], item["gsi2sk"]) == ("DEVICE#dev_001", f"{AT}#{DEP}")


# --- deploying


def test_marking_tells_who_is_deploying_by_this_call_or_an_earlier_one(store: TargetStore) -> None:
    for device_id in ("dev_1", "dev_2", "dev_3"):
        store.add(DEP, a_target(device_id), created_at=AT)
    assert store.mark_deploying(DEP, ["dev_1"], wave=1, at=AT) == ["dev_1"]
    store.settle(DEP, "dev_3", SUCCESS, wave=1, at=AT)
    assert store.mark_deploying(DEP, ["dev_3", "dev_2", "dev_1", "dev_9"], wave=1, at=LATER) == ["dev_2", "dev_1"]
    assert the(store, "dev_1").started_at == AT
    assert the(store, "dev_2").started_at == LATER
    assert store.get(DEP, "dev_9") is None


@pytest.mark.slow
def test_a_chunk_of_a_hundred_is_marked_whole_and_in_order(store: TargetStore) -> None:
    chunk = [f"dev_{number:03d}" for number in range(100)]
    for device_id in chunk:
        store.add(DEP, a_target(device_id), created_at=AT)
    assert store.mark_deploying(DEP, chunk, wave=1, at=AT) == chunk


# --- the end of a target


def test_a_target_ends_once(store: TargetStore) -> None:
    store.add(DEP, a_target("dev_001"), created_at=AT)
    assert store.settle(DEP, "dev_001", UNHEALTHY, wave=1, at=AT) is True
    assert store.settle(DEP, "dev_001", SUCCESS, wave=1, at=LATER) is False
    assert the(store) == a_target(
        "dev_001",
        status=TargetStatus.FAILED,
        reason="unhealthy",
        message="n2 does not start",
        reached=True,
        reported=True,
        runs_version=1,
        finished_at=AT,
    )


def test_of_many_reports_at_once_one_is_written(store: TargetStore) -> None:
    store.add(DEP, a_target("dev_001"), created_at=AT)

    def report(number: int) -> bool:
        return store.settle(DEP, "dev_001", SUCCESS if number % 2 else UNHEALTHY, wave=1, at=AT)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(report, range(8))) == 1


def test_skipping_spares_what_is_deploying(store: TargetStore) -> None:
    store.add(DEP, a_target("dev_1"), created_at=AT)
    store.add(DEP, a_target("dev_2"), created_at=AT)
    store.mark_deploying(DEP, ["dev_1"], wave=1, at=AT)
    skipped = TargetOutcome(status=TargetStatus.SKIPPED, reason="not_reached", reached=False)
    assert store.skip(DEP, "dev_1", skipped, at=LATER) is False
    assert store.skip(DEP, "dev_2", skipped, at=LATER) is True
    assert the(store, "dev_2").reached is False


def test_a_device_that_is_no_target_is_not_made_one(store: TargetStore) -> None:
    assert store.settle(DEP, "dev_001", SUCCESS, wave=1, at=AT) is False
    assert store.settle_return(DEP, "dev_001", RETURNED, attempt=1, at=AT) is False
    assert store.get(DEP, "dev_001") is None


# --- the way back


def test_each_attempt_is_written_once_and_late_ones_never(store: TargetStore) -> None:
    store.add(DEP, a_target("dev_001"), created_at=AT)
    store.settle(DEP, "dev_001", SUCCESS, wave=1, at=AT)
    assert store.settle_return(DEP, "dev_001", STUCK, attempt=1, at=LATER) is True
    assert store.settle_return(DEP, "dev_001", RETURNED, attempt=1, at=LATER) is False
    assert store.settle_return(DEP, "dev_001", RETURNED, attempt=2, at=LATER) is True
    assert store.settle_return(DEP, "dev_001", STUCK, attempt=1, at=LATER) is False
    found = the(store)
    assert (found.status, found.rollback_attempt) == (TargetStatus.ROLLED_BACK, 2)


def test_going_back_keeps_why_it_had_failed(store: TargetStore) -> None:
    store.add(DEP, a_target("dev_001"), created_at=AT)
    store.settle(DEP, "dev_001", UNHEALTHY, wave=1, at=AT)
    store.settle_return(DEP, "dev_001", RETURNED, attempt=1, at=LATER)
    found = the(store)
    assert (found.reason, found.message) == ("unhealthy", "n2 does not start")
    assert (found.status, found.finished_at) == (TargetStatus.ROLLED_BACK, LATER)


def test_a_device_that_was_reached_stays_so(store: TargetStore) -> None:
    store.add(DEP, a_target("dev_001"), created_at=AT)
    store.settle(DEP, "dev_001", SUCCESS, wave=1, at=AT)
    gone = TargetOutcome(status=TargetStatus.ROLLBACK_FAILED, reason="device_gone", message="gone", reached=False)
    store.settle_return(DEP, "dev_001", gone, attempt=1, at=LATER)
    assert the(store).reached is True


def test_a_note_leaves_the_status(store: TargetStore) -> None:
    store.add(DEP, a_target("dev_001"), created_at=AT)
    store.settle(DEP, "dev_001", SUCCESS, wave=1, at=AT)
    store.note(DEP, "dev_001", reason="moved_on", message="another deployment changed it")
    found = the(store)
    assert (found.status, found.reason) == (TargetStatus.SUCCESS, "moved_on")
    with pytest.raises(NotFound, match="no target dev_9"):
        store.note(DEP, "dev_9", reason="moved_on", message="another deployment changed it")


def test_the_plan_of_a_rollback_is_read_by_group(store: TargetStore) -> None:
    plan = [
        Return(device_id="dev_3", group=0, version_before=None),
        Return(device_id="dev_2", group=10, version_before=4),
        Return(device_id="dev_9", group=2, version_before=1),
        Return(device_id="dev_1", group=2, version_before=1),
    ]
    for entry in [*plan, *plan]:  # planned twice
        store.plan_return(DEP, 1, entry)
    store.plan_return(DEP, 2, Return(device_id="dev_5", group=0, version_before=None))
    assert [(entry.group, entry.device_id) for entry in store.returns(DEP, 1)] == [
        (0, "dev_3"),
        (2, "dev_1"),
        (2, "dev_9"),
        (10, "dev_2"),
    ]
    assert store.returns(DEP, 1)[0].version_before is None
    assert store.returns(DEP, 3) == []
    assert store.is_to_return(DEP, 1, 2, "dev_9")
    assert not store.is_to_return(DEP, 1, 0, "dev_9")
    assert not store.is_to_return(DEP, 2, 2, "dev_9")


def test_a_success_fails_late_once_and_not_by_the_devices_own_word(store: TargetStore) -> None:
    store.add(DEP, a_target("dev_001"), created_at=AT)
    store.settle(DEP, "dev_001", SUCCESS, wave=1, at=AT)
    assert store.fail_late(DEP, "dev_001", was=TargetStatus.SUCCESS, reason="unhealthy", message="ill", at=LATER)
    assert not store.fail_late(DEP, "dev_001", was=TargetStatus.SUCCESS, reason="unhealthy", message="again", at=LATER)
    target = the(store)
    assert (target.status, target.message, target.finished_at) == (TargetStatus.FAILED, "ill", LATER)
    assert (target.reported, target.runs_version) == (False, 2)


@pytest.mark.parametrize("status", sorted(set(TargetStatus) - {TargetStatus.SUCCESS}))
def test_only_a_success_fails_late(store: TargetStore, status: TargetStatus) -> None:
    store.add(DEP, a_target("dev_001", status=status), created_at=AT)
    assert not store.fail_late(DEP, "dev_001", was=TargetStatus.SUCCESS, reason="unhealthy", message="ill", at=LATER)
    assert the(store).status is status


STAGED = TargetOutcome(status=TargetStatus.STAGED, reported=True, runs_version=1)


def test_what_is_staged_enters_the_next_wave_once_and_stays_where_it_was_planned(store: TargetStore) -> None:
    for device in ("dev_1", "dev_2", "dev_3"):
        store.add(DEP, a_target(device), created_at=AT)
    store.settle(DEP, "dev_1", STAGED, wave=1, at=AT)
    store.settle(DEP, "dev_2", UNHEALTHY, wave=1, at=AT)
    devices = ["dev_1", "dev_2", "dev_3", "dev_9"]
    assert store.enter(DEP, devices, wave=2, at=LATER) == ["dev_1"]
    assert (the(store, "dev_1").wave, the(store, "dev_1").status) == (2, TargetStatus.DEPLOYING)
    store.settle(DEP, "dev_1", SUCCESS, wave=2, at=LATER)
    assert store.enter(DEP, devices, wave=2, at=LATER) == ["dev_1"]
    assert the(store, "dev_1").status is TargetStatus.SUCCESS
    assert store.members(DEP, 1) == ["dev_1", "dev_2", "dev_3"]


def test_a_report_of_another_wave_settles_nothing(store: TargetStore) -> None:
    store.add(DEP, a_target("dev_1"), created_at=AT)
    assert not store.settle(DEP, "dev_1", SUCCESS, wave=2, at=AT)
    store.settle(DEP, "dev_1", STAGED, wave=1, at=AT)
    store.enter(DEP, ["dev_1"], wave=2, at=AT)
    assert not store.settle(DEP, "dev_1", STAGED, wave=1, at=LATER)
    assert store.mark_deploying(DEP, ["dev_1"], wave=1, at=LATER) == []
    assert store.mark_deploying(DEP, ["dev_1"], wave=2, at=LATER) == ["dev_1"]


def test_skipping_what_is_staged_keeps_that_the_device_was_reached(store: TargetStore) -> None:
    store.add(DEP, a_target("dev_1"), created_at=AT)
    store.settle(DEP, "dev_1", STAGED, wave=1, at=AT)
    skipped = TargetOutcome(status=TargetStatus.SKIPPED, reason="not_reached", reached=False)
    assert store.skip(DEP, "dev_1", skipped, at=LATER)
    assert (the(store, "dev_1").status, the(store, "dev_1").reached) == (TargetStatus.SKIPPED, True)


def test_skipping_who_was_told_nothing_spares_what_is_staged(store: TargetStore) -> None:
    store.add(DEP, a_target("dev_1"), created_at=AT)
    store.add(DEP, a_target("dev_2"), created_at=AT)
    store.settle(DEP, "dev_1", STAGED, wave=1, at=AT)
    offline = TargetOutcome(status=TargetStatus.SKIPPED, reason="offline", reached=False)
    pending = frozenset({TargetStatus.PENDING})
    assert store.skip(DEP, "dev_1", offline, at=LATER, unbegun=pending) is False
    assert store.skip(DEP, "dev_2", offline, at=LATER, unbegun=pending) is True
    assert (the(store, "dev_1").status, the(store, "dev_2").reason) == (TargetStatus.STAGED, "offline")


def test_what_is_staged_fails_late_only_as_such(store: TargetStore) -> None:
    store.add(DEP, a_target("dev_1"), created_at=AT)
    store.settle(DEP, "dev_1", STAGED, wave=1, at=AT)
    assert not store.fail_late(DEP, "dev_1", was=TargetStatus.SUCCESS, reason="unhealthy", message="ill", at=LATER)
    assert store.fail_late(DEP, "dev_1", was=TargetStatus.STAGED, reason="unhealthy", message="ill", at=LATER)
