"""Devices that are slow to answer, while a cloud whose cancelling lags gives them up."""

from abc import ABC, abstractmethod
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Self

from edgeflow.contract.job import Operation
from edgeflow.domain.clock import milliseconds, timestamp
from edgeflow.domain.deployments import DeploymentStatus, TargetStatus
from edgeflow.domain.errors import Conflict, StillCancelling
from edgeflow.domain.waves import rollback_wave_name
from edgeflow.use_cases.rollout.close_wave import CloseCause
from edgeflow.use_cases.rollout.conclude_rollback import RollbackEnd
from edgeflow.use_cases.rollout.conclude_rollout import RolloutEnd
from edgeflow.use_cases.rollout.plan_rollback import Origin
from tests.unit.use_cases.cloud import (
    DEPLOYMENT,
    FLOW,
    ME,
    Cloud,
    return_job,
    rollback_request,
    running_world,
    wave_job,
)

DEVICE = "dev_001"
OTHER = "dev_002"
LIMIT = timedelta(seconds=60)
ROUNDS = 12


@dataclass
class Story(ABC):
    """One device that is slow to answer, one that is not, and a cloud whose cancelling lags."""

    cloud: Cloud
    runs: int = 1
    sequence: int = 5
    reports: list[tuple[str, int]] = field(default_factory=list)
    """What the device said so far: its job, and when that ended; each can reach the cloud at any time, and again."""
    heard: set[int] = field(default_factory=set)
    """Places of those that reached the cloud: nobody may count on a repeat."""
    planned: int = 0

    @classmethod
    def begin(cls, *, devices: int = 2, stopped_before_its_job: bool = False) -> Self:
        cloud = Cloud(running_world(devices, batch_size=devices, threshold=50))
        begun = replace(cloud.world.deployments[DEPLOYMENT], started_at="2026-02-21T12:00:00.000Z")
        cloud.world.deployments[DEPLOYMENT] = begun
        cloud.world.cancels_lag = True
        cloud.plan(DEPLOYMENT)
        story = cls(cloud)
        if stopped_before_its_job:
            cloud.world.before_job = story.stop_and_look
        with suppress(StillCancelling):
            cloud.dispatch(DEPLOYMENT, 1, "token-1")
        if devices > 1 and not stopped_before_its_job:
            cloud.report(OTHER, "SUCCEEDED", job_id=wave_job(1), runs_version="2")
        return story

    @property
    def status(self) -> DeploymentStatus:
        return self.cloud.world.deployments[DEPLOYMENT].status

    def take(self) -> None:
        """The device takes the oldest job that is open up, and succeeds."""
        for job_id, executions in self.cloud.world.jobs.items():
            execution = executions.get(DEVICE)
            if execution is None or execution.status != "QUEUED":
                continue
            executions[DEVICE] = replace(
                execution, status="SUCCEEDED", started=True, updated_at=timestamp(self.cloud.now)
            )
            document = self.cloud.world.documents[job_id]
            assert document.operation is Operation.APPLY
            assert document.version is not None
            self.runs, self.sequence = document.version, self.sequence + 1
            said = {"sequence": str(self.sequence), "runs_version": str(self.runs)}
            self.cloud.world.job_details[job_id, DEVICE] = said
            self.reports.append((job_id, milliseconds(self.cloud.now)))
            self.cloud.now += timedelta(seconds=1)
            return

    def hear(self, place: int = -1) -> None:
        """One of the device's reports reaches the cloud."""
        if self.reports:
            place %= len(self.reports)
            self.heard.add(place)
            job_id, at_ms = self.reports[place]
            said = self.cloud.world.job_details[job_id, DEVICE]
            self.cloud.report(DEVICE, "SUCCEEDED", job_id=job_id, received_ms=at_ms, **said)

    def end(self) -> None:
        """AWS IoT ends what was cancelled."""
        self.cloud.world.end_cancelled()

    def wait(self) -> None:
        """Some time goes by."""
        self.cloud.now += LIMIT / 2

    def run_out(self) -> None:
        """The time in which AWS IoT may end what was cancelled goes by, and everybody looks."""
        self.look()
        self.cloud.now += LIMIT
        self.look()

    @abstractmethod
    def stop(self) -> None:
        """End it."""

    def stop_and_look(self) -> None:
        self.stop()
        self.look()

    def look(self) -> None:
        """Whoever stopped it looks again; a rollback that is under way goes one step on."""
        if self.status is DeploymentStatus.ROLLING_BACK:
            self.roll_back()

    def roll_back(self) -> None:
        cloud = self.cloud
        attempt = cloud.world.deployments[DEPLOYMENT].rollbacks
        if self.planned < attempt:
            plan = cloud.plan_rollback(rollback_request(origin=Origin.OPERATOR, attempt=attempt))
            if plan["outcome"] != "planned":
                assert plan["outcome"] == "cancelling"
                return
            self.planned = attempt
            if plan["total"]:
                cloud.return_devices(DEPLOYMENT, attempt, f"token-r{attempt}")
            return
        for job_id, executions in cloud.world.jobs.items():
            if job_id.startswith(return_job(attempt)[: len(DEPLOYMENT) + 5]) and OTHER in executions:
                cloud.report(OTHER, "SUCCEEDED", job_id=job_id, runs_version="1", sequence="99")
        cloud.tally_all()
        wave = cloud.world.waves[DEPLOYMENT, rollback_wave_name(attempt)]
        tally = wave.tally()
        if tally is not None and tally.settled:
            cloud.conclude_rollback(DEPLOYMENT, attempt, RollbackEnd.RETURNED)

    def drain(self) -> None:
        """Everything that is under way comes to its end."""
        for _ in range(ROUNDS):
            self.take()
            for place in set(range(len(self.reports))) - self.heard:
                self.hear(place)
            self.end()
            self.wait()
            self.look()

    def agrees(self) -> None:
        """The record says what the device runs, and nothing is left that could change that."""
        world = self.cloud.world
        assert world.installs[DEVICE, FLOW].version == self.runs
        target = world.targets[DEPLOYMENT, DEVICE]
        if self.status is DeploymentStatus.ROLLED_BACK:
            assert self.runs == 1, target
        else:
            told = target.status is TargetStatus.SUCCESS or target.reached_late
            assert (self.runs == 2) == told, target
        assert not [job for job, parts in world.jobs.items() if parts.get(DEVICE) and parts[DEVICE].status == "QUEUED"]
        assert world.installs[DEVICE, FLOW].claimed_by is None


