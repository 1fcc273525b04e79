"""Dispatching one wave: its targets become deploying, and IoT jobs of at most 100 devices are created for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from edgeflow.contract.history.deployments import WaveStarted
from edgeflow.contract.job import JobDocument
from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.deployments import ACTIVE, Deployment, DeploymentAction, TargetStatus
from edgeflow.domain.errors import NotOurs
from edgeflow.domain.history import Entry, Part, system
from edgeflow.domain.jobs import WaveJob, chunked
from edgeflow.domain.rules import order_lasts, tolerated_failures
from edgeflow.domain.waves import Awaits, WaveResult, wave_name
from edgeflow.use_cases.concurrently import for_each
from edgeflow.use_cases.rollout.answer_wave import AnswerWave
from edgeflow.use_cases.rollout.close_wave import CloseCause, CloseWave
from edgeflow.use_cases.rollout.create_jobs import CreateJobs, device_gone, job_not_ours
from edgeflow.use_cases.rollout.fail_silent import FailSilent
from edgeflow.use_cases.rollout.mend_targets import MendTargets
from edgeflow.use_cases.rollout.ports import Deployments, TargetOutcome, Targets, Waves, Workflows
from edgeflow.use_cases.rollout.skip_offline import SkipOffline
from edgeflow.use_cases.rollout.watch_waves import WatchWaves
from edgeflow.use_cases.rollout.wave_members import enter_wave, skipped_as_offline


@dataclass(frozen=True, slots=True)
class DispatchWave:
    """Dispatch a wave. Repeatable at every point: marks, jobs and the wave's opening are each done once."""

    deployments: Deployments
    targets: Targets
    waves: Waves
    workflows: Workflows
    create_jobs: CreateJobs
    close_wave: CloseWave
    watch_waves: WatchWaves
    fail_silent: FailSilent
    skip_offline: SkipOffline
    answer_wave: AnswerWave
    clock: Clock

    def __call__(self, deployment_id: str, wave: int, task_token: str, *, asked_at: datetime | None = None) -> None:
        """Create the wave's jobs. The token is answered once the wave is decided, by whoever sees it first.

        ``asked_at`` is when its state began to wait; None: now.

        Raises:
            NotFound: there is no such deployment.
            Unavailable: AWS throttles; the message comes again.
        """
        deployment = self.deployments.get(deployment_id)
        if deployment.status not in ACTIVE:
            self._stop(deployment_id, wave)
            return
        silent = self.fail_silent(deployment, wave - 1)
        if silent is not None:
            # Nobody is promoted without evidence: this wave does not begin, and moves nothing that is staged.
            self._hold_back(deployment, silent, task_token)
            return
        at = timestamp(self.clock())
        members = enter_wave(self.targets, deployment, wave, at=at)
        if not self.skip_offline(deployment, wave, members):
            # It is paused now: the machine looks at the status, waits for resume, and asks for this wave again.
            self.workflows.answer(task_token, {"look_again": True})
            return
        offline = skipped_as_offline(self.targets, deployment, members)
        tolerated = tolerated_failures(len(members) - len(offline), deployment.rules.failure_threshold)
        started = WaveStarted(wave=wave, total=len(members), tolerated=tolerated, offline=len(offline))
        entry = Entry(at=at, actor=system(Part.DISPATCH_WAVE), details=started)
        self.deployments.reached_wave(deployment_id, wave, entry=entry)
        name = wave_name(wave)
        self.waves.open(
            deployment_id,
            name,
            total=len(members),
            tolerated=tolerated,
            task_token=task_token,
            awaits=Awaits.VERDICT,
            since=timestamp(asked_at or self.clock()),
        )
        breach = self.watch_waves.known_breach(self.deployments.get(deployment_id))
        if breach is not None:
            # An earlier wave breached just when its watch had ended: nobody starts another one.
            self._hold_back(deployment, breach, task_token)
            return
        document = self.create_jobs.deploy(deployment, wave)
        for number, chunk in enumerate(chunked(members)):
            if self._is_over(deployment_id, name):
                self._stop(deployment_id, wave)
                return
            asked = [device_id for device_id in chunk if device_id not in offline]
            if deployment.action is DeploymentAction.REMOVE and deployment.strategy.stages(wave):
                self._pass(deployment_id, wave, asked)
                continue
            job = WaveJob(deployment_id=deployment_id, wave=wave, chunk=number)
            self._create(job, asked, document, lasts=order_lasts(deployment.rules))
        # Looked at after the last job as well: whoever ended the wave meanwhile could not cancel a job
        # that was not there yet.
        if self._is_over(deployment_id, name):
            self._stop(deployment_id, wave)
            return
        opened = self.waves.get(deployment_id, name)
        if opened is not None:
            self.answer_wave(deployment_id, opened)

    def _hold_back(self, deployment: Deployment, breach: WaveResult, task_token: str) -> None:
        """Answer that an earlier wave has breached. What rolls back by itself does so; else this wave waits for a word.

        An operator who goes on after it goes on with this wave, of which nothing has been done.
        """
        answer = breach.to_output()
        if not deployment.rules.auto_rollback:
            answer["held_back"] = True
        self.workflows.answer(task_token, answer)

    def _mark(self, deployment_id: str, wave: int, chunk: Sequence[str], *, at: str) -> list[str]:
        """Mark those of the chunk deploying that have not ended; returns them."""
        deploying = self.targets.mark_deploying(deployment_id, chunk, wave=wave, at=at)
        if len(deploying) < len(chunk):
            # The others have ended already, or cannot be read; these go on with the rest.
            MendTargets(self.targets, self.clock).many(deployment_id, set(chunk) - set(deploying))
            deploying = self.targets.mark_deploying(deployment_id, chunk, wave=wave, at=at)
        return deploying

    def _create(self, job: WaveJob, chunk: Sequence[str], document: JobDocument, *, lasts: timedelta) -> None:
        at = timestamp(self.clock())
        deploying = self._mark(job.deployment_id, job.wave, chunk, at=at)

        def settle(device_id: str, outcome: TargetOutcome) -> bool:
            return self.targets.settle(job.deployment_id, device_id, outcome, wave=job.wave, at=at)

        def gone(device_id: str) -> None:
            settle(device_id, device_gone(TargetStatus.FAILED))

        try:
            self.create_jobs.create(job.id, deploying, document, lasts=lasts, gone=gone)
        except NotOurs as taken:
            outcome = job_not_ours(TargetStatus.FAILED, taken)
            for_each(lambda device_id: settle(device_id, outcome), deploying)

    def _pass(self, deployment_id: str, wave: int, chunk: Sequence[str]) -> None:
        """Let devices through the staging of a removal, which has nothing to fill; the switch removes the flow."""
        at = timestamp(self.clock())
        staged = TargetOutcome(status=TargetStatus.STAGED, reached=False)

        def settle(device_id: str) -> bool:
            return self.targets.settle(deployment_id, device_id, staged, wave=wave, at=at)

        for_each(settle, self._mark(deployment_id, wave, chunk, at=at))

    def _is_over(self, deployment_id: str, name: str) -> bool:
        """Tell whether the wave is being closed, or its deployment was stopped."""
        wave = self.waves.get(deployment_id, name)
        closing = wave is not None and wave.awaits is Awaits.SETTLEMENT
        return closing or self.deployments.get(deployment_id).status not in ACTIVE

    def _stop(self, deployment_id: str, wave: int) -> None:
        """Cancel what this or an earlier delivery of the message created; the token is nobody's any more."""
        self.close_wave.sweep(deployment_id, wave, cause=CloseCause.STOP)
