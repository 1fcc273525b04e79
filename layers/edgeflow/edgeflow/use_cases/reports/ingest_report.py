"""What a device, or AWS IoT on its behalf, says of a job: written once to the target and to what the device runs."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from edgeflow.contract.history.deployments import ReachedLate, ReturnedLate
from edgeflow.contract.job import StatusDetails
from edgeflow.contract.reasons import Reason
from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.deployments import RETURNED, Deployment, Target, TargetStatus
from edgeflow.domain.errors import CannotBeRead, NotFound
from edgeflow.domain.history import Entry, Part, system
from edgeflow.domain.jobs import MAX_JOB_TARGETS, ReturnJob, WaveJob
from edgeflow.domain.order import Said
from edgeflow.domain.unreadable import Unreadable
from edgeflow.domain.waves import rollback_wave_name, wave_name
from edgeflow.use_cases.devices.ports import Install
from edgeflow.use_cases.flows.ports import Flows
from edgeflow.use_cases.reports.watch_absence import WatchAbsence
from edgeflow.use_cases.rollout.ports import Deployments, Installs, TargetOutcome, Targets, Waves

SUCCEEDED: Final = "SUCCEEDED"
FAILED: Final = "FAILED"
CANCELED: Final = "CANCELED"
DELETED: Final = "DELETED"
_SAID_BY_DEVICE: Final = frozenset({SUCCEEDED, FAILED, "REJECTED"})
ENDED_BY_ITSELF: Final = _SAID_BY_DEVICE | {"TIMED_OUT", "REMOVED"}
"""Ends of an execution that no cancelling of ours brought about."""

_GIVEN_UP: Final = frozenset({Reason.TIMED_OUT, Reason.ABORTED, Reason.GIVEN_UP, Reason.CANCELLED, Reason.NOT_REACHED})
"""Reasons for which the cloud settles a target that has not answered."""

_REASON_BY_STATUS: Final = {
    FAILED: Reason.UNKNOWN,
    "REJECTED": Reason.REJECTED,
    "TIMED_OUT": Reason.TIMED_OUT,
    "REMOVED": Reason.DEVICE_GONE,
    DELETED: Reason.DEVICE_GONE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class JobReport:
    """The end of one device's part of a job. ``at_ms`` is AWS IoT's time of it, in milliseconds since 1970."""

    job: WaveJob | ReturnJob
    device_id: str
    status: str
    details: StatusDetails
    at_ms: int


@dataclass(frozen=True, slots=True)
class IngestReport:
    """Take in one job report. Any order and repetition of reports leaves the same records."""

    deployments: Deployments
    targets: Targets
    waves: Waves
    installs: Installs
    flows: Flows
    clock: Clock
    watch_absence: WatchAbsence | None = None
    """For events of AWS IoT, which come in any order with those of the device's connection."""
    return_late: Callable[[str, str], bool] | None = None
    """For events of AWS IoT: whoever closes a wave goes by what is open, so nothing of that comes late."""

    def __call__(self, report: JobReport) -> bool:
        """Write the report. False: it changed no target (a repeat, too late, cancelled by us, or no job of ours).

        Raises:
            NotFound: there is no such deployment.
        """
        if report.status == CANCELED:
            return False  # whoever cancelled the job writes the target: the event does not know why
        deployment = self.deployments.get(report.job.deployment_id)
        if not self._was_planned(report.job, report.device_id):
            return False  # others may create jobs in the account, too, and give them such names
        # An agent that names no sequence says nothing of what it runs; a success speaks for itself.
        never_was = self._never_published(report.details, deployment)
        told = bool(report.details.sequence) and never_was is None
        said_by_device = report.status in _SAID_BY_DEVICE and told
        if report.status == SUCCEEDED or (report.status == FAILED and told):
            # Who rejects a job has changed nothing, and may have been asked for anything.
            self._record_what_runs(report, deployment, told=told)
        at = timestamp(self.clock())
        outcome = self._outcome(report, deployment, said_by_device=said_by_device)
        if never_was is not None:
            outcome = _disbelieved(outcome, never_was)
        match report.job:
            case WaveJob():
                settled = self.targets.settle(deployment.id, report.device_id, outcome, wave=report.job.wave, at=at)
                if not settled and report.status == SUCCEEDED:
                    self._came_late(report, report.job, deployment, outcome)
                if report.status == SUCCEEDED and self.watch_absence is not None:
                    # A disconnection that was told first found no success to fail, so it is looked at again.
                    self.watch_absence.begin(report.device_id, after_ms=report.at_ms)
                return settled
            case ReturnJob():
                attempt = report.job.attempt
                settled = self.targets.settle_return(deployment.id, report.device_id, outcome, attempt=attempt, at=at)
                if not settled and report.status == SUCCEEDED:
                    self._returned_late(report, attempt, deployment, outcome)
                return settled

    def _was_planned(self, job: WaveJob | ReturnJob, device_id: str) -> bool:
        """Tell whether the rollout, or its way back, has a job of this name for the device; what is damaged may."""
        match job:
            case WaveJob():
                target = self.targets.get(job.deployment_id, device_id)
                if isinstance(target, Target):
                    begun = target.wave == job.wave and target.status is not TargetStatus.PENDING
                    return begun and self._has_chunk(job.deployment_id, wave_name(job.wave), job.chunk)
                return target is not None
            case ReturnJob():
                return self.targets.is_to_return(
                    job.deployment_id, job.attempt, job.group, device_id
                ) and self._has_chunk(job.deployment_id, rollback_wave_name(job.attempt), job.chunk)

    def _has_chunk(self, deployment_id: str, name: str, chunk: int) -> bool:
        """Tell whether a wave is so large; the first chunk it has because somebody is in it."""
        if chunk == 0:
            return True
        try:
            wave = self.waves.get(deployment_id, name)
        except CannotBeRead:
            return True
        return wave is not None and wave.total is not None and chunk * MAX_JOB_TARGETS < wave.total

    def _came_late(self, report: JobReport, job: WaveJob, deployment: Deployment, outcome: TargetOutcome) -> None:
        """Note a success of a target that the cloud had given up, and return the device if a rollback passed it by."""
        target = self.targets.get(deployment.id, report.device_id)
        if target is None or isinstance(target, Unreadable) or target.wave != job.wave:
            return
        if not target.reached_late:
            if not self._was_given_up(target, report, deployment):
                return  # a repeat of what was counted
            details = ReachedLate(wave=job.wave, device_id=report.device_id, version=deployment.version)
            entry = Entry(at=timestamp(self.clock()), actor=system(Part.INGEST_REPORT), details=details)
            self.targets.reach_late(deployment.id, target, runs_version=outcome.runs_version, entry=entry)
        if self.return_late is not None:
            self.return_late(deployment.id, report.device_id)

    def _returned_late(self, report: JobReport, attempt: int, deployment: Deployment, outcome: TargetOutcome) -> None:
        """Note that a device has returned after all, of which the rollback waits no longer."""
        target = self.targets.get(deployment.id, report.device_id)
        if not isinstance(target, Target) or target.rollback_attempt != attempt:
            return
        if target.status is TargetStatus.ROLLBACK_FAILED and target.reason == Reason.TIMED_OUT and not target.reported:
            at = timestamp(self.clock())
            details = ReturnedLate(attempt=attempt, device_id=report.device_id)
            entry = Entry(at=at, actor=system(Part.INGEST_REPORT), details=details)
            runs = outcome.runs_version
            self.targets.return_late(
                deployment.id, report.device_id, attempt=attempt, runs_version=runs, at=at, entry=entry
            )
        if self.return_late is not None:
            self.return_late(deployment.id, report.device_id)

    def _was_given_up(self, target: Target, report: JobReport, deployment: Deployment) -> bool:
        """Tell whether the target's status is the cloud's word alone, or of before this success."""
        if target.status in {TargetStatus.SKIPPED, TargetStatus.FAILED}:
            # One that was staged and then skipped had been heard: this is a repeat of that.
            heard = target.reported or (target.reason == Reason.NOT_REACHED and target.reached)
            return target.reason in _GIVEN_UP and not heard
        if target.status not in RETURNED:
            return False
        install = self.installs.many([report.device_id], deployment.flow_id).get(report.device_id)
        return (
            isinstance(install, Install)
            and install.said == _said(report)
            and install.deployment_id == deployment.id
            and install.version != target.version_before
        )

    def _never_published(self, details: StatusDetails, deployment: Deployment) -> int | None:
        """Return a version that the device claims to run or hold, and that never was; None where there is none.

        It would be what the next deployment goes back to, and no rollback could.
        """
        claimed = {details.runs_version, details.holds_version} - {None, deployment.version}
        never = [version for version in claimed if version is not None and not self._exists(version, deployment)]
        return min(never, default=None)

    def _exists(self, version: int, deployment: Deployment) -> bool:
        try:
            self.flows.artifact(deployment.flow_id, version)
        except NotFound:
            return False
        except CannotBeRead:
            return True  # it was published; whoever needs it is told that it is damaged
        return True

    def _record_what_runs(self, report: JobReport, deployment: Deployment, *, told: bool) -> None:
        # First what runs, then the target: a target that has settled lets the rollout go on, and
        # what comes next reads what runs. Both are repeatable, so dying in between is made good.
        if told:
            # What it is to run: a later rollback returns it to that, though it may not run at this moment.
            version = report.details.holds_version or report.details.runs_version
        elif isinstance(report.job, WaveJob) and not deployment.strategy.stages(report.job.wave):
            version = deployment.version
        else:
            target = self.targets.get(deployment.id, report.device_id)
            if isinstance(target, Unreadable):
                return  # nobody can tell what it ran before
            version = target.version_before if target else None
        self.installs.record(
            report.device_id,
            deployment.flow_id,
            _said(report),
            version=version,
            deployment_id=deployment.id,
        )

    def _outcome(self, report: JobReport, deployment: Deployment, *, said_by_device: bool) -> TargetOutcome:
        returning = isinstance(report.job, ReturnJob)
        still_there = report.details.holds_version or report.details.runs_version
        if report.status == SUCCEEDED and not returning and deployment.version is None and still_there is not None:
            return TargetOutcome(
                status=TargetStatus.FAILED,
                reason=Reason.NOT_REMOVED.value,
                message=f"it says that its job succeeded, and that it still has version {still_there}",
                reported=said_by_device,
                runs_version=report.details.runs_version,
            )
        if report.status == SUCCEEDED:
            return TargetOutcome(
                status=_status_after(report.job, deployment),
                reported=True,
                runs_version=report.details.runs_version,
            )
        reason = report.details.reason or _REASON_BY_STATUS.get(report.status, Reason.UNKNOWN)
        return TargetOutcome(
            status=TargetStatus.ROLLBACK_FAILED if returning else TargetStatus.FAILED,
            reason=reason.value,
            message=report.details.message or f"the job ended {report.status}",
            reported=said_by_device,
            runs_version=report.details.runs_version,
        )


def _disbelieved(outcome: TargetOutcome, version: int) -> TargetOutcome:
    """Return an outcome that goes by nothing of what the device claims to run, and says so."""
    claims = f"it claims to run version {version}, which was never published"
    message = claims if outcome.message is None else f"{outcome.message}; {claims}"
    return replace(outcome, runs_version=None, message=message)


def _said(report: JobReport) -> Said:
    """Return the place of a report among all that the device says; one without a number was said when it came in."""
    sequence = report.details.sequence or report.at_ms
    return Said(epoch=report.details.epoch, sequence=sequence, received_ms=report.at_ms)


def _status_after(job: WaveJob | ReturnJob, deployment: Deployment) -> TargetStatus:
    """Return the status of a target whose job succeeded."""
    match job:
        case ReturnJob():
            return TargetStatus.ROLLED_BACK
        case WaveJob():
            return TargetStatus.STAGED if deployment.strategy.stages(job.wave) else TargetStatus.SUCCESS
