"""Events on EventBridge: what others may rely on when a deployment's status changes.

Delivery is at least once, and not in order: ``id`` tells a repeat, ``sequence`` the later of two.
"""

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

EVENT_SOURCE: Final = "edgeflow"
STATUS_CHANGED: Final = "Deployment Status Changed"  # detail-type
STATUS_SCHEMA: Final = "edgeflow.deployment-status/1"
MAX_REASON_LENGTH: Final = 2_000
"""Characters of a reason that an event carries; ``GET /v1/deployments/{id}`` has all of it."""


class DeploymentStatusChanged(BaseModel):
    """Detail of the event. Times are ISO 8601 UTC; ``previous_status`` is null when the deployment is new."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    schema_: Literal["edgeflow.deployment-status/1"] = Field(default=STATUS_SCHEMA, alias="schema")
    id: str
    sequence: str
    occurred_at: str
    deployment_id: str
    flow_id: str
    flow_version: int
    strategy: str
    status: str
    previous_status: str | None
    status_reason: str = Field(max_length=MAX_REASON_LENGTH)
    total_targets: int
    completed_targets: int
    failed_targets: int
    rollbacks: int
    retry_of: str | None
    execution_arn: str | None
    rollback_execution_arn: str | None
