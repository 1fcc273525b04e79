"""Creating an IoT job for one chunk of devices, when some of them may have left the registry of things."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from edgeflow.contract.job import Artifact as JobArtifact
from edgeflow.contract.job import HealthCheck, JobDocument, Operation
from edgeflow.contract.reasons import Reason
from edgeflow.domain.deployments import Artifact, Deployment, TargetStatus
from edgeflow.domain.errors import NotFound
from edgeflow.use_cases.ports import Jobs, TargetOutcome


@dataclass(frozen=True, slots=True)
class CreateJobs:
    """Create jobs of apply and remove. ``health_window_seconds`` goes into those that check health."""

    jobs: Jobs
    health_window_seconds: float

    def create(
        self, job_id: str, device_ids: Sequence[str], document: JobDocument, *, gone: Callable[[str], None]
    ) -> None:
        """Create the job once, for those of the devices that exist; ``gone`` is told of each that does not.

        Raises:
            NotFound: AWS IoT says that something is missing, but has a thing for every device.
        """
        remaining = list(device_ids)
        while remaining:
            try:
                self.jobs.create(job_id, remaining, document)
            except NotFound:
                missing = set(self.jobs.missing(remaining))
                if not missing:
                    raise
                for device_id in sorted(missing):
                    gone(device_id)
                remaining = [device_id for device_id in remaining if device_id not in missing]
            else:
                return

    def apply(self, deployment: Deployment, artifact: Artifact, *, health_check: bool) -> JobDocument:
        """Return the order to run this version of the deployment's flow."""
        return JobDocument(
            operation=Operation.APPLY,
            deployment_id=deployment.id,
            flow_id=deployment.flow_id,
            version=artifact.version,
            artifact=JobArtifact(
                url=self.jobs.artifact_url(artifact.sha256), sha256=artifact.sha256, size=artifact.size
            ),
            health_check=HealthCheck(window_seconds=self.health_window_seconds) if health_check else None,
        )

    def remove(self, deployment: Deployment) -> JobDocument:
        """Return the order to stop the deployment's flow and forget it."""
        return JobDocument(operation=Operation.REMOVE, deployment_id=deployment.id, flow_id=deployment.flow_id)


def device_gone(status: TargetStatus) -> TargetOutcome:
    """Return the outcome of a device that AWS IoT has no thing for."""
    return TargetOutcome(
        status=status, reason=Reason.DEVICE_GONE.value, message="the device is no longer registered", reached=False
    )
