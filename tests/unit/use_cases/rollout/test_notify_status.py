"""One event for each change of a deployment's status, with the same id however often it comes."""

from collections.abc import Sequence

import pytest

from edgeflow.adapters.rollout.deployment_stream import status_changes
from edgeflow.adapters.table import to_attributes
from edgeflow.contract.events import MAX_REASON_LENGTH, DeploymentStatusChanged
from edgeflow.domain.deployments import DeploymentStatus
from edgeflow.domain.errors import Unavailable
from edgeflow.use_cases.rollout.notify_status import Notified, NotifyStatus
from edgeflow.use_cases.rollout.set_aside import SetAside
from tests.unit.adapters.builders import DEP
from tests.unit.adapters.rollout.deployment_records import image, record, unreadable

PENDING, RUNNING, FAILED = DeploymentStatus.PENDING, DeploymentStatus.RUNNING, DeploymentStatus.FAILED


class Bus:
    """Keeps what is published; takes no more than ``takes``."""

    def __init__(self, takes: int = 1_000) -> None:
        """Begin with nothing."""
        self.takes = takes
        self.events: list[DeploymentStatusChanged] = []

    def publish(self, events: Sequence[DeploymentStatusChanged]) -> int:
        """Keep these."""
        if not self.takes:
            message = "EventBridge is too busy; try again"
            raise Unavailable(message)
        taken = events[: self.takes]
        self.events += taken
        return len(taken)


class Letters:
    """Keeps what cannot be read."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.records: list[SetAside] = []

    def keep(self, record: SetAside) -> None:
        """Keep it."""
        self.records.append(record)


def test_a_change_is_told_with_what_it_was_before() -> None:
    bus = Bus()
    records = [record(None, PENDING, "9"), record(PENDING, RUNNING, "10")]
    assert NotifyStatus(bus, Letters())(status_changes(records)) == Notified(published=2, set_aside=0, left=None)
    new, started = bus.events
    assert (new.previous_status, new.status) == (None, "pending")
    assert (started.previous_status, started.status) == ("pending", "running")
    assert started.occurred_at == "2026-02-21T12:00:00.000Z"
    assert new.sequence < started.sequence


def test_what_changes_no_status_is_no_news() -> None:
    target = {"dynamodb": {"NewImage": to_attributes({"kind": "target", "status": "failed"}), "SequenceNumber": "1"}}
    removed = {"dynamodb": {"OldImage": image(RUNNING), "SequenceNumber": "2"}}
    assert status_changes([record(RUNNING, RUNNING, current_wave=2), target, removed]) == []


def test_a_record_that_comes_again_has_its_id_again() -> None:
    bus = Bus()
    for _ in range(2):
        NotifyStatus(bus, Letters())(status_changes([record(RUNNING, FAILED)]))
    first, again = bus.events
    assert first == again
    assert first.id.startswith(f"{DEP}:")


@pytest.mark.parametrize(
    "attributes", [{"status": "exploded"}, {"strategy": "magic"}, {"artifact": {"of": "another shape"}}, {"rules": 7}]
)
def test_a_record_that_cannot_be_read_holds_up_no_other(attributes: dict[str, object]) -> None:
    bus, letters = Bus(), Letters()
    records = [record(None, PENDING, "1"), unreadable("2", **attributes), record(PENDING, RUNNING, "3")]
    assert NotifyStatus(bus, letters)(status_changes(records)) == Notified(published=2, set_aside=1, left=None)
    assert [event.status for event in bus.events] == ["pending", "running"]
    (kept,) = letters.records
    assert (kept.record, kept.pk) == ("2", f"DEP#{DEP}")
    assert kept.fault


def test_a_batch_comes_again_from_the_first_change_that_was_left_out() -> None:
    bus, letters = Bus(takes=1), Letters()
    records = [record(None, PENDING, "0001"), unreadable("0002", status="exploded")]
    records += [record(PENDING, RUNNING, "0003"), unreadable("0004", status="exploded")]
    # The record as the stream numbers it, not as it is padded for consumers.
    told = NotifyStatus(bus, letters)(status_changes(records))
    assert told == Notified(published=1, set_aside=1, left="0003")
    assert [kept.record for kept in letters.records] == ["0002"]


def test_while_nothing_can_be_published_nothing_is_set_aside_again_and_again() -> None:
    letters = Letters()
    records = [unreadable("1", status="exploded"), record(PENDING, RUNNING, "2")]
    with pytest.raises(Unavailable):
        NotifyStatus(Bus(takes=0), letters)(status_changes(records))
    assert letters.records == []


def test_a_long_reason_is_cut() -> None:
    bus = Bus()
    NotifyStatus(bus, Letters())(status_changes([record(RUNNING, FAILED, status_reason="so " * 5_000)]))
    assert len(bus.events[0].status_reason) == MAX_REASON_LENGTH
