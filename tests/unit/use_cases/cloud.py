"""All operations over one world in memory: the composition root of these tests."""

from datetime import datetime, timedelta

from edgeflow.contract.job import StatusDetails
from edgeflow.contract.report import HealthReport
from edgeflow.domain.deployments import Artifact, Deployment, DeploymentStatus
from edgeflow.domain.history import caller
from edgeflow.domain.jobs import parse_job_id
from edgeflow.domain.order import Said
from edgeflow.domain.rules import RolloutRules
from edgeflow.domain.strategies import Strategy
from edgeflow.use_cases.deployments.cancel_deployment import CancelDeployment
from edgeflow.use_cases.deployments.delete_deployment import DeleteDeployment
from edgeflow.use_cases.deployments.give_up_target import GiveUpTarget
from edgeflow.use_cases.deployments.pause_deployment import PauseDeployment
from edgeflow.use_cases.deployments.ports import DeploymentRecords
from edgeflow.use_cases.deployments.promote_deployment import PromoteDeployment
from edgeflow.use_cases.deployments.reconcile import Reconcile
from edgeflow.use_cases.deployments.resolve_targets import ResolveTargets
from edgeflow.use_cases.deployments.resume_deployment import ResumeDeployment
from edgeflow.use_cases.deployments.retry_deployment import RetryDeployment
from edgeflow.use_cases.deployments.start_deployment import StartDeployment
from edgeflow.use_cases.devices.ports import Install
from edgeflow.use_cases.reports.fail_late import FailLate
from edgeflow.use_cases.reports.ingest_presence import IngestPresence
from edgeflow.use_cases.reports.ingest_report import IngestReport, JobReport
from edgeflow.use_cases.reports.watch_absence import WatchAbsence
from edgeflow.use_cases.rollout.answer_wave import AnswerWave
from edgeflow.use_cases.rollout.await_resume import AwaitResume
from edgeflow.use_cases.rollout.claims import Claims
from edgeflow.use_cases.rollout.close_return import CloseReturn
from edgeflow.use_cases.rollout.close_wave import CloseWave
from edgeflow.use_cases.rollout.conclude_rollback import ConcludeRollback
from edgeflow.use_cases.rollout.conclude_rollout import ConcludeRollout
from edgeflow.use_cases.rollout.create_jobs import CreateJobs
from edgeflow.use_cases.rollout.dispatch_wave import DispatchWave
from edgeflow.use_cases.rollout.fail_silent import FailSilent
from edgeflow.use_cases.rollout.finish_deployment import FinishDeployment
from edgeflow.use_cases.rollout.ingest_execution import IngestExecution
from edgeflow.use_cases.rollout.plan_rollback import Origin, PlanRollback, RollbackRequest
from edgeflow.use_cases.rollout.plan_rollout import PlanRollout
from edgeflow.use_cases.rollout.ports import Waves
from edgeflow.use_cases.rollout.recover_reports import RecoverReports
from edgeflow.use_cases.rollout.return_devices import ReturnDevices
from edgeflow.use_cases.rollout.return_late import ReturnLate
from edgeflow.use_cases.rollout.rollback_deployment import RollbackDeployment
from edgeflow.use_cases.rollout.skip_offline import SkipOffline
from edgeflow.use_cases.rollout.skip_targets import SkipTargets
from edgeflow.use_cases.rollout.tally_wave import TallyWave
from edgeflow.use_cases.rollout.watch_waves import WatchWaves
from edgeflow.use_cases.rollout.wind_down import WindDown
from tests.support.signing import LocalKey
from tests.unit.use_cases.memory import MOMENT, World
from tests.unit.use_cases.memory_aws import (
    MemoryDeadLetters,
    MemoryDispatchQueue,
    MemoryFlows,
    MemoryGroups,
    MemoryJobs,
    MemoryManifests,
    MemoryRegistry,
    MemoryWorkflows,
)
from tests.unit.use_cases.memory_devices import MemoryConnections, MemoryReports, MemoryReportsQueue
from tests.unit.use_cases.memory_stores import MemoryDeployments, MemoryWaves
from tests.unit.use_cases.memory_targets import MemoryInstalls, MemoryTargets

