"""Settling the targets that a rollout never reached."""

from dataclasses import dataclass

from edgeflow.contract.reasons import Reason
from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.deployments import UNBEGUN, TargetStatus
from edgeflow.domain.unreadable import Unreadable
from edgeflow.use_cases.concurrently import for_each
from edgeflow.use_cases.rollout.ports import TargetOutcome, Targets


@dataclass(frozen=True, slots=True)
class SkipTargets:
    """Skip what is pending, or staged and not switched to. Repeatable."""

    targets: Targets
    clock: Clock

    def __call__(self, deployment_id: str, *, why: str) -> list[str]:
        """Settle every such target as skipped, with the message ``why``; returns the devices it settled."""
        outcome = TargetOutcome(
            status=TargetStatus.SKIPPED, reason=Reason.NOT_REACHED.value, message=why, reached=False
        )
        at = timestamp(self.clock())

        def skip(device_id: str) -> bool:
            return self.targets.skip(deployment_id, device_id, outcome, at=at)

        found = self.targets.all(deployment_id)
        unbegun = [
            target.device_id for target in found if not isinstance(target, Unreadable) and target.status in UNBEGUN
        ]
        return [device_id for device_id, skipped in zip(unbegun, for_each(skip, unbegun), strict=True) if skipped]
