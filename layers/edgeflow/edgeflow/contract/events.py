"""Events on EventBridge: what others may rely on when a deployment's status changes.

Delivery is at least once, and not in order: ``id`` tells a repeat, ``sequence`` the later of two.
"""

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from edgeflow.contract.ids import DeploymentId, FlowId
from edgeflow.contract.wire import MAX_WIRE_NUMBER, Count, VersionNumber

EVENT_SOURCE: Final = "edgeflow"
STATUS_CHANGED: Final = "Deployment Status Changed"  # detail-type
STATUS_SCHEMA: Final = "edgeflow.deployment-status/1"
MAX_REASON_LENGTH: Final = 2_000
"""Characters of a reason that an event carries; ``GET /v1/deployments/{id}`` has all of it."""

Name = Annotated[str, StringConstraints(max_length=100)]
Arn = Annotated[str, StringConstraints(max_length=2_048)]  # EventBridge: a resource
Total = Annotated[int, Field(ge=-MAX_WIRE_NUMBER, le=MAX_WIRE_NUMBER)]
"""A counter that was added to and taken from; what was lost on the way can leave it below zero."""


class DeploymentStatusChanged(BaseModel):
    """Detail of the event. Times are ISO 8601 UTC; ``previous_status`` is null when the deployment is new.

    ``flow_version`` is null where ``action`` is ``remove``.
    """

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    schema_: Literal["edgeflow.deployment-status/1"] = Field(default=STATUS_SCHEMA, alias="schema")
    id: Name
    sequence: Name
    occurred_at: Name
    deployment_id: DeploymentId
    flow_id: FlowId
    action: Literal["deploy", "remove"]
    flow_version: VersionNumber | None
    strategy: Name
    status: Name
    previous_status: Name | None
    status_reason: str = Field(max_length=MAX_REASON_LENGTH)
    total_targets: Count
    completed_targets: Total
    failed_targets: Total
    rollbacks: Count
    retry_of: DeploymentId | None
    execution_arn: Arn | None
    rollback_execution_arn: Arn | None