FLOW = "flow_1"
DROP_OFF = timedelta(minutes=5)
"""How long a device may be gone."""
WATCH = timedelta(seconds=60)
"""How often a device reports."""
DEPLOYMENT = "dep_1"
ORDER_KEY = LocalKey()
"""Signs the orders of these tests."""
ME = caller("me", subject="sub-of-me")
"""Who calls the API in these tests."""


class Cloud:
    """The operations, over a world that the test looks into."""

    def __init__(
        self, world: World, *, deployments: DeploymentRecords | None = None, waves: Waves | None = None
    ) -> None:
        """Wire everything to the world; other stores of deployments and waves may take the place of those in memory."""
        self.world = world
        deployments, waves = deployments or MemoryDeployments(world), waves or MemoryWaves(world)
        targets = MemoryTargets(world)
        installs, jobs, workflows = MemoryInstalls(world), MemoryJobs(world), MemoryWorkflows(world)
        manifests, flows = MemoryManifests(world), MemoryFlows(world)
        claims = Claims(deployments, installs)
        skip = SkipTargets(targets, self._clock)
        self.now = MOMENT
        create_jobs = CreateJobs(jobs, ORDER_KEY, 30, WATCH, self._clock)
        self._fail_late = FailLate(deployments, targets, installs, self._clock)
        self.watch_absence = WatchAbsence(
            MemoryConnections(world), MemoryReportsQueue(world), self._fail_late, self._clock, DROP_OFF
        )
        self.ingest_presence = IngestPresence(MemoryConnections(world), self.watch_absence)
        self.rollback = RollbackDeployment(deployments, targets, installs, claims, workflows, self._clock)
        self.return_late = ReturnLate(deployments, targets, installs, claims, self.rollback)
        self.ingest = IngestReport(
            deployments, targets, waves, installs, flows, self._clock, self.watch_absence, self.return_late
        )
        answer = AnswerWave(waves, workflows, self._clock)
        ingest_execution = IngestExecution(jobs, self.ingest, self._clock)
        self.close_wave = CloseWave(deployments, targets, waves, jobs, ingest_execution, answer, self._clock)
        self.close_return = CloseReturn(targets, waves, jobs, ingest_execution, answer, self._clock)
        self.recover_reports = RecoverReports(deployments, targets, jobs, ingest_execution)
        self.plan = PlanRollout(
            deployments, targets, claims, manifests, MemoryRegistry(world), MemoryReports(world), skip, self._clock
        )
        self.watch = WatchWaves(deployments, waves, workflows, self._clock)
        silent = FailSilent(targets, waves, MemoryReports(world), self._clock, WATCH)
        offline = SkipOffline(deployments, targets, MemoryReports(world), self._clock)
        self.dispatch = DispatchWave(
            deployments,
            targets,
            waves,
            workflows,
            create_jobs,
            self.close_wave,
            self.watch,
            silent,
            offline,
            answer,
            self._clock,
        )
        self.return_devices = ReturnDevices(deployments, targets, waves, flows, create_jobs, answer, self._clock)
        self.plan_rollback = PlanRollback(
            deployments, targets, waves, installs, claims, workflows, self.close_wave, skip, self._clock
        )
        finish = FinishDeployment(deployments, manifests, claims)
        self.conclude_rollout = ConcludeRollout(deployments, targets, self.close_wave, skip, finish, self._clock)
        self.conclude_rollback = ConcludeRollback(deployments, targets, finish, self.return_late, self._clock)
        self.await_resume = AwaitResume(deployments, workflows, self._clock)
        self.tally = TallyWave(deployments, waves, self.watch, answer, MemoryDeadLetters(world))
        resolve = ResolveTargets(manifests, MemoryGroups(world), MemoryRegistry(world))
        self.start = StartDeployment(deployments, manifests, resolve, flows, claims, workflows, self._clock)
        self.resume = ResumeDeployment(deployments, waves, workflows, self._clock)
        self.cancel = CancelDeployment(deployments, MemoryDispatchQueue(world), self._clock)
        self.promote = PromoteDeployment(deployments, waves, workflows, self.watch, self._clock)
        self.give_up = GiveUpTarget(deployments, targets, jobs, MemoryDispatchQueue(world), self._clock)
        self.wind_down = WindDown(deployments, workflows, self.conclude_rollout)
        self.reconcile = Reconcile(
            deployments=deployments,
            targets=targets,
            waves=waves,
            workflows=workflows,
            start=self.start,
            resume=self.resume,
            rollback=self.rollback,
            wind_down=self.wind_down,
            recover_reports=self.recover_reports,
            conclude_rollout=self.conclude_rollout,
            conclude_rollback=self.conclude_rollback,
            answer_wave=answer,
            clock=lambda: self.now + timedelta(minutes=10),
            grace=timedelta(minutes=5),
        )
        self.retry = RetryDeployment(deployments, targets, manifests, self.start, self._clock, "5f3a9c01")
        self.pause = PauseDeployment(deployments, self._clock)
        self.delete = DeleteDeployment(
            deployments, manifests, installs, MemoryConnections(world), jobs, workflows, self._clock
        )

    def _clock(self) -> datetime:
        """Return the moment of the test, which stands still until the test moves it."""
        return self.now

    def tally_all(self) -> None:
        """Hand the whole stream to the tally, as one batch."""
        self.tally(list(self.world.stream))

    def fail_late(self, device_id: str, report: HealthReport, *, received_ms: int = 1) -> list[str]:
        """Look whether a health report fails targets."""
        said = Said(epoch=report.epoch, sequence=report.sequence, received_ms=received_ms)
        return self._fail_late(device_id, report, said)

    def report(self, device_id: str, status: str, *, job_id: str, received_ms: int = 1, **details: str) -> bool:
        """Take in the end of a device's job."""
        job = parse_job_id(job_id)
        assert job is not None
        return self.ingest(
            JobReport(
                job=job,
                device_id=device_id,
                status=status,
                details=StatusDetails.from_wire({"sequence": "5"} | details),
                at_ms=received_ms,
            )
        )


