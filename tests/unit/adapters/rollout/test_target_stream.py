"""Stream records as changes of targets, read from moto's own stream, so that their shape is DynamoDB's."""

from typing import Any

import boto3
import pytest
from botocore.config import Config

from edgeflow.adapters.deployments.counters import SEQUENCE_DIGITS
from edgeflow.adapters.rollout.target_store import TargetStore
from edgeflow.adapters.rollout.target_stream import target_change, target_changes
from edgeflow.adapters.rollout.wave_store import WaveStore
from edgeflow.adapters.table import Table
from edgeflow.domain.deployments import TargetStatus
from edgeflow.domain.waves import Awaits, TargetChange
from edgeflow.use_cases.rollout.ports import TargetOutcome
from edgeflow.use_cases.rollout.set_aside import SetAside
from tests.unit.adapters.builders import AT, DEP, a_target

FAILED = TargetOutcome(status=TargetStatus.FAILED, reason="unhealthy")
RETURNED = TargetOutcome(status=TargetStatus.ROLLED_BACK)


def records(table: Table) -> list[dict[str, Any]]:
    """Return the records of the table's stream so far, as Lambda gets them."""
    arn = boto3.client("dynamodb").describe_table(TableName=table.name)["Table"]["LatestStreamArn"]
    # moto does not know the addresses with an account id in them.
    streams = boto3.client("dynamodbstreams", config=Config(account_id_endpoint_mode="disabled"))
    found: list[dict[str, Any]] = []
    for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
        iterator = streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        found.extend(streams.get_records(ShardIterator=iterator)["Records"])
    return found


@pytest.fixture
def targets(table: Table) -> TargetStore:
    """The store, without targets."""
    return TargetStore(table)


def read(table: Table) -> list[TargetChange]:
    """Return what the stream tells so far; all of it can be read."""
    return [change for change in target_changes(records(table)) if isinstance(change, TargetChange)]


def steps(changes: list[TargetChange]) -> list[tuple[str, str]]:
    return [(change.before.value, change.after.value) for change in changes]


def test_the_life_of_a_target(targets: TargetStore, table: Table) -> None:
    targets.add(DEP, a_target("dev_001", wave=3), created_at=AT)
    targets.mark_deploying(DEP, ["dev_001"], wave=3, at=AT)
    targets.settle(DEP, "dev_001", FAILED, wave=3, at=AT)
    targets.note(DEP, "dev_001", reason="moved_on", message="a note changes no count")
    targets.settle_return(DEP, "dev_001", RETURNED, attempt=1, at=AT)
    targets.settle_return(DEP, "dev_001", RETURNED, attempt=2, at=AT)
    changes = read(table)
    assert steps(changes) == [
        ("pending", "deploying"),
        ("deploying", "failed"),
        ("failed", "rolled_back"),
        ("rolled_back", "rolled_back"),
    ]
    assert {(change.deployment_id, change.wave) for change in changes} == {(DEP, 3)}
    assert [(change.attempt_before, change.attempt_after) for change in changes] == [(0, 0), (0, 0), (0, 1), (1, 2)]


def test_sequences_grow_with_the_stream_and_have_one_length(targets: TargetStore, table: Table) -> None:
    for number in range(12):
        targets.add(DEP, a_target(f"dev_{number}", status=TargetStatus.FAILED), created_at=AT)
    sequences = [change.sequence for change in read(table)]
    assert sequences == sorted(set(sequences))
    assert {len(sequence) for sequence in sequences} == {SEQUENCE_DIGITS}


def test_a_target_written_settled_counts_as_a_change_from_pending(targets: TargetStore, table: Table) -> None:
    targets.add(DEP, a_target("dev_001", status=TargetStatus.FAILED, reason="device_gone"), created_at=AT)
    assert steps(read(table)) == [("pending", "failed")]


def test_a_target_written_pending_counts_nothing(targets: TargetStore, table: Table) -> None:
    targets.add(DEP, a_target("dev_001"), created_at=AT)
    assert read(table) == []


def test_other_items_count_nothing(table: Table) -> None:
    WaveStore(table).open(DEP, "00001", total=1, tolerated=0, task_token=None, awaits=Awaits.VERDICT)
    assert records(table)
    assert target_changes(records(table)) == []


def test_a_removed_item_counts_nothing() -> None:
    gone = {"eventName": "REMOVE", "dynamodb": {"SequenceNumber": "1", "OldImage": {"kind": {"S": "target"}}}}
    assert target_change(gone) is None


@pytest.mark.parametrize(
    "damage",
    [
        {"status": {"S": "quarantined"}},
        {"status": {"N": "1"}},
        {"wave": {"S": "first"}},
        {"wave": {"N": "1E+37"}},
        {"wave": {"BOOL": True}},
        {"wave": {"NULL": True}},
        {"rollback_attempt": {"N": "-1"}},
        {"device_id": {"X": "a type that there is not"}},
    ],
)
@pytest.mark.parametrize("image", ["OldImage", "NewImage"])
@pytest.mark.slow
def test_a_record_that_cannot_be_read_is_set_aside_between_the_others(
    targets: TargetStore, table: Table, damage: dict[str, Any], image: str
) -> None:
    for number in range(3):
        targets.add(DEP, a_target(f"dev_{number}"), created_at=AT)
        targets.settle(DEP, f"dev_{number}", FAILED, wave=1, at=AT)
    told = [record for record in records(table) if record["eventName"] == "MODIFY"]
    told[1]["dynamodb"][image] |= damage
    first, aside, last = target_changes(told)
    assert (isinstance(first, TargetChange), isinstance(last, TargetChange)) == (True, True)
    assert isinstance(aside, SetAside)
    assert (aside.record, aside.pk) == (told[1]["dynamodb"]["SequenceNumber"], f"DEP#{DEP}")
    assert aside.fault
