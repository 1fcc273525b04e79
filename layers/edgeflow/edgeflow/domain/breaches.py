"""Why a breach was one, in a sentence for the operator."""

from collections.abc import Iterable
from typing import Final

from edgeflow.contract.reasons import Reason
from edgeflow.contract.wording import counted
from edgeflow.domain.deployments import Deployment, Target, TargetStatus, list_some
from edgeflow.domain.waves import WaveResult

_NAMED_A_REASON: Final = 3


def describe_breach(deployment: Deployment, breach: WaveResult, targets: Iterable[Target]) -> str:
    """Say how many of the wave's ``targets`` failed, why, and how many may.

    Such as: ``wave 2 of 4: 2 of 5 devices failed (unhealthy: n3; timed_out: n4), more than the 20% allowed``.
    """
    by_reason: dict[str, list[str]] = {}
    offline = 0
    for target in targets:
        if target.status is TargetStatus.FAILED:
            by_reason.setdefault(target.reason or "unknown", []).append(target.device_id)
        offline += target.status is TargetStatus.SKIPPED and target.reason == Reason.OFFLINE
    why = "; ".join(f"{reason}: {list_some(names, _NAMED_A_REASON)}" for reason, names in sorted(by_reason.items()))
    threshold = deployment.rules.failure_threshold
    devices = counted(breach.total - offline, "device")
    return (
        f"wave {breach.number} of {deployment.waves}: {breach.failed} of {devices} failed"
        f"{f' ({why})' if why else ''}, {f'more than the {threshold}% allowed' if threshold else 'and none may'}"
        f"{f' (skipped as offline: {offline})' if offline else ''}"
    )
