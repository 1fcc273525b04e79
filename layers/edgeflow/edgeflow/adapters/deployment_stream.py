"""Records of the table's stream as changes of deployments' statuses."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from edgeflow.adapters.deployment_items import KIND, read_deployment
from edgeflow.adapters.stream import SEQUENCE_DIGITS
from edgeflow.adapters.table import from_attributes
from edgeflow.domain.clock import timestamp
from edgeflow.domain.deployments import DeploymentStatus
from edgeflow.use_cases.notify_status import StatusChange


def status_changes(records: Iterable[Mapping[str, Any]]) -> list[StatusChange]:
    """Return the changes of status, in the order of the records."""
    return [change for change in map(_status_change, records) if change is not None]


def _status_change(record: Mapping[str, Any]) -> StatusChange | None:
    told = record["dynamodb"]
    if "NewImage" not in told:
        return None
    after = from_attributes(told["NewImage"])
    if after.get("kind") != KIND or "id" not in after:
        return None
    before = from_attributes(told["OldImage"]).get("status") if "OldImage" in told else None
    deployment = read_deployment(after)
    previous = DeploymentStatus(before) if before is not None else None
    if previous is deployment.status:
        return None
    created = told.get("ApproximateCreationDateTime")
    moment = datetime.fromtimestamp(float(created), UTC) if created is not None else datetime.now(UTC)
    return StatusChange(
        deployment=deployment,
        previous=previous,
        sequence=told["SequenceNumber"].zfill(SEQUENCE_DIGITS),
        occurred_at=timestamp(moment),
    )
