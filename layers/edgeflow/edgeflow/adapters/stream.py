"""Records of the table's stream as changes of targets."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from edgeflow.adapters.table import Item, from_attributes
from edgeflow.adapters.target_store import TARGET_KIND
from edgeflow.domain.deployments import TargetStatus
from edgeflow.domain.waves import TargetChange

SEQUENCE_DIGITS: Final = 40  # DynamoDB Streams: SequenceNumber has at most 40 digits


def target_changes(records: Iterable[Mapping[str, Any]]) -> list[TargetChange]:
    """Return the changes that may count, in the order of the records; see :func:`target_change`."""
    return [change for change in map(target_change, records) if change is not None]


def target_change(record: Mapping[str, Any]) -> TargetChange | None:
    """Read one record of a Lambda event; None when it changes neither a target's status nor its rollback attempt.

    A target may be written settled at once (its device was gone when the rollout was planned): that
    counts as a change from pending.
    """
    told = record["dynamodb"]
    if "NewImage" not in told:
        return None
    after = from_attributes(told["NewImage"])
    if after.get("kind") != TARGET_KIND:
        return None
    before: Item = from_attributes(told["OldImage"]) if "OldImage" in told else {}
    change = TargetChange(
        deployment_id=after["deployment_id"],
        wave=after["wave"],
        wave_before=before["wave"] if before else after["wave"],
        before=TargetStatus(before.get("status", TargetStatus.PENDING)),
        after=TargetStatus(after["status"]),
        attempt_before=before.get("rollback_attempt", 0),
        attempt_after=after.get("rollback_attempt", 0),
        # Numbers of different lengths compare rightly as strings only when they are padded.
        sequence=told["SequenceNumber"].zfill(SEQUENCE_DIGITS),
    )
    moved = change.before != change.after or change.attempt_before != change.attempt_after
    return change if moved else None