def wave_job(wave: int, chunk: int = 0) -> str:
    """Return the id of the test deployment's job."""
    return f"{DEPLOYMENT}-w{wave:05d}-{chunk:04d}"


def return_job(attempt: int, group: int = 0) -> str:
    """Return the id of the test deployment's rollback job."""
    return f"{DEPLOYMENT}-r{attempt:03d}-{group:04d}-0000"


def rollback_request(*, origin: Origin = Origin.BREACH, attempt: int = 1) -> RollbackRequest:
    """Return the input of a rollback's plan."""
    return RollbackRequest(
        deployment_id=DEPLOYMENT,
        attempt=attempt,
        origin=origin,
        reason="because",
        execution_arn=f"rollback:{DEPLOYMENT}-rollback-{attempt}",
    )


def running_world(
    devices: int = 4,
    *,
    batch_size: int = 2,
    threshold: int = 20,
    version_before: int | None = 1,
    status: DeploymentStatus = DeploymentStatus.RUNNING,
    auto_rollback: bool = True,
    strategy: Strategy = Strategy.ROLLING,
    removes: bool = False,
) -> World:
    """Return a world with one deployment of version 2, or a removal, for devices that run ``version_before``."""
    world = World()
    names = [f"dev_{number:03d}" for number in range(1, devices + 1)]
    world.registered |= set(names)
    for version in (1, 2):
        world.versions[FLOW, version] = Artifact(version=version, sha256=str(version) * 64, size=10)
    if version_before is not None:
        for name in names:
            world.installs[name, FLOW] = Install(device_id=name, version=version_before, deployment_id="dep_0")
    rules = RolloutRules(
        timeout_seconds=60,
        auto_rollback=auto_rollback,
        health_check=True,
        batch_size=batch_size,
        batch_delay_seconds=1,
        failure_threshold=threshold,
    )
    world.deployments[DEPLOYMENT] = Deployment(
        id=DEPLOYMENT,
        flow_id=FLOW,
        artifact=None if removes else world.versions[FLOW, 2],
        strategy=strategy,
        rules=rules,
        status=status,
        status_reason="",
        total_targets=devices,
        created_at="2026-02-21T12:00:00.000Z",
        created_by="tester",
    )
    world.manifests[DEPLOYMENT] = names
    return world


def deploy_wave(cloud: Cloud, wave: int, **ends: str) -> None:
    """Dispatch a wave, let its devices report, count."""
    cloud.dispatch(DEPLOYMENT, wave, f"token-{wave}")
    for device, status in ends.items():
        runs = "2" if status == "SUCCEEDED" else "1"
        cloud.report(device, status, job_id=wave_job(wave), runs_version=runs)
    cloud.tally_all()
