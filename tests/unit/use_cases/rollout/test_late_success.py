"""Cancelling takes its time: whatever comes before whatever, in the end the record says what the device runs."""

from abc import ABC, abstractmethod
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Self

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
    def begin(cls, *, devices: int = 2) -> Self:
        cloud = Cloud(running_world(devices, batch_size=devices, threshold=50))
        begun = replace(cloud.world.deployments[DEPLOYMENT], started_at="2026-02-21T12:00:00.000Z")
        cloud.world.deployments[DEPLOYMENT] = begun
        cloud.world.cancels_lag = True
        cloud.plan(DEPLOYMENT)
        cloud.dispatch(DEPLOYMENT, 1, "token-1")
        if devices > 1:
            cloud.report(OTHER, "SUCCEEDED", job_id=wave_job(1), runs_version="2")
        return cls(cloud)

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


class CancelledThenRolledBack(Cancelled):
    """An operator cancels it, and rolls it back as soon as that is done."""

    def look(self) -> None:
        super().look()
        if self.status is DeploymentStatus.CANCELLED:
            with suppress(Conflict):
                self.cloud.rollback(DEPLOYMENT, by=ME)
        if self.status is DeploymentStatus.ROLLING_BACK:
            self.roll_back()


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


STORIES = [RolledBack, Cancelled, CancelledThenRolledBack, TimedOut, TimedOutThenRolledBack, GivenUp]
STEPS = st.lists(st.sampled_from(["take", "hear", "hear_first", "end", "wait", "look", "run_out"]), max_size=10)


@pytest.mark.slow
@settings(max_examples=400)
@given(kind=st.sampled_from(STORIES), before=STEPS, after=STEPS)
def test_in_any_order_device_and_record_agree(kind: type[Story], before: list[str], after: list[str]) -> None:
    story = kind.begin()
    for step in [*before, "stop", *after]:
        if step == "hear_first":
            story.hear(0)
        else:
            getattr(story, step)()
    story.stop()
    story.drain()
    assert story.status not in {DeploymentStatus.RUNNING, DeploymentStatus.ROLLING_BACK, DeploymentStatus.CANCELLING}
    story.agrees()
    before_a_repeat = (story.status, dict(story.cloud.world.targets), dict(story.cloud.world.jobs))
    for place in range(len(story.reports)):
        story.hear(place)
    story.drain()
    assert (story.status, story.cloud.world.targets, story.cloud.world.jobs) == before_a_repeat


def passed_by(*, rolled_back: bool = True) -> Cloud:
    """A device is given up while AWS IoT does not end its job, and the rest is rolled back, or left as it is."""
    story = RolledBack.begin() if rolled_back else Cancelled.begin()
    story.stop()
    story.run_out()
    for _ in range(ROUNDS):
        story.look()
    assert story.status is (DeploymentStatus.ROLLED_BACK if rolled_back else DeploymentStatus.CANCELLED)
    return story.cloud


def succeeds_late(cloud: Cloud) -> bool:
    return cloud.report(DEVICE, "SUCCEEDED", job_id=wave_job(1), runs_version="2", sequence="50")


def test_after_the_rollback_it_is_told_and_another_attempt_begins() -> None:
    cloud = passed_by()
    given_up = cloud.world.targets[DEPLOYMENT, DEVICE]
    assert not succeeds_late(cloud), "how it was settled stays"
    target = cloud.world.targets[DEPLOYMENT, DEVICE]
    assert (target.status, target.reason, target.message) == (given_up.status, given_up.reason, given_up.message)
    assert (target.reached_late, target.runs_version) == (True, 2)
    deployment = cloud.world.deployments[DEPLOYMENT]
    assert (deployment.status, deployment.rollbacks) == (DeploymentStatus.ROLLING_BACK, 2)
    assert deployment.status_reason == "dev_001 took version 2 up after the rollback had passed it by"
    told, started = cloud.world.history[DEPLOYMENT][-2:]
    assert (told.type, told.details.model_dump()) == ("reached_late", {"wave": 1, "device_id": DEVICE, "version": 2})
    assert (started.type, started.details.model_dump()) == (
        "rollback_started",
        {"attempt": 2, "origin": "late_success"},
    )
    assert f"rollback:{DEPLOYMENT}-rollback-2" in cloud.world.executions
    plan = cloud.plan_rollback(rollback_request(origin=Origin.OPERATOR, attempt=2))
    assert (plan["outcome"], plan["total"]) == ("planned", 1), "just the one"


