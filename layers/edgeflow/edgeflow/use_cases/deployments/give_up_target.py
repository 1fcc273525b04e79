"""Giving up on one device that a wave waits for, because an operator knows that it will not answer."""

from dataclasses import dataclass

from edgeflow.contract.history.deployments import TargetGivenUp
from edgeflow.contract.history.details import Actor
from edgeflow.contract.reasons import Reason
from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.deployments import ACTIVE, Deployment, Target, TargetStatus
from edgeflow.domain.errors import CannotBeRead, Conflict, NotFound, StillCancelling, UnderWay
from edgeflow.domain.history import Entry
from edgeflow.domain.jobs import MAX_JOB_TARGETS, WaveJob
from edgeflow.domain.unreadable import Unreadable
from edgeflow.use_cases.deployments.ports import DispatchQueue
from edgeflow.use_cases.reports.ingest_report import ENDED_BY_ITSELF
from edgeflow.use_cases.rollout.cancels import (
    LOOKS_AGAIN_AFTER,
    NOT_ENDED_IN_TIME,
    is_open,
    may_still_end,
    still_cancelling,
)
from edgeflow.use_cases.rollout.ports import Deployments, JobExecution, RunningJobs, TargetOutcome, Targets
from edgeflow.use_cases.rollout.wave_members import members_of_wave


@dataclass(frozen=True, slots=True)
class GiveUpTarget:
    """Cancel the device's part of its job, then count it as failed. Repeatable; the tally does the rest.

    While AWS IoT has not ended that part, an order on the dispatch queue looks at it again, with ``complete``.
    """

    deployments: Deployments
    targets: Targets
    jobs: RunningJobs
    dispatch_queue: DispatchQueue
    clock: Clock

    def __call__(self, deployment_id: str, device_id: str, *, by: Actor) -> Target:
        """Return the target: failed, or deploying still, while AWS IoT ends its cancelled job.

        Raises:
            NotFound: there is no such deployment, or the device is none of its targets.
            Conflict: nobody waits for the device.
            CannotBeRead: the deployment's record, or the target's, is damaged.
            Unavailable: AWS IoT throttles; giving up again goes on.
        """
        asked_at = timestamp(self.clock())
        try:
            return self.complete(deployment_id, device_id, by=by, asked_at=asked_at)
        except StillCancelling:
            self.dispatch_queue.give_up(deployment_id, device_id, by=by, asked_at=asked_at, after=LOOKS_AGAIN_AFTER)
            return self._target(deployment_id, device_id)

    def complete(self, deployment_id: str, device_id: str, *, by: Actor, asked_at: str) -> Target:
        """Return the target, failed. ``asked_at`` (ISO 8601 UTC) is when it was given up.

        Raises:
            StillCancelling: its execution is open still; completing again goes on.
            NotFound, Conflict, CannotBeRead, Unavailable: as a call.
        """
        deployment = self.deployments.get(deployment_id)
        target = self._target(deployment_id, device_id)
        if _is_given_up(target):
            return target
        if target.status is not TargetStatus.DEPLOYING or deployment.status not in ACTIVE:
            raise Conflict(_why_not(deployment, target))
        execution = self._cancel(deployment, target)
        if is_open(execution) and may_still_end(asked_at, self.clock):
            raise still_cancelling([device_id])
        at = timestamp(self.clock())
        outcome = TargetOutcome(
            status=TargetStatus.FAILED,
            reason=Reason.GIVEN_UP.value,
            message=f"{by} gave up on it before it reported" + (f"; {NOT_ENDED_IN_TIME}" if is_open(execution) else ""),
            reached=execution.started,
        )
        entry = Entry(at=at, actor=by, details=TargetGivenUp(wave=target.wave, device_id=device_id))
        self.targets.give_up(deployment_id, device_id, outcome, wave=target.wave, at=at, entry=entry)
        settled = self._target(deployment_id, device_id)
        if not _is_given_up(settled):
            raise Conflict(_why_not(deployment, settled))  # it reported at this very moment
        return settled

    def _target(self, deployment_id: str, device_id: str) -> Target:
        target = self.targets.get(deployment_id, device_id)
        if target is None:
            message = f"device {device_id} is no target that deployment {deployment_id} has begun with"
            raise NotFound(message)
        if isinstance(target, Unreadable):
            raise CannotBeRead(target)
        return target

    def _cancel(self, deployment: Deployment, target: Target) -> JobExecution:
        place = members_of_wave(self.targets, deployment, target.wave).index(target.device_id)
        job = WaveJob(deployment_id=deployment.id, wave=target.wave, chunk=place // MAX_JOB_TARGETS)
        self.jobs.cancel_execution(job.id, target.device_id)
        execution = self.jobs.execution(job.id, target.device_id)
        if execution is None:
            message = f"the job of device {target.device_id} is being created; try again in a moment"
            raise UnderWay(message, seconds=2)
        if execution.status in ENDED_BY_ITSELF:
            message = f"device {target.device_id} has reported ({execution.status}); that is being counted"
            raise Conflict(message)
        return execution


def _is_given_up(target: Target) -> bool:
    return target.status is TargetStatus.FAILED and target.reason == Reason.GIVEN_UP


def _why_not(deployment: Deployment, target: Target) -> str:
    if target.status is TargetStatus.DEPLOYING:
        return f"the deployment is {deployment.status}: what is under way ends without it"
    if target.status is TargetStatus.PENDING:
        return f"nobody waits for device {target.device_id} so far: its wave {target.wave} has not begun"
    return f"nobody waits for device {target.device_id}: it is {target.status}"
