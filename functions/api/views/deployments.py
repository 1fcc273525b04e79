"""How deployments and their targets look in answers."""

from collections.abc import Mapping
from typing import Final

from api.views.waits import target_wait_view, wait_view
from edgeflow.contract.rest.deployments import (
    DeploymentSummary,
    DeploymentView,
    ExecutionView,
    ListedDeployment,
    TargetView,
)
from edgeflow.contract.rest.unreadable import UnreadableDeployment, UnreadableTarget
from edgeflow.domain.deployments import SETTLED, Deployment, Target, TargetStatus
from edgeflow.domain.partitions import partition_of
from edgeflow.domain.settings import settings_of
from edgeflow.domain.target_waiting import TargetWait
from edgeflow.domain.unreadable import Unreadable
from edgeflow.use_cases.deployments.read_device_deployments import DeviceDeployment
from edgeflow.use_cases.deployments.read_waits import Waits

_ARN_COLONS: Final = 5  # arn:partition:service:region:account:resource

OPEN: Final = "open"
"""Targets that are pending or deploying."""


def summary(deployment: Deployment) -> DeploymentSummary:
    """Return a deployment without its targets."""
    counts = {status: deployment.counts.get(status, 0) for status in sorted(SETTLED)}
    ended = sum(counts.values())
    return DeploymentSummary(
        id=deployment.id,
        flow_id=deployment.flow_id,
        action=deployment.action.value,
        flow_version=deployment.version,
        strategy=deployment.strategy.value,
        config=settings_of(deployment.strategy, deployment.rules).model_dump(mode="json"),
        status=deployment.status.value,
        status_reason=deployment.status_reason,
        target_groups=list(deployment.target_groups),
        total_targets=deployment.total_targets if deployment.resolved else None,
        completed_targets=counts[TargetStatus.SUCCESS],
        failed_targets=counts[TargetStatus.FAILED] + counts[TargetStatus.ROLLBACK_FAILED],
        target_counts={
            OPEN: max(0, deployment.total_targets - ended),
            **{status.value: count for status, count in counts.items()},
        },
        waves=deployment.waves,
        current_wave=deployment.current_wave,
        rollbacks=deployment.rollbacks,
        retry_of=deployment.retry_of,
        retried_by=deployment.retried_by,
        created_at=deployment.created_at,
        created_by=deployment.created_by,
        started_at=deployment.started_at,
        finished_at=deployment.finished_at,
    )


def listed(deployment: Deployment | Unreadable) -> ListedDeployment | UnreadableDeployment:
    """Return a deployment in a list of all."""
    return listed_of_device(DeviceDeployment(deployment=deployment))


def listed_of_device(found: DeviceDeployment) -> ListedDeployment | UnreadableDeployment:
    """Return a deployment in the list of one device."""
    if isinstance(found.deployment, Unreadable):
        return UnreadableDeployment(id=found.deployment.id)
    target = found.target
    waits = {target.device_id: found.wait} if isinstance(target, Target) and found.wait is not None else {}
    return ListedDeployment(
        **summary(found.deployment).model_dump(),
        target=None if target is None else listed_target(target, waits),
    )


def listed_target(target: Target | Unreadable, waits: Mapping[str, TargetWait]) -> TargetView | UnreadableTarget:
    """Return one target in a list; ``waits`` is what those wait for that are deploying, by device id."""
    if isinstance(target, Unreadable):
        return UnreadableTarget(device_id=target.id)
    return target_view(target, waits.get(target.device_id))


def view(
    deployment: Deployment, targets: list[Target | Unreadable], targets_cursor: str | None, waits: Waits
) -> DeploymentView:
    """Return a deployment with a first page of its targets."""
    return DeploymentView(
        **summary(deployment).model_dump(),
        waits_for=wait_view(waits),
        targets=[listed_target(target, waits.targets) for target in targets],
        targets_cursor=targets_cursor,
        execution=_execution(deployment.execution_arn),
        rollback_execution=_execution(deployment.rollback_execution_arn),
    )


def target_view(target: Target, wait: TargetWait | None = None) -> TargetView:
    """Return one target."""
    return TargetView(
        device_id=target.device_id,
        status=target.status.value,
        wave=target.wave or None,
        reason=target.reason,
        message=target.message,
        version_before=target.version_before,
        reached_late=target.reached_late,
        started_at=target.started_at,
        finished_at=target.finished_at,
        waits_for=target_wait_view(wait),
    )


def _execution(arn: str | None) -> ExecutionView | None:
    if arn is None or arn.count(":") < _ARN_COLONS:
        return None
    region = arn.split(":")[3]
    console = f"https://{region}.{partition_of(arn).console}/states/home?region={region}#/v2/executions/details/{arn}"
    return ExecutionView(arn=arn, console_url=console)
