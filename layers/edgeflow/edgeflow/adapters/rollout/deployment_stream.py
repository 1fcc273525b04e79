"""Records of the table's stream as changes of deployments' statuses."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from edgeflow.adapters.attributes import text
from edgeflow.adapters.deployments.deployment_items import KIND, read_deployment
from edgeflow.adapters.rollout.target_stream import position, read_each
from edgeflow.adapters.table import from_attributes
from edgeflow.domain.clock import timestamp
from edgeflow.domain.deployments import DeploymentStatus
from edgeflow.use_cases.rollout.notify_status import StatusChange, status_changed
from edgeflow.use_cases.rollout.set_aside import SetAside


def status_changes(records: Iterable[Mapping[str, Any]]) -> list[StatusChange | SetAside]:
    """Return the changes of status, in the order of the records, and between them what cannot be read."""
    return read_each(records, _status_change)


def _status_change(record: Mapping[str, Any]) -> StatusChange | None:
    told = record["dynamodb"]
    if "NewImage" not in told:
        return None
    after = from_attributes(told["NewImage"])
    if after.get("kind") != KIND:
        return None
    before = text(from_attributes(told["OldImage"]), "status") if "OldImage" in told else None
    if before == text(after, "status"):
        return None
    event = status_changed(
        read_deployment(after),
        previous=DeploymentStatus(before) if before is not None else None,
        sequence=position(record),
        occurred_at=timestamp(datetime.fromtimestamp(float(told["ApproximateCreationDateTime"]), UTC)),
    )
    return StatusChange(record=told["SequenceNumber"], event=event)
