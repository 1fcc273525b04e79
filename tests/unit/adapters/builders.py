"""Deployments, targets and flows for the tests of the stores."""

from typing import Any

from edgeflow.adapters import keys
from edgeflow.adapters.deployments.deployment_store import DeploymentStore
from edgeflow.adapters.table import Table
from edgeflow.domain.deployments import Artifact, Deployment, DeploymentStatus, Target, TargetStatus
from edgeflow.domain.rules import RolloutRules
from edgeflow.domain.strategies import Strategy
from tests.support.history import ENTRY

FLOW = "flow_01J9Z3AAAAAAAAAAAAAAAAAAAA"
DEP = "dep_01J9Z3BBBBBBBBBBBBBBBBBBBB"
AT = "2026-02-21T12:00:00.000Z"
LATER = "2026-02-21T12:05:00.000Z"

RULES = RolloutRules(
    timeout_seconds=1_800,
    auto_rollback=True,
    health_check=True,
    batch_size=5,
    batch_delay_seconds=300,
    failure_threshold=20,
)


def a_deployment(**changes: Any) -> Deployment:  # noqa: ANN401  any field of a deployment
    """Return a pending rolling deployment, with these fields changed."""
    fields: dict[str, Any] = {
        "id": DEP,
        "flow_id": FLOW,
        "artifact": Artifact(version=2, sha256="ab" * 32, size=512),
        "strategy": Strategy.ROLLING,
        "rules": RULES,
        "status": DeploymentStatus.PENDING,
        "status_reason": "created by tests",
        "total_targets": 3,
        "created_at": AT,
        "created_by": "tests",
    }
    return Deployment(**(fields | changes))


def a_target(device_id: str, **changes: Any) -> Target:  # noqa: ANN401  any field of a target
    """Return a pending target of wave 1, with these fields changed."""
    fields: dict[str, Any] = {"device_id": device_id, "wave": 1, "status": TargetStatus.PENDING, "version_before": 1}
    return Target(**(fields | changes))


def put_flow(table: Table, *, flow_id: str = FLOW, state: str = "published") -> None:
    """Write as much of a flow as deployments read."""
    pk, sk = keys.flow_key(flow_id)
    table.put({"pk": pk, "sk": sk, "kind": "flow", "state": state})


def open_deployments(table: Table, *, flow_id: str = FLOW) -> set[str] | None:
    """Return the unfinished deployments entered at a flow; None when the flow does not exist."""
    flow = table.get(keys.flow_key(flow_id))
    return None if flow is None else flow.get("open_deployments", set())


def created(store: DeploymentStore, *statuses: DeploymentStatus) -> None:
    """Create the deployment and lead it through these statuses."""
    store.create(a_deployment(), entry=ENTRY)
    for status in statuses:
        store.change_status(DEP, allowed=DeploymentStatus, to=status, reason=f"now {status}", at=AT, entry=ENTRY)
