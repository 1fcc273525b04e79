"""Returning devices that took a version up although the cloud had given them up, and the rollback had passed them by.

A rollback's plan is frozen, so such a device is returned by an attempt of its own, begun by the system: whoever notes
the late success begins it where the rollback has ended, and the rollback's end does where it came before that.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from edgeflow.contract.reasons import Reason
from edgeflow.domain.deployments import Deployment, DeploymentStatus, Target, TargetStatus, list_some
from edgeflow.domain.errors import Conflict
from edgeflow.domain.returns import Running, was_passed_by
from edgeflow.domain.unreadable import Unreadable
from edgeflow.use_cases.rollout.claims import Claims
from edgeflow.use_cases.rollout.ports import Deployments, Installs, Targets
from edgeflow.use_cases.rollout.rollback_deployment import RollbackDeployment

_ENDED = frozenset({DeploymentStatus.ROLLED_BACK, DeploymentStatus.FAILED})
_LEFT = frozenset({TargetStatus.ROLLBACK_FAILED, TargetStatus.DEPLOYING, TargetStatus.SUCCESS})
"""Of such a target a rollback is not done."""


@dataclass(frozen=True, slots=True)
class ReturnLate:
    """Begin one more rollback attempt where it is needed. Repeatable."""

    deployments: Deployments
    targets: Targets
    installs: Installs
    claims: Claims
    rollback: RollbackDeployment

    def __call__(self, deployment_id: str, device_id: str | None = None) -> bool:
        """Look at one device, or at all; tells whether the deployment rolls back (again).

        A deployment that was never rolled back keeps what its devices run. A device that another deployment is at is
        left alone, which its target says.

        Raises:
            NotFound, CannotBeRead: there is no such deployment, or its record is damaged.
            Unavailable: the execution could not be started now; the next call, or the safety net, goes on.
        """
        deployment = self.deployments.get(deployment_id)
        if deployment.rollbacks == 0:
            return False
        if deployment.status is DeploymentStatus.ROLLING_BACK:
            self.rollback.execute(deployment)  # whoever began this attempt may have died before its execution did
            return True
        if deployment.status not in _ENDED:
            return False
        late = self._late(deployment, self._looked_at(deployment_id, device_id))
        if not late:
            return device_id is not None and self._end(deployment, device_id)
        why = f"{list_some(late)} {_did(deployment)} after the rollback had passed it by"
        return self._once_more(deployment, why=why)

    def _end(self, deployment: Deployment, device_id: str) -> bool:
        """Let what has failed because a device did not return end as rolled back, if it was the last one that did.

        Another attempt finds nothing to do, and counts again.
        """
        target = self.targets.get(deployment.id, device_id)
        if (
            deployment.status is not DeploymentStatus.FAILED
            or not isinstance(target, Target)
            or (target.status, target.rollback_attempt) != (TargetStatus.ROLLED_BACK, deployment.rollbacks)
        ):
            return False
        if any(map(_is_left, self.targets.all(deployment.id))):
            return False
        return self._once_more(deployment, why=f"{device_id} returned after it had been waited for no longer")

    def _once_more(self, deployment: Deployment, *, why: str) -> bool:
        try:
            self.rollback.once_more(deployment, why=why)
        except Conflict:
            return False  # somebody was quicker, or the flow was deleted and there is nothing to return to
        return True

    def _looked_at(self, deployment_id: str, device_id: str | None) -> Iterable[Target | Unreadable]:
        if device_id is None:
            return self.targets.all(deployment_id)
        target = self.targets.get(deployment_id, device_id)
        return [] if target is None else [target]

    def _late(self, deployment: Deployment, found: Iterable[Target | Unreadable]) -> list[str]:
        """Return the devices that are to be returned, after noting at the others why they are not."""
        readable = {target.device_id: target for target in found if not isinstance(target, Unreadable)}
        installs = self.installs.many(list(readable), deployment.flow_id)
        late = [
            device_id
            for device_id, install in installs.items()
            if not isinstance(install, Unreadable)
            and was_passed_by(
                readable[device_id],
                Running(version=install.version, deployment_id=install.deployment_id),
                deployment_id=deployment.id,
            )
        ]
        held = self.claims.conflicts(deployment.id, deployment.flow_id, late)
        for device_id, holder in held.items():
            self.targets.note(
                deployment.id,
                device_id,
                reason=Reason.MOVED_ON.value,
                message=f"it {_did(deployment)} late, and {holder} is deploying this flow to it by now;"
                " the rollback left it alone",
            )
        return [device_id for device_id in late if device_id not in held]


def _is_left(target: Target | Unreadable) -> bool:
    """Tell whether a rollback is not done with a target; that of a device without the flow was never its matter."""
    return isinstance(target, Unreadable) or (target.status in _LEFT and not target.had_nothing)


def _did(deployment: Deployment) -> str:
    """Say what a device did that carried the deployment out."""
    return "removed the flow" if deployment.version is None else f"took version {deployment.version} up"
