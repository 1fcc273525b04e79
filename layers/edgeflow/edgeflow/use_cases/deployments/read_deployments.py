"""Reading deployments and their targets."""

from dataclasses import dataclass

from edgeflow.contract.reasons import Reason
from edgeflow.domain.deployments import ANY_DEPLOYMENT, UNFINISHED, Deployment, DeploymentFilter, Target, TargetStatus
from edgeflow.domain.strategies import wave_of
from edgeflow.domain.unreadable import Unreadable
from edgeflow.use_cases.deployments.ports import Manifests
from edgeflow.use_cases.rollout.ports import Deployments, Targets


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
        wanted: DeploymentFilter = ANY_DEPLOYMENT,
        oldest_first: bool = False,
    ) -> tuple[list[Deployment | Unreadable], str | None]:
        """Return deployments, newest or oldest first, and the position to go on from."""
        return self.deployments.page(limit=limit, after=after, wanted=wanted, oldest_first=oldest_first)

    def targets_page(
        self,
        deployment: Deployment,
        *,
        limit: int,
        after: str | None = None,
        status: TargetStatus | None = None,
        wave: int | None = None,
    ) -> tuple[list[Target | Unreadable], str | None]:
        """Return targets by device id after ``after``, and the device id to go on from.

        With ``status`` and ``wave`` they are those of that status and in that wave. A page may be shorter than
        ``limit`` although there is more.
        """
        if deployment.waves:
            return self.targets.page(deployment.id, limit=limit, after=after, status=status, wave=wave)
        wanted = [
            target
            for target in self._unplanned(deployment)
            if (after is None or target.device_id > after)
            and status in {None, target.status}
            and wave in {None, target.wave}
        ]
        return list(wanted[:limit]), wanted[limit - 1].device_id if len(wanted) > limit else None

    def _unplanned(self, deployment: Deployment) -> list[Target]:
        """Return the list as it was asked for, by device id: no target has been written yet, or ever will be.

        Until its groups are resolved, only the devices named are known, and no waves (0).
        """
        manifest = self.manifests.asked(deployment.id)
        asked_for = manifest.devices if manifest.targets is None else manifest.targets
        position = {device_id: number for number, device_id in enumerate(asked_for)}
        ended = deployment.status not in UNFINISHED
        return [
            Target(
                device_id=device_id,
                wave=0
                if manifest.targets is None
                else wave_of(position[device_id], len(asked_for), deployment.strategy, deployment.rules),
                status=TargetStatus.SKIPPED if ended else TargetStatus.PENDING,
                reason=Reason.NOT_REACHED.value if ended else None,
            )
            for device_id in sorted(asked_for)
        ]
