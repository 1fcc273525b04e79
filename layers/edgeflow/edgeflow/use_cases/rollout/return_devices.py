"""Returning devices to the version before: the frozen plan of a rollback becomes IoT jobs, grouped by that version."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from edgeflow.contract.job import JobDocument
from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.deployments import Deployment, DeploymentStatus, Return, TargetStatus
from edgeflow.domain.errors import NotFound, NotOurs
from edgeflow.domain.jobs import ReturnJob
from edgeflow.domain.rules import order_lasts
from edgeflow.domain.waves import Awaits, rollback_wave_name
from edgeflow.use_cases.flows.ports import Flows
from edgeflow.use_cases.rollout.answer_wave import AnswerWave
from edgeflow.use_cases.rollout.create_jobs import CreateJobs, device_gone, job_not_ours
from edgeflow.use_cases.rollout.ports import Deployments, TargetOutcome, Targets, Waves
from edgeflow.use_cases.rollout.return_groups import chunks_of_returns, no_such_version, nothing_to_return_to


@dataclass(frozen=True, slots=True)
class ReturnDevices:
    """Create a rollback attempt's jobs. Repeatable."""

    deployments: Deployments
    targets: Targets
    waves: Waves
    flows: Flows
    create_jobs: CreateJobs
    answer_wave: AnswerWave
    clock: Clock

    def __call__(self, deployment_id: str, attempt: int, task_token: str, *, asked_at: datetime | None = None) -> None:
        """Create the jobs; the token is answered when every device is accounted for.

        ``asked_at`` is when its state began to wait; None: now.

        Raises:
            NotFound: there is no such deployment.
            Unavailable: AWS throttles; the message comes again.
        """
        deployment = self.deployments.get(deployment_id)
        name = rollback_wave_name(attempt)
        wave = self.waves.get(deployment_id, name)
        current = deployment.status is DeploymentStatus.ROLLING_BACK and deployment.rollbacks == attempt
        if not current or wave is None or wave.total is None:
            return  # a late copy of the message: that attempt is over
        self.waves.open(
            deployment_id,
            name,
            total=wave.total,
            tolerated=0,
            task_token=task_token,
            awaits=Awaits.SETTLEMENT,
            since=timestamp(asked_at or self.clock()),
        )
        returns = self.targets.returns(deployment_id, attempt)
        for job, chunk in chunks_of_returns(deployment_id, attempt, returns):
            self._create(deployment, job, chunk)
        opened = self.waves.get(deployment_id, name)
        if opened is not None:
            self.answer_wave(deployment_id, opened)

    def _create(self, deployment: Deployment, job: ReturnJob, chunk: Sequence[Return]) -> None:
        """Create one job, for those of its devices that can return; settle the others."""
        at = timestamp(self.clock())

        def settle(device_id: str, outcome: TargetOutcome) -> None:
            self.targets.settle_return(deployment.id, device_id, outcome, attempt=job.attempt, at=at)

        for entry in chunk:
            if not entry.known:
                settle(entry.device_id, nothing_to_return_to())
        known = [entry for entry in chunk if entry.known]
        if not known:
            return
        before = known[0].version_before  # a group returns to one version
        try:
            document = self._document(deployment, before)
        except NotFound:
            for entry in known:
                settle(entry.device_id, no_such_version(before))
            return
        try:
            self.create_jobs.create(
                job.id,
                [entry.device_id for entry in known],
                document,
                lasts=order_lasts(deployment.rules),
                gone=lambda device_id: settle(device_id, device_gone(TargetStatus.ROLLBACK_FAILED)),
            )
        except NotOurs as taken:
            for entry in known:
                settle(entry.device_id, job_not_ours(TargetStatus.ROLLBACK_FAILED, taken))

    def _document(self, deployment: Deployment, version_before: int | None) -> JobDocument:
        if version_before is None:
            return self.create_jobs.remove(deployment)
        return self.create_jobs.give_back(deployment, self.flows.artifact(deployment.flow_id, version_before))
