"""Records of the table's stream as changes of deployments' statuses."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from edgeflow.adapters.deployment_items import KIND, read_deployment
from edgeflow.adapters.stream import SEQUENCE_DIGITS
from edgeflow.adapters.table import from_attributes
from edgeflow.domain.clock import timestamp
from edgeflow.domain.deployments import DeploymentStatus
from edgeflow.use_cases.notify_status import StatusChange, UnreadableRecord


def status_changes(records: Iterable[Mapping[str, Any]]) -> list[StatusChange | UnreadableRecord]:
    """Return the changes of status, in the order of the records, and between them what cannot be read."""
    return [change for change in map(_read, records) if change is not None]


def _read(record: Mapping[str, Any]) -> StatusChange | UnreadableRecord | None:
    try:
        return _status_change(record)
    except (KeyError, TypeError, ValueError) as error:
        # A status or a setting that this release does not know, or an item that somebody wrote by hand.
        told = record["dynamodb"]
        return UnreadableRecord(
            record=told["SequenceNumber"],
            pk=str(told.get("Keys", {}).get("pk", {}).get("S", "")),
            fault=f"{type(error).__name__}: {error}",
        )


def _status_change(record: Mapping[str, Any]) -> StatusChange | None:
    told = record["dynamodb"]
    if "NewImage" not in told:
        return None
    after = from_attributes(told["NewImage"])
    if after.get("kind") != KIND:
        return None
    before = from_attributes(told["OldImage"])["status"] if "OldImage" in told else None
    if before == after["status"]:
        return None
    return StatusChange(
        record=told["SequenceNumber"],
        deployment=read_deployment(after),
        previous=DeploymentStatus(before) if before is not None else None,
        # Numbers of different lengths compare rightly as strings only when they are padded.
        sequence=told["SequenceNumber"].zfill(SEQUENCE_DIGITS),
        occurred_at=timestamp(datetime.fromtimestamp(float(told["ApproximateCreationDateTime"]), UTC)),
    )
