"""Reading deployments and their targets."""

from bisect import bisect_right
from dataclasses import dataclass

from edgeflow.contract.reasons import Reason
from edgeflow.domain.deployments import UNFINISHED, Deployment, DeploymentStatus, Target, TargetStatus
from edgeflow.domain.strategies import Strategy, wave_of
from edgeflow.domain.unreadable import Unreadable
from edgeflow.use_cases.ports import Deployments, Manifests, Targets


@dataclass(frozen=True, slots=True)
class ReadDeployments:
    """Look, and change nothing."""

    deployments: Deployments
    targets: Targets
    manifests: Manifests

    def get(self, deployment_id: str) -> Deployment:
        """Return one deployment. Raises NotFound, CannotBeRead."""
        return self.deployments.get(deployment_id)

    def page(
        self,
        *,
        limit: int,
        after: str | None = None,
        status: DeploymentStatus | None = None,
        flow_id: str | None = None,
        strategy: Strategy | None = None,
    ) -> tuple[list[Deployment | Unreadable], str | None]:
        """Return deployments, newest first, and the position to go on from."""
        return self.deployments.page(limit=limit, after=after, status=status, flow_id=flow_id, strategy=strategy)

    def targets_page(
        self, deployment: Deployment, *, limit: int, after: str | None = None
    ) -> tuple[list[Target | Unreadable], str | None]:
        """Return targets by device id, those after ``after``, and the device id to go on from."""
        if deployment.waves:
            return self.targets.page(deployment.id, limit=limit, after=after)
        return self._unplanned(deployment, limit=limit, after=after)

    def _unplanned(
        self, deployment: Deployment, *, limit: int, after: str | None
    ) -> tuple[list[Target | Unreadable], str | None]:
        """Show the list as it was asked for: no target has been written yet, or ever will be.

        Until its groups are resolved, only the devices named are known, and no waves (0).
        """
        manifest = self.manifests.asked(deployment.id)
        asked_for = manifest.devices if manifest.targets is None else manifest.targets
        position = {device_id: number for number, device_id in enumerate(asked_for)}
        in_order = sorted(asked_for)
        start = bisect_right(in_order, after) if after is not None else 0
        shown = in_order[start : start + limit]
        ended = deployment.status not in UNFINISHED
        targets: list[Target | Unreadable] = [
            Target(
                device_id=device_id,
                wave=0
                if manifest.targets is None
                else wave_of(position[device_id], len(asked_for), deployment.strategy, deployment.rules),
                status=TargetStatus.SKIPPED if ended else TargetStatus.PENDING,
                reason=Reason.NOT_REACHED.value if ended else None,
            )
            for device_id in shown
        ]
        return targets, shown[-1] if start + limit < len(in_order) else None
