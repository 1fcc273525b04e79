"""A deployment as an item of the table, and back."""

from dataclasses import asdict
from typing import Final

from edgeflow.adapters import keys
from edgeflow.adapters.counters import read_counts
from edgeflow.adapters.damage import whole
from edgeflow.adapters.table import Item
from edgeflow.domain.deployments import Artifact, Deployment, DeploymentStatus
from edgeflow.domain.flows import Signature
from edgeflow.domain.rules import RolloutRules
from edgeflow.domain.strategies import Strategy

KIND: Final = "deployment"


def write_deployment(deployment: Deployment) -> Item:
    """Return the item of a new deployment."""
    pk, sk = keys.deployment_key(deployment.id)
    item = asdict(deployment)
    del item["counts"]  # counters are attributes of their own, which only the tally adds to
    return {
        **item,
        "pk": pk,
        "sk": sk,
        "kind": KIND,
        "gsi1pk": keys.DEPLOYMENTS_LIST,
        "gsi1sk": f"{deployment.created_at}#{deployment.id}",
        "strategy": deployment.strategy.value,
        "status": deployment.status.value,
    }


@whole(KIND)
def read_deployment(item: Item) -> Deployment:
    """Return the deployment an item is. Raises Damaged."""
    return Deployment(
        id=item["id"],
        flow_id=item["flow_id"],
        artifact=_artifact(item["artifact"]),
        strategy=Strategy(item["strategy"]),
        rules=RolloutRules(**item["rules"]),
        status=DeploymentStatus(item["status"]),
        status_reason=item["status_reason"],
        total_targets=item["total_targets"],
        created_at=item["created_at"],
        created_by=item["created_by"],
        started_at=item.get("started_at"),
        finished_at=item.get("finished_at"),
        waves=item["waves"],
        current_wave=item["current_wave"],
        rollbacks=item["rollbacks"],
        counts=read_counts(item),
        execution_arn=item.get("execution_arn"),
        execution_started=item["execution_started"],
        rollback_execution_arn=item.get("rollback_execution_arn"),
        target_groups=tuple(item.get("target_groups", ())),
        retry_of=item.get("retry_of"),
        retried_by=item.get("retried_by"),
        resume_token=item.get("resume_token"),
        watch_token=item.get("watch_token"),
        breached_wave=item.get("breached_wave"),
    )


def _artifact(item: Item) -> Artifact:
    signature = item.get("signature")
    return Artifact(**item | {"signature": Signature(**signature) if signature else None})
