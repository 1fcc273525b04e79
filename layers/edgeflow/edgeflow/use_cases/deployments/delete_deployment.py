"""Deleting a deployment that never started, or whose record cannot be read: nothing else could end that one."""

from dataclasses import dataclass

from edgeflow.contract.history.deployments import DeploymentDeleted
from edgeflow.contract.history.details import Actor
from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.deployments import Deployment, DeploymentStatus
from edgeflow.domain.errors import CannotBeRead, Conflict, NotFound
from edgeflow.domain.history import Entry, ended
from edgeflow.domain.remains import Remains
from edgeflow.domain.unreadable import Unreadable
from edgeflow.use_cases.concurrently import for_each
from edgeflow.use_cases.deployments.ports import DeploymentRecords, Manifests
from edgeflow.use_cases.devices.ports import Connections
from edgeflow.use_cases.rollout.executions import stop_all
from edgeflow.use_cases.rollout.ports import Installs, RunningJobs, Workflows


@dataclass(frozen=True, slots=True)
class DeleteDeployment:
    """Stop it, give up what it claims, and remove its items. Repeatable until it is done; its history stays."""

    deployments: DeploymentRecords
    manifests: Manifests
    installs: Installs
    devices: Connections
    jobs: RunningJobs
    workflows: Workflows
    clock: Clock

    def __call__(self, deployment_id: str, *, by: Actor) -> None:
        """Delete it. Devices go on with what they run.

        Raises:
            NotFound: there is no such deployment.
            Conflict: it has started, and can be read, so it can be ended as any other.
            Unavailable: AWS throttles; try again.
        """
        found = self._readable(deployment_id)
        if found is not None:
            if not self._never_starts(found, by=by):
                self._refuse(deployment_id)
            entry = Entry(at=timestamp(self.clock()), actor=by, details=DeploymentDeleted())
            self.deployments.remove(self.deployments.remains(deployment_id), entry=entry)
            return
        remains = self.deployments.remains(deployment_id)
        # Nothing that carries it forward first, then what is under way, so that nobody takes it up again.
        stop_all(remains, self.workflows, reason=f"deployment {deployment_id} was deleted by {by}")
        for job in remains.jobs():
            self.jobs.cancel(job.id)
        self._give_up_claims(remains)
        entry = Entry(at=timestamp(self.clock()), actor=by, details=DeploymentDeleted())
        self.deployments.remove(remains, entry=entry)

    def _never_starts(self, deployment: Deployment, *, by: Actor) -> bool:
        """Cancel it first, so that nobody starts what is being removed. False: it has started."""
        at = timestamp(self.clock())
        if deployment.status is DeploymentStatus.PENDING:
            cancelled = self.deployments.finish(
                deployment.id,
                allowed={DeploymentStatus.PENDING},
                to=DeploymentStatus.CANCELLED,
                reason=f"deleted by {by} before it started",
                at=at,
                entry=Entry(at=at, actor=by, details=ended(DeploymentStatus.CANCELLED, [])),
            )
            return cancelled is not None or self.deployments.get(deployment.id).never_started
        return deployment.never_started

    def _readable(self, deployment_id: str) -> Deployment | None:
        """Return the deployment; None where it cannot be read."""
        try:
            found = self.deployments.get(deployment_id)
        except CannotBeRead:
            return None
        if found.waves or found.never_started:
            return found
        # As long as nothing is planned, the list of targets is all that there is of them.
        try:
            self.manifests.asked(deployment_id)
        except (CannotBeRead, NotFound):
            return None
        return found

    def _refuse(self, deployment_id: str) -> None:
        message = (
            f"deployment {deployment_id} has started; only one that never did, or whose record is damaged, can be"
            " deleted: let it end, cancel it, or roll it back"
        )
        raise Conflict(message)

    def _give_up_claims(self, remains: Remains) -> None:
        devices = dict.fromkeys([*self._asked_for(remains.deployment_id), *remains.devices])

        def give_up(device_id: str) -> None:
            flows = (
                [remains.flow_id] if remains.flow_id is not None else self._claimed(remains.deployment_id, device_id)
            )
            for flow_id in flows:
                self.installs.release(device_id, flow_id, remains.deployment_id)

        for_each(give_up, devices)

    def _asked_for(self, deployment_id: str) -> list[str]:
        """Return the list of targets: planning may have claimed devices and died before it wrote targets."""
        try:
            return self.manifests.read(deployment_id)
        except (CannotBeRead, NotFound):
            return []

    def _claimed(self, deployment_id: str, device_id: str) -> list[str]:
        """Return the flows that the deployment claims on a device, where nothing else tells which that is."""
        return [
            install.flow_id
            for install in self.devices.installs(device_id)
            if not isinstance(install, Unreadable) and install.claimed_by == deployment_id
        ]
