"""Returning devices to the version before: the frozen plan of a rollback becomes IoT jobs, grouped by that version."""

from dataclasses import dataclass

from edgeflow.contract.job import JobDocument
from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.deployments import Deployment, DeploymentStatus, TargetStatus
from edgeflow.domain.waves import Awaits, rollback_wave_name
from edgeflow.use_cases.answer_wave import AnswerWave
from edgeflow.use_cases.create_jobs import CreateJobs, device_gone
from edgeflow.use_cases.ports import Deployments, Flows, Targets, Waves
from edgeflow.use_cases.return_groups import chunks_of_returns, nothing_to_return_to


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

    def __call__(self, deployment_id: str, attempt: int, task_token: str) -> None:
        """Create the jobs; the token is answered when every device is accounted for.

        Raises:
            NotFound: there is no such deployment, or a version to return to is gone.
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
        )
        at = timestamp(self.clock())

        def gone(device_id: str) -> None:
            outcome = device_gone(TargetStatus.ROLLBACK_FAILED)
            self.targets.settle_return(deployment_id, device_id, outcome, attempt=attempt, at=at)

        returns = self.targets.returns(deployment_id, attempt)
        for job, chunk in chunks_of_returns(deployment_id, attempt, returns):
            known = [entry for entry in chunk if entry.known]
            for entry in chunk:
                if not entry.known:
                    outcome = nothing_to_return_to()
                    self.targets.settle_return(deployment_id, entry.device_id, outcome, attempt=attempt, at=at)
            if known:
                document = self._document(deployment, known[0].version_before)
                self.create_jobs.create(job.id, [entry.device_id for entry in known], document, gone=gone)
        opened = self.waves.get(deployment_id, name)
        if opened is not None:
            self.answer_wave(deployment_id, opened)

    def _document(self, deployment: Deployment, version_before: int | None) -> JobDocument:
        if version_before is None:
            return self.create_jobs.remove(deployment)
        return self.create_jobs.give_back(deployment, self.flows.artifact(deployment.flow_id, version_before))
