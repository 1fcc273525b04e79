"""A deployment as an item of the table, and back."""

from dataclasses import asdict
from typing import Any, Final

from edgeflow.adapters import keys
from edgeflow.adapters.attributes import (
    MAX_NUMBER,
    Item,
    flag,
    mapping,
    optional_text,
    optional_texts,
    optional_whole,
    text,
    whole,
)
from edgeflow.adapters.creation_list import position
from edgeflow.adapters.deployments.counters import read_counts
from edgeflow.adapters.flows.flow_items import read_signature
from edgeflow.domain.deployments import UNFINISHED, Artifact, Deployment, DeploymentAction, DeploymentStatus
from edgeflow.domain.rules import RolloutRules
from edgeflow.domain.strategies import Strategy

KIND: Final = "deployment"
LAST_EVENT: Final = "last_event"
"""Sequence of the newest event; deployments from before there were histories have none."""
CHANGED_AT: Final = "changed_at"
"""When that event was written."""
MAX_SECONDS: Final = 1_000_000_000
"""Of a duration: thirty years."""


MARK: Final = "unfinished"
"""What has a deployment in the index of those that something is at work on."""
_AT_WORK: Final = UNFINISHED - {DeploymentStatus.PENDING}


def mark_of(status: str) -> dict[str, str | None]:
    """Return the mark of a deployment of this status; None takes it away."""
    return {MARK: keys.UNFINISHED_LIST if status in _AT_WORK else None}


def write_deployment(deployment: Deployment) -> dict[str, Any]:
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
        "gsi1sk": position(deployment.created_at, deployment.id),
        "action": deployment.action.value,
        "strategy": deployment.strategy.value,
        "status": deployment.status.value,
        **mark_of(deployment.status),
    }


def read_deployment(item: Item) -> Deployment:
    """Return the deployment an item is. Raises ValueError where it cannot be read."""
    _, deployment_id, _ = keys.record_of(item)
    strategy = Strategy(text(item, "strategy"))
    optional_whole(item, LAST_EVENT)  # what the next change counts on
    return Deployment(
        id=deployment_id,
        flow_id=text(item, "flow_id"),
        artifact=_artifact(mapping(item, "artifact")) if _action(item) is DeploymentAction.DEPLOY else None,
        strategy=strategy,
        rules=_rules(mapping(item, "rules"), strategy),
        status=DeploymentStatus(text(item, "status")),
        status_reason=text(item, "status_reason"),
        total_targets=whole(item, "total_targets"),
        created_at=text(item, "created_at"),
        created_by=text(item, "created_by"),
        started_at=optional_text(item, "started_at"),
        finished_at=optional_text(item, "finished_at"),
        cancel_asked_at=optional_text(item, "cancel_asked_at"),
        waves=whole(item, "waves"),
        current_wave=whole(item, "current_wave"),
        rollbacks=whole(item, "rollbacks"),
        counts=read_counts(item),
        execution_arn=optional_text(item, "execution_arn"),
        execution_started=flag(item, "execution_started"),
        rollback_execution_arn=optional_text(item, "rollback_execution_arn"),
        target_groups=optional_texts(item, "target_groups"),
        retry_of=optional_text(item, "retry_of"),
        retried_by=optional_text(item, "retried_by"),
        resume_token=optional_text(item, "resume_token"),
        changed_at=optional_text(item, CHANGED_AT),
        watch_token=optional_text(item, "watch_token"),
        watched_since=optional_text(item, "watched_since"),
        promoted_token=optional_text(item, "promoted_token"),
        breached_wave=optional_text(item, "breached_wave"),
    )


def _action(item: Item) -> DeploymentAction:
    """Read what it does; deployments of before there were removals do not say it."""
    return DeploymentAction(optional_text(item, "action") or DeploymentAction.DEPLOY)


def _artifact(stored: Item) -> Artifact:
    return Artifact(
        version=whole(stored, "version", least=1),
        sha256=text(stored, "sha256"),
        size=whole(stored, "size"),
        signature=read_signature(stored),
    )


def _rules(stored: Item, strategy: Strategy) -> RolloutRules:
    """Read the numbers a rollout goes by; settings that the strategy does not have may be absent."""

    def setting(name: str, *, most: int, least: int = 0) -> int:
        if least:
            return whole(stored, name, least=least, most=most)
        return optional_whole(stored, name, most=most) or 0

    return RolloutRules(
        timeout_seconds=setting("timeout_seconds", most=MAX_SECONDS, least=1),
        auto_rollback=flag(stored, "auto_rollback"),
        health_check=flag(stored, "health_check"),
        batch_size=setting("batch_size", most=MAX_NUMBER, least=1 if strategy is Strategy.ROLLING else 0),
        batch_delay_seconds=setting("batch_delay_seconds", most=MAX_SECONDS),
        failure_threshold=setting("failure_threshold", most=100),
        canary_percentage=setting("canary_percentage", most=100),
        canary_delay_seconds=setting("canary_delay_seconds", most=MAX_SECONDS),
        switch_delay_seconds=setting("switch_delay_seconds", most=MAX_SECONDS),
        health_window_seconds=optional_whole(stored, "health_window_seconds", most=MAX_SECONDS),
        skip_offline=flag(stored, "skip_offline") if "skip_offline" in stored else False,
    )
