"""Creating an IoT job for one chunk of devices, some of which may have left the registry of things.

The job's document goes with its order, signed for exactly the devices that the job is created for.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from edgeflow.contract.job import Artifact as JobArtifact
from edgeflow.contract.job import HealthCheck, JobDocument, Operation, Watch
from edgeflow.contract.order import Order
from edgeflow.contract.reasons import Reason
from edgeflow.contract.signing import ArtifactSignature, SignedOrder, order_message
from edgeflow.domain.clock import Clock, milliseconds, shifted
from edgeflow.domain.deployments import Artifact, Deployment, DeploymentAction, TargetStatus
from edgeflow.domain.errors import NotFound, NotOurs
from edgeflow.domain.evidence import Pace
from edgeflow.domain.strategies import Strategy
from edgeflow.use_cases.flows.ports import Signer
from edgeflow.use_cases.rollout.ports import NewJobs, TargetOutcome


@dataclass(frozen=True, slots=True)
class CreateJobs:
    """Create jobs, and the orders that go into them, which ``signer`` signs.

    ``health_window_seconds`` goes into those that check health, where their deployment says nothing else;
    ``watch_every`` is how often devices report, where no short wait asks for more (see ``Pace``).
    """

    jobs: NewJobs
    signer: Signer
    health_window_seconds: float
    watch_every: timedelta
    clock: Clock

    def create(
        self,
        job_id: str,
        device_ids: Sequence[str],
        document: JobDocument,
        *,
        lasts: timedelta,
        gone: Callable[[str], None],
    ) -> None:
        """Create the job once, for those of the devices that exist; ``gone`` is told of each that does not.

        Its devices may take the order up for as long as it ``lasts``.

        Raises:
            NotFound: AWS IoT says that something is missing, but has a thing for every device.
            NotOurs: somebody else has created a job of this name.
            Unavailable: AWS IoT throttles, or nothing can be signed.
        """
        remaining = list(device_ids)
        while remaining:
            try:
                self.jobs.create(job_id, remaining, self._signed(job_id, remaining, document, lasts))
            except NotFound:
                missing = set(self.jobs.missing(remaining))
                if not missing:
                    raise
                for device_id in sorted(missing):
                    gone(device_id)
                remaining = [device_id for device_id in remaining if device_id not in missing]
            else:
                return

    def deploy(self, deployment: Deployment, wave: int) -> JobDocument:
        """Return the order of one of the deployment's waves."""
        if deployment.artifact is None:
            return self.remove(deployment).model_copy(update={"watch": self._watch(deployment)})
        if deployment.strategy.stages(wave):
            return self._order(deployment, Operation.STAGE, deployment.artifact, with_artifact=True)
        if deployment.strategy.switches(wave):
            # Without the artifact: a device that has lost its slot meanwhile has not proven the version, and fails.
            return self._order(deployment, Operation.ACTIVATE, deployment.artifact, with_artifact=False)
        return self._order(deployment, Operation.APPLY, deployment.artifact, with_artifact=True)

    def give_back(self, deployment: Deployment, before: Artifact) -> JobDocument:
        """Return the order to run the version before again.

        After blue-green it is in the other slot: nothing is downloaded, unless the device has lost that slot. After a
        removal no slot has it any more, by whatever strategy. There
        is no health check on the way back: the version before is what the device ran already, and a device that is
        not healthy with either version must still leave the one that is withdrawn.
        """
        by_switch = deployment.strategy is Strategy.BLUE_GREEN and deployment.action is DeploymentAction.DEPLOY
        return JobDocument(
            operation=Operation.ACTIVATE if by_switch else Operation.APPLY,
            deployment_id=deployment.id,
            flow_id=deployment.flow_id,
            version=before.version,
            artifact=self._artifact(before),
            clear_standby=by_switch,
        )

    def remove(self, deployment: Deployment) -> JobDocument:
        """Return the order to stop the deployment's flow and forget it."""
        return JobDocument(operation=Operation.REMOVE, deployment_id=deployment.id, flow_id=deployment.flow_id)

    def _signed(self, job_id: str, device_ids: Sequence[str], document: JobDocument, lasts: timedelta) -> JobDocument:
        now = self.clock()
        order = Order.of(
            document,
            job_id=job_id,
            devices=tuple(device_ids),
            issued=milliseconds(now),
            expires=shifted(now, lasts),
        )
        payload = order.payload()
        signature = self.signer.sign(order_message(payload))
        signed = SignedOrder(payload=payload, key=signature.key, value=signature.value)
        return document.model_copy(update={"order": signed})

    def _order(
        self, deployment: Deployment, operation: Operation, artifact: Artifact, *, with_artifact: bool
    ) -> JobDocument:
        rules = deployment.rules
        window = rules.health_window_seconds
        window_seconds = self.health_window_seconds if window is None else window
        return JobDocument(
            operation=operation,
            deployment_id=deployment.id,
            flow_id=deployment.flow_id,
            version=artifact.version,
            artifact=self._artifact(artifact) if with_artifact else None,
            health_check=HealthCheck(window_seconds=window_seconds) if rules.health_check else None,
            watch=self._watch(deployment),
        )

    def _watch(self, deployment: Deployment) -> Watch:
        pace = Pace.of(deployment.rules, self.watch_every)
        return Watch(every_seconds=pace.every.total_seconds(), until=self.clock() + pace.lasts)

    def _artifact(self, artifact: Artifact) -> JobArtifact:
        signature = artifact.signature
        return JobArtifact(
            url=self.jobs.artifact_url(artifact.sha256),
            sha256=artifact.sha256,
            size=artifact.size,
            signature=None if signature is None else ArtifactSignature(key=signature.key, value=signature.value),
        )


def device_gone(status: TargetStatus) -> TargetOutcome:
    """Return the outcome of a device that AWS IoT has no thing for."""
    return TargetOutcome(
        status=status, reason=Reason.DEVICE_GONE.value, message="the device is no longer registered", reached=False
    )


def job_not_ours(status: TargetStatus, why: NotOurs) -> TargetOutcome:
    """Return the outcome of a device that was sent nothing, because the name of its job was taken.

    It counts as reached: a device without keys of orders may have done what that job says.
    """
    return TargetOutcome(status=status, reason=Reason.ORDER_UNTRUSTED.value, message=str(why))