class RolledBack(Story):
    """An operator rolls it back while the device has not answered."""

    def stop(self) -> None:
        with suppress(Conflict):
            self.cloud.rollback(DEPLOYMENT, by=ME)


class Cancelled(Story):
    """An operator cancels it."""

    def stop(self) -> None:
        with suppress(Conflict):
            self.cloud.cancel(DEPLOYMENT, by=ME)

    def look(self) -> None:
        with suppress(StillCancelling):
            self.cloud.wind_down(DEPLOYMENT)


class TimedOut(Story):
    """Its wave's time is over; half of the devices may fail."""

    closing = False

    def stop(self) -> None:
        self.closing = True
        self.look()

    def look(self) -> None:
        if self.closing and self.status is DeploymentStatus.RUNNING:
            try:
                self.cloud.close_wave(DEPLOYMENT, 1, cause=CloseCause.TIMEOUT, task_token="token-c")
            except StillCancelling:
                return
            self.cloud.tally_all()
            self.cloud.conclude_rollout(DEPLOYMENT, RolloutEnd.SETTLED)


class TimedOutThenRolledBack(TimedOut):
    """Its wave's time is over, and an operator rolls back what has ended so."""

    def look(self) -> None:
        super().look()
        if self.status in {DeploymentStatus.FAILED, DeploymentStatus.COMPLETED}:
            with suppress(Conflict):
                self.cloud.rollback(DEPLOYMENT, by=ME)
        if self.status is DeploymentStatus.ROLLING_BACK:
            self.roll_back()


class GivenUp(TimedOutThenRolledBack):
    """An operator gives up on the device, and rolls the rest back."""

    def stop(self) -> None:
        with suppress(Conflict):
            self.cloud.give_up(DEPLOYMENT, DEVICE, by=ME)

    def look(self) -> None:
        for deployment_id, device_id, asked_at in sorted(self.cloud.world.given_up):
            with suppress(Conflict, StillCancelling):
                self.cloud.give_up.complete(deployment_id, device_id, by=ME, asked_at=asked_at)
        self.closing = self.cloud.world.targets[DEPLOYMENT, DEVICE].status is not TargetStatus.DEPLOYING
        super().look()
