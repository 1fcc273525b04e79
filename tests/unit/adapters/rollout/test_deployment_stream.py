"""Records of the stream as changes of status: each in its place, and what cannot be read between them."""

from edgeflow.adapters.rollout.deployment_stream import status_changes
from edgeflow.domain.deployments import DeploymentStatus
from edgeflow.use_cases.rollout.notify_status import StatusChange
from edgeflow.use_cases.rollout.set_aside import SetAside
from tests.unit.adapters.builders import DEP
from tests.unit.adapters.rollout.deployment_records import record, unreadable

PENDING, RUNNING, FAILED = DeploymentStatus.PENDING, DeploymentStatus.RUNNING, DeploymentStatus.FAILED


def test_changes_come_in_order_with_what_cannot_be_read_in_its_place() -> None:
    read = status_changes(
        [record(None, PENDING, "1"), unreadable("2", status="asleep"), record(RUNNING, FAILED, "3", status_reason="x")]
    )
    created, aside, failed = read
    assert isinstance(created, StatusChange)
    assert (created.record, created.event.status, created.event.previous_status) == ("1", "pending", None)
    assert isinstance(aside, SetAside)
    assert (aside.record, aside.pk) == ("2", f"DEP#{DEP}")
    assert isinstance(failed, StatusChange)
    assert (failed.event.previous_status, failed.event.status, failed.event.status_reason) == ("running", "failed", "x")
    assert failed.event.occurred_at == "2026-02-21T12:00:00.000Z"


def test_what_changes_no_status_is_left_out_and_so_is_every_other_item() -> None:
    deleted = record(RUNNING, FAILED)
    del deleted["dynamodb"]["NewImage"]
    target = record(RUNNING, FAILED)
    target["dynamodb"]["NewImage"]["kind"] = {"S": "target"}
    assert status_changes([record(RUNNING, RUNNING), deleted, target]) == []