def test_a_device_that_another_deployment_is_at_by_now_is_left_alone_and_says_so() -> None:
    cloud = passed_by()
    other = replace(cloud.world.deployments[DEPLOYMENT], id="dep_9", status=DeploymentStatus.RUNNING)
    cloud.world.deployments["dep_9"] = other
    install = cloud.world.installs[DEVICE, FLOW]
    cloud.world.installs[DEVICE, FLOW] = replace(install, claimed_by="dep_9")
    succeeds_late(cloud)
    assert cloud.world.deployments[DEPLOYMENT].status is DeploymentStatus.ROLLED_BACK
    target = cloud.world.targets[DEPLOYMENT, DEVICE]
    assert (target.reached_late, target.reason) == (True, "moved_on")
    assert target.message == (
        "it took version 2 up late, and dep_9 is deploying this flow to it by now; the rollback left it alone"
    )
    assert cloud.world.installs[DEVICE, FLOW].claimed_by == "dep_9"
    with pytest.raises(Conflict, match="dep_9 is deploying this flow to dev_001"):
        cloud.rollback(DEPLOYMENT, by=ME)
    cloud.world.deployments["dep_9"] = replace(other, status=DeploymentStatus.CANCELLED)
    assert cloud.rollback(DEPLOYMENT, by=ME).status is DeploymentStatus.ROLLING_BACK, "there is a way back"
    assert cloud.plan_rollback(rollback_request(origin=Origin.OPERATOR, attempt=2))["total"] == 1


def test_what_was_cancelled_keeps_it_and_a_later_rollback_returns_it() -> None:
    cloud = passed_by(rolled_back=False)
    succeeds_late(cloud)
    assert cloud.world.deployments[DEPLOYMENT].status is DeploymentStatus.CANCELLED
    assert cloud.world.targets[DEPLOYMENT, DEVICE].reached_late
    assert not [name for name in cloud.world.executions if name.startswith("rollback:")], "nobody asked for one"
    cloud.rollback(DEPLOYMENT, by=ME)
    assert cloud.plan_rollback(rollback_request(origin=Origin.OPERATOR))["total"] == 2


def test_a_repeat_of_a_success_that_was_counted_and_lost_later_is_no_late_one() -> None:
    story = RolledBack.begin()
    story.take()
    story.hear()
    target = story.cloud.world.targets[DEPLOYMENT, DEVICE]
    fallen_ill = replace(target, status=TargetStatus.FAILED, reason="unhealthy", reported=False)
    story.cloud.world.put_target(DEPLOYMENT, fallen_ill)
    story.hear()
    assert story.cloud.world.targets[DEPLOYMENT, DEVICE] == fallen_ill
    assert "reached_late" not in [event.type for event in story.cloud.world.history[DEPLOYMENT]]


def test_what_is_rolled_back_and_has_nobody_left_is_refused() -> None:
    cloud = passed_by()
    with pytest.raises(Conflict, match="rolled back already"):
        cloud.rollback(DEPLOYMENT, by=ME)


def test_a_device_is_given_up_once_its_job_has_ended() -> None:
    story = GivenUp.begin()
    story.stop()
    assert story.cloud.world.statuses(DEPLOYMENT)[DEVICE] == "deploying"
    story.end()
    story.look()
    target = story.cloud.world.targets[DEPLOYMENT, DEVICE]
    assert (target.status, target.reason, target.reached) == (TargetStatus.FAILED, "given_up", False)


def stuck() -> Cloud:
    """One device did not return in time; AWS IoT has not ended its job in time neither."""
    story = RolledBack.begin()
    cloud = story.cloud
    story.take()
    story.hear()
    story.stop()
    story.look()
    cloud.report(OTHER, "SUCCEEDED", job_id=return_job(1), runs_version="1", sequence="99")
    with pytest.raises(StillCancelling):
        cloud.close_return(DEPLOYMENT, 1, task_token="token-rc")
    assert cloud.world.statuses(DEPLOYMENT)[DEVICE] == "success", "it is waited for"
    cloud.now += LIMIT
    cloud.close_return(DEPLOYMENT, 1, task_token="token-rc")
    assert cloud.conclude_rollback(DEPLOYMENT, 1, RollbackEnd.RETURNED) is DeploymentStatus.FAILED
    target = cloud.world.targets[DEPLOYMENT, DEVICE]
    assert (target.status, target.reason) == (TargetStatus.ROLLBACK_FAILED, "timed_out")
    assert str(target.message).endswith("AWS IoT had not ended its job 60 s after that was cancelled")
    return cloud


def test_a_device_that_returns_after_the_rollback_has_ended_is_told_and_the_deployment_is_rolled_back() -> None:
    cloud = stuck()
    for _ in range(2):
        cloud.report(DEVICE, "SUCCEEDED", job_id=return_job(1), runs_version="1", sequence="50")
    target = cloud.world.targets[DEPLOYMENT, DEVICE]
    assert (target.status, target.reason, target.runs_version) == (TargetStatus.ROLLED_BACK, None, 1)
    assert [event.type for event in cloud.world.history[DEPLOYMENT]].count("returned_late") == 1
    assert cloud.world.deployments[DEPLOYMENT].rollbacks == 2
    assert cloud.plan_rollback(rollback_request(origin=Origin.OPERATOR, attempt=2))["total"] == 0
    assert cloud.conclude_rollback(DEPLOYMENT, 2, RollbackEnd.RETURNED) is DeploymentStatus.ROLLED_BACK


def test_a_rollback_that_broke_is_left_to_an_operator() -> None:
    story = RolledBack.begin()
    story.take()
    story.hear()
    story.stop()
    for _ in range(2):
        assert story.cloud.conclude_rollback(DEPLOYMENT, 1, RollbackEnd.BROKEN, cause="x") is DeploymentStatus.FAILED
    assert story.cloud.world.deployments[DEPLOYMENT].rollbacks == 1, "what broke would break again, and for ever"
