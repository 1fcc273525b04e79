"""A device that turns bad after it succeeded, while its deployment still goes on, has failed after all.

Bad is unhealthy or back at another version, by its own word, or gone for too long, by AWS IoT's. What is staged counts
as a success so far.
"""

from dataclasses import dataclass

from edgeflow.contract.job import MAX_DETAIL_LENGTH
from edgeflow.contract.reasons import Reason
from edgeflow.contract.report import FlowHealth, Health, HealthReport
from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.deployments import ACTIVE, Deployment, DeploymentAction, Target, TargetStatus
from edgeflow.domain.errors import CannotBeRead, NotFound
from edgeflow.domain.order import Said
from edgeflow.domain.unreadable import Unreadable
from edgeflow.use_cases.devices.ports import Install
from edgeflow.use_cases.rollout.ports import Deployments, Installs, Targets


@dataclass(frozen=True, slots=True)
class FailLate:
    """Fail targets that had succeeded."""

    deployments: Deployments
    targets: Targets
    installs: Installs
    clock: Clock

    def __call__(self, device_id: str, report: HealthReport, said: Said) -> list[str]:
        """Fail the device's targets whose version is not healthy, or not the live one any more.

        Returns the deployments they belong to. A report that tells of no change brings no other version.
        """
        ill = [flow for flow in report.flows if flow.health is Health.UNHEALTHY]
        live = [flow for flow in report.flows if flow.live and report.changes]
        return [
            *(failed for flow in ill if (failed := self._unhealthy(device_id, flow, said)) is not None),
            *(failed for flow in live if (failed := self._went_back(device_id, flow, said)) is not None),
        ]

    def dropped_off(self, deployment_id: str, device_id: str, *, since: str) -> bool:
        """Fail the target of a device that is gone for too long. False: it has not succeeded, or is past all that."""
        deployment = self._watched(deployment_id)
        if deployment is None:
            return False
        if self._had_nothing(deployment, device_id):
            return False
        return any(
            self._fail(
                deployment,
                device_id,
                was=was,
                reason=Reason.DROPPED_OFF,
                message=f"it {told}, and dropped off later: not connected since {since}",
            )
            for was, told in _SO_FAR.items()
        )

    def _unhealthy(self, device_id: str, flow: FlowHealth, said: Said) -> str | None:
        install = self._changed_by_its_claim(device_id, flow)
        if install is None:
            return None
        if flow.live and install.version != flow.version:
            return None  # another version is ill, or the report is of before the deployment
        if install.said is not None and not said.is_after(install.said):
            return None  # the report is of before the deployment
        deployment = self._watched(install.deployment_id)
        if deployment is None or flow.version != deployment.version:
            return None  # the version before, live while the new one is staged, or warm after the switch
        was = TargetStatus.SUCCESS if flow.live else TargetStatus.STAGED
        message = f"it {_SO_FAR[was]}, and turned unhealthy later: {_complaint(flow)}"
        reason = flow.reason or Reason.UNHEALTHY
        failed = self._fail(deployment, device_id, was=was, reason=reason, message=message)
        return deployment.id if failed else None

    def _went_back(self, device_id: str, flow: FlowHealth, said: Said) -> str | None:
        """Fail the target of a device that has succeeded and runs another version since.

        As when it could not hear that its success was taken, and took its connection for lost. Only the order of one
        data folder tells that from a report of before.
        """
        install = self._changed_by_its_claim(device_id, flow)
        if install is None or install.version == flow.version or install.said is None or said.epoch is None:
            return None
        if said.epoch != install.said.epoch or not said.is_after(install.said):
            return None
        deployment = self._watched(install.deployment_id)
        if deployment is None or install.version != deployment.version:
            return None  # it was staged, or said itself that it runs another one
        message = f"it succeeded, and went back later: version {flow.version} is live there"
        reason = Reason.WENT_BACK
        failed = self._fail(deployment, device_id, was=TargetStatus.SUCCESS, reason=reason, message=message)
        return deployment.id if failed else None

    def _changed_by_its_claim(self, device_id: str, flow: FlowHealth) -> Install | None:
        """Return what is known of a flow on a device, if the deployment that is at work there has come to it."""
        install = self.installs.many([device_id], flow.flow_id).get(device_id)
        if install is None or isinstance(install, Unreadable) or install.claimed_by is None:
            return None
        return install if install.deployment_id == install.claimed_by else None

    def _had_nothing(self, deployment: Deployment, device_id: str) -> bool:
        """Tell whether nothing was asked of the device, so that it owes no sign of life."""
        target = self.targets.get(deployment.id, device_id) if deployment.action is DeploymentAction.REMOVE else None
        return isinstance(target, Target) and target.had_nothing

    def _watched(self, deployment_id: str | None) -> Deployment | None:
        """Return the deployment if it still goes on and looks at health."""
        if deployment_id is None:
            return None
        try:
            deployment = self.deployments.get(deployment_id)
        except (NotFound, CannotBeRead):
            return None
        return deployment if deployment.status in ACTIVE and deployment.rules.health_check else None

    def _fail(self, deployment: Deployment, device_id: str, *, was: TargetStatus, reason: Reason, message: str) -> bool:
        return self.targets.fail_late(
            deployment.id,
            device_id,
            was=was,
            reason=reason.value,
            message=message[:MAX_DETAIL_LENGTH],  # as long as a device's own word on its job can be
            at=timestamp(self.clock()),
        )


_SO_FAR = {TargetStatus.SUCCESS: "succeeded", TargetStatus.STAGED: "was staged"}


def _complaint(flow: FlowHealth) -> str:
    return "; ".join(f"node {node.node_id}: {node.error or node.health}" for node in flow.nodes) or "no node is named"
