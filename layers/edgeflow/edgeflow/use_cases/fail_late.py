"""A device that turns unhealthy after it succeeded, while its deployment still goes on, has failed after all."""

from dataclasses import dataclass

from edgeflow.contract.reasons import Reason
from edgeflow.contract.report import FlowHealth, Health, HealthReport
from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.deployments import ACTIVE, TargetStatus
from edgeflow.domain.errors import NotFound
from edgeflow.use_cases.ports import Deployments, Installs, Targets


@dataclass(frozen=True, slots=True)
class FailLate:
    """Look through a health report for versions that a running deployment has put there."""

    deployments: Deployments
    targets: Targets
    installs: Installs
    clock: Clock

    def __call__(self, device_id: str, report: HealthReport) -> list[str]:
        """Fail the device's targets whose version is not healthy; returns the deployments they belong to."""
        ill = [flow for flow in report.flows if flow.health is Health.UNHEALTHY]
        return [failed for flow in ill if (failed := self._fail(device_id, flow, report.sequence)) is not None]

    def _fail(self, device_id: str, flow: FlowHealth, sequence: int) -> str | None:
        install = self.installs.many([device_id], flow.flow_id).get(device_id)
        if install is None or install.claimed_by is None or install.deployment_id != install.claimed_by:
            return None  # no deployment is at work there, or it has not come to this device so far
        if (flow.live and install.version != flow.version) or sequence <= install.sequence:
            return None  # the report is of before the deployment
        try:
            deployment = self.deployments.get(install.claimed_by)
        except NotFound:
            return None
        if deployment.status not in ACTIVE or not deployment.rules.health_check:
            return None
        if flow.version != deployment.artifact.version:
            return None  # the version before, live while the new one is staged, or warm after the switch
        failed = self.targets.fail_late(
            deployment.id,
            device_id,
            was=TargetStatus.SUCCESS if flow.live else TargetStatus.STAGED,
            reason=Reason.UNHEALTHY.value,
            message=f"it {'succeeded' if flow.live else 'was staged'}, and turned unhealthy later: {_complaint(flow)}",
            at=timestamp(self.clock()),
        )
        return deployment.id if failed else None


def _complaint(flow: FlowHealth) -> str:
    return "; ".join(f"node {node.node_id}: {node.error or node.health}" for node in flow.nodes) or "no node is named"
