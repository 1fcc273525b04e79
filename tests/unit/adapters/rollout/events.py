"""Events to publish."""

from typing import Any

from edgeflow.contract.events import DeploymentStatusChanged
from tests.unit.adapters.builders import AT, DEP, FLOW


def an_event(*, sequence: str = "1", **changes: Any) -> DeploymentStatusChanged:  # noqa: ANN401  any field of an event
    """Return the event of a rollout that failed, with these fields changed."""
    fields: dict[str, Any] = {
        "id": f"{DEP}:{sequence}",
        "sequence": sequence,
        "occurred_at": AT,
        "deployment_id": DEP,
        "flow_id": FLOW,
        "action": "deploy",
        "flow_version": 2,
        "strategy": "rolling",
        "status": "failed",
        "previous_status": "running",
        "status_reason": "2 of the 3 targets failed",
        "total_targets": 3,
        "completed_targets": 1,
        "failed_targets": 2,
        "rollbacks": 0,
        "retry_of": None,
        "execution_arn": None,
        "rollback_execution_arn": None,
    }
    return DeploymentStatusChanged(**(fields | changes))
