"""Settling the targets that a rollout never reached."""

from dataclasses import dataclass

from edgeflow.contract.reasons import Reason
from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.deployments import TargetStatus
from edgeflow.use_cases.concurrently import for_each
from edgeflow.use_cases.ports import TargetOutcome, Targets


@dataclass(frozen=True, slots=True)
class SkipTargets:
    """Skip what is still pending. Repeatable."""

    targets: Targets
    clock: Clock

    def __call__(self, deployment_id: str, *, why: str) -> list[str]:
        """Settle every pending target as skipped, with the message ``why``; returns the devices it settled."""
        outcome = TargetOutcome(
            status=TargetStatus.SKIPPED, reason=Reason.NOT_REACHED.value, message=why, reached=False
        )
        at = timestamp(self.clock())

        def skip(device_id: str) -> bool:
            return self.targets.settle(deployment_id, device_id, outcome, at=at, pending_only=True)

        pending = [
            target.device_id for target in self.targets.all(deployment_id) if target.status is TargetStatus.PENDING
        ]
        return [device_id for device_id, skipped in zip(pending, for_each(skip, pending), strict=True) if skipped]
