"""A deployment's whole story can be told from its history alone: its final state is put together again from it.

Deployments, waves and histories are at rest in the table, what is around them in memory.
"""

from dataclasses import replace

import pytest

from api.views.deployments import summary
from edgeflow.adapters.deployments.deployment_store import DeploymentStore
from edgeflow.adapters.history.history_store import HistoryStore
from edgeflow.adapters.rollout.wave_store import WaveStore
from edgeflow.adapters.table import Table
from edgeflow.contract.history.deployments import BreachAccepted, Breached, WaveEnded
from edgeflow.contract.history.events import DeploymentEvent
from edgeflow.domain.clock import timestamp
from edgeflow.domain.deployments import DeploymentStatus
from edgeflow.domain.history import Entry
from edgeflow.domain.rules import tolerated_failures
from edgeflow.domain.strategies import Strategy
from edgeflow.use_cases.deployments.create_deployment import created
from edgeflow.use_cases.rollout.close_wave import CloseCause
from edgeflow.use_cases.rollout.conclude_rollback import RollbackEnd
from edgeflow.use_cases.rollout.conclude_rollout import RolloutEnd
from edgeflow.use_cases.rollout.plan_rollback import Origin
from edgeflow.use_cases.rollout.ports import JobExecution
from tests.support.history import Story, story_as_shown, story_of
from tests.support.readable import all_read
from tests.unit.adapters.builders import open_deployments, put_flow
from tests.unit.use_cases.cloud import (
    DEPLOYMENT,
    FLOW,
    ME,
    Cloud,
    deploy_wave,
    return_job,
    rollback_request,
    running_world,
    wave_job,
)
from tests.unit.use_cases.memory import MOMENT

pytestmark = pytest.mark.slow


MOMENT_TOLD = timestamp(MOMENT)


class Kept(Cloud):
    """A cloud whose deployment waits to be started, at rest in the table."""

    def __init__(self, table: Table, strategy: Strategy, *, devices: int = 4, auto_rollback: bool = True) -> None:
        """Create it; of a rolling one, batches have two devices."""
        world = running_world(
            devices, strategy=strategy, auto_rollback=auto_rollback, status=DeploymentStatus.PENDING, batch_size=2
        )
        deployment = replace(world.deployments.pop(DEPLOYMENT), created_by=ME.name)
        if strategy is not Strategy.ROLLING:
            deployment = replace(deployment, rules=replace(deployment.rules, failure_threshold=0, canary_percentage=25))
        self.table = table
        self.store, self.history = DeploymentStore(table), HistoryStore(table)
        super().__init__(world, deployments=self.store, waves=WaveStore(table))
        put_flow(table, flow_id=FLOW)
        self.store.create(deployment, entry=Entry(at=deployment.created_at, actor=ME, details=created(deployment)))

    def begin(self) -> int:
        """Start and plan it; returns how many waves it has."""
        self.start(DEPLOYMENT, by=ME)
        return int(self.plan(DEPLOYMENT)["waves"])

    def told(self, deployment_id: str = DEPLOYMENT) -> list[DeploymentEvent]:
        """Return its history, read in pages of five."""
        events: list[DeploymentEvent] = []
        after: int | None = 0
        while after is not None:
            page, after = self.history.of_deployment(deployment_id, limit=5, after=after)
            events += all_read(page)
        return events

    def return_all(self) -> None:
        """Plan the rollback, let every device return, and end it."""
        if self.plan_rollback(rollback_request())["total"]:
            self.return_devices(DEPLOYMENT, 1, "token-r")
            for job_id in [job for job in self.world.jobs if job.startswith(return_job(1)[:-10])]:
                for device in self.world.jobs[job_id]:
                    self.report(device, "SUCCEEDED", job_id=job_id, runs_version="1", sequence="9")
        self.tally_all()
        self.conclude_rollback(DEPLOYMENT, 1, RollbackEnd.RETURNED)

    def check(self, *types: str) -> Story:
        """Hold the story to what is shown, and the types of its events to these."""
        self.tally_all()
        assert [event.type for event in self.told()] == list(types)
        story = story_of(self.told())
        targets = {
            device: {"status": target.status.value, "reason": target.reason}
            for (_, device), target in self.world.targets.items()
        }
        assert story == story_as_shown(summary(self.store.get(DEPLOYMENT)).model_dump(), targets, like=story)
        return story


GOES_WELL = ("created", "started", "waves_planned")


@pytest.mark.parametrize("strategy", Strategy)
def test_all_succeed(table: Table, strategy: Strategy) -> None:
    cloud = Kept(table, strategy)
    waves = cloud.begin()
    for wave in range(1, waves + 1):
        cloud.dispatch(DEPLOYMENT, wave, f"token-{wave}")
        staging = strategy is Strategy.BLUE_GREEN and wave == 1
        for device in list(cloud.world.jobs[wave_job(wave)]):
            cloud.report(device, "SUCCEEDED", job_id=wave_job(wave), runs_version="1" if staging else "2")
        cloud.tally_all()
    assert cloud.conclude_rollout(DEPLOYMENT, RolloutEnd.SETTLED) is DeploymentStatus.COMPLETED
    story = cloud.check(*GOES_WELL, *(("wave_started", "wave_ended") * waves), "completed")
    assert (story.target_counts, story.failed_targets) == ({"success": 4}, {})


@pytest.mark.parametrize("strategy", Strategy)
def test_a_breach_rolls_back(table: Table, strategy: Strategy) -> None:
    cloud = Kept(table, strategy)
    cloud.begin()
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    cloud.report("dev_001", "FAILED", job_id=wave_job(1), reason="unhealthy", runs_version="1")
    cloud.tally_all()
    assert cloud.world.answers["token-1"]["breached"] is True
    cloud.return_all()
    settled = len(cloud.world.jobs[wave_job(1)]) == 1
    closed = () if settled else ("wave_closed",)
    told = ("wave_started", "breached", "wave_ended", "rollback_started", *closed, "rollback_planned", "rolled_back")
    story = cloud.check(*GOES_WELL, *told)
    assert story.target_counts == {"rolled_back": 1, "skipped": 3}
    (breached,) = [event.details for event in cloud.told() if isinstance(event.details, Breached)]
    total = len(cloud.world.jobs[wave_job(1)])
    threshold = 20 if strategy is Strategy.ROLLING else 0
    assert breached == Breached(
        wave=1, total=total, failed=1, tolerated=tolerated_failures(total, threshold), failure_threshold=threshold
    )


@pytest.mark.parametrize("strategy", [Strategy.ROLLING, Strategy.CANARY, Strategy.BLUE_GREEN])
def test_a_breach_pauses_and_an_operator_rolls_back(table: Table, strategy: Strategy) -> None:
    cloud = Kept(table, strategy, auto_rollback=False)
    cloud.begin()
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    for device in list(cloud.world.jobs[wave_job(1)]):
        cloud.report(device, "FAILED", job_id=wave_job(1), reason="unhealthy", runs_version="1")
    cloud.tally_all()
    cloud.close_wave(DEPLOYMENT, 1, cause=CloseCause.STOP, task_token="token-c")
    cloud.await_resume(DEPLOYMENT, "token-p", breached=True)
    so_far = ("wave_started", "breached", "wave_ended", "wave_closed", "paused")
    assert cloud.check(*GOES_WELL, *so_far).facts["status"] == "paused"
    cloud.rollback(DEPLOYMENT, by=ME)
    cloud.return_all()
    cloud.check(*GOES_WELL, *so_far, "rollback_requested", "rollback_started", "rollback_planned", "rolled_back")


def test_an_operator_goes_on_after_a_breach_and_retries_what_failed(table: Table) -> None:
    cloud = Kept(table, Strategy.ROLLING, auto_rollback=False)
    cloud.begin()
    deploy_wave(cloud, 1, dev_001="FAILED", dev_002="SUCCEEDED")
    cloud.close_wave(DEPLOYMENT, 1, cause=CloseCause.STOP, task_token="token-c")
    cloud.await_resume(DEPLOYMENT, "token-p", breached=True)
    cloud.resume(DEPLOYMENT, by=ME, accept_failures=True)
    deploy_wave(cloud, 2, dev_003="SUCCEEDED", dev_004="SUCCEEDED")
    cloud.conclude_rollout(DEPLOYMENT, RolloutEnd.SETTLED)
    retry = cloud.retry(DEPLOYMENT, by=ME)
    story = cloud.check(
        *GOES_WELL,
        *("wave_started", "breached", "wave_ended", "wave_closed", "paused", "breach_accepted", "resumed"),
        *("wave_started", "wave_ended", "failed", "retried"),
    )
    assert story.failed_targets == {"dev_001": ("failed", "unknown")}
    assert story.facts["retried_by"] == retry.id
    (accepted,) = [event.details for event in cloud.told() if isinstance(event.details, BreachAccepted)]
    assert accepted == BreachAccepted(wave=1, tolerated=1)
    first, second = cloud.told(retry.id)
    assert (first.type, second.type) == ("created", "started")
    assert story_of([first, second]).facts["retry_of"] == DEPLOYMENT


def test_an_operator_pauses_goes_on_and_rolls_a_completed_one_back(table: Table) -> None:
    cloud = Kept(table, Strategy.CANARY)
    cloud.begin()
    deploy_wave(cloud, 1, dev_001="SUCCEEDED")
    cloud.pause(DEPLOYMENT, by=ME)
    paused = ("wave_started", "wave_ended", "paused")
    assert cloud.check(*GOES_WELL, *paused).target_counts == {"success": 1}
    cloud.resume(DEPLOYMENT, by=ME)
    deploy_wave(cloud, 2, dev_002="SUCCEEDED", dev_003="SUCCEEDED", dev_004="SUCCEEDED")
    cloud.conclude_rollout(DEPLOYMENT, RolloutEnd.SETTLED)
    cloud.rollback(DEPLOYMENT, by=ME)
    cloud.return_all()
    story = cloud.check(
        *GOES_WELL,
        *paused,
        *("resumed", "wave_started", "wave_ended", "completed"),
        *("rollback_requested", "rollback_started", "rollback_planned", "rolled_back"),
    )
    assert story.target_counts == {"rolled_back": 4}


def test_an_operator_cancels_what_runs_and_rolls_it_back(table: Table) -> None:
    cloud = Kept(table, Strategy.ROLLING)
    cloud.begin()
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    cloud.report("dev_001", "SUCCEEDED", job_id=wave_job(1), runs_version="2")
    cloud.cancel(DEPLOYMENT, by=ME)
    assert cloud.wind_down(DEPLOYMENT) is DeploymentStatus.CANCELLED
    so_far = ("wave_started", "cancel_requested", "wave_closed", "cancelled")
    story = cloud.check(*GOES_WELL, *so_far)
    assert story.target_counts == {"skipped": 3, "success": 1}
    assert story.facts["status"] == "cancelled"
    assert open_deployments(cloud.table, flow_id=FLOW) == set()
    cloud.rollback(DEPLOYMENT, by=ME)
    assert open_deployments(cloud.table, flow_id=FLOW) == {DEPLOYMENT}
    cloud.return_all()
    back = ("rollback_requested", "rollback_started", "rollback_planned", "rolled_back")
    assert cloud.check(*GOES_WELL, *so_far, *back).target_counts == {"rolled_back": 1, "skipped": 3}


def test_an_operator_cancels_what_waits_to_be_started(table: Table) -> None:
    cloud = Kept(table, Strategy.ROLLING)
    assert cloud.cancel(DEPLOYMENT, by=ME).status is DeploymentStatus.CANCELLED
    story = cloud.check("created", "cancelled")
    assert (story.facts["finished_at"], open_deployments(cloud.table, flow_id=FLOW)) == (MOMENT_TOLD, set())


def test_a_wave_that_times_out_is_closed_and_breaches(table: Table) -> None:
    cloud = Kept(table, Strategy.ALL_AT_ONCE, auto_rollback=False)
    cloud.begin()
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    cloud.report("dev_001", "SUCCEEDED", job_id=wave_job(1), runs_version="2")
    cloud.close_wave(DEPLOYMENT, 1, cause=CloseCause.TIMEOUT, task_token="token-c")
    cloud.tally_all()
    cloud.conclude_rollout(DEPLOYMENT, RolloutEnd.BREACHED)
    story = cloud.check(*GOES_WELL, "wave_started", "wave_closed", "breached", "wave_ended", "failed")
    assert story.target_counts == {"failed": 3, "success": 1}
    assert story.failed_targets == {f"dev_00{number}": ("failed", "timed_out") for number in (2, 3, 4)}
    (ended,) = [event.details for event in cloud.told() if isinstance(event.details, WaveEnded)]
    assert (ended.settled, ended.breached, ended.target_counts) == (True, True, {"failed": 3, "success": 1})


def test_a_rollback_in_the_middle_of_a_wave(table: Table) -> None:
    cloud = Kept(table, Strategy.BLUE_GREEN)
    cloud.begin()
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    cloud.report("dev_001", "SUCCEEDED", job_id=wave_job(1), runs_version="1")
    at_work = JobExecution(device_id="dev_002", status="IN_PROGRESS", started=True)
    cloud.world.jobs[wave_job(1)]["dev_002"] = at_work  # it is aborted, which is no breach
    cloud.rollback(DEPLOYMENT, by=ME)
    cloud.plan_rollback(rollback_request(origin=Origin.OPERATOR))
    assert cloud.world.targets[DEPLOYMENT, "dev_002"].reason == "aborted"
    cloud.tally_all()
    cloud.return_all()
    told = ("rollback_requested", "rollback_started", "wave_closed", "rollback_planned", "rolled_back")
    story = cloud.check(*GOES_WELL, "wave_started", *told)
    assert story.facts["status"] == "rolled_back"


def test_a_rollout_that_is_refused_its_devices(table: Table) -> None:
    cloud = Kept(table, Strategy.ROLLING, devices=2)
    cloud.start(DEPLOYMENT, by=ME)
    install = cloud.world.installs["dev_002", FLOW]
    cloud.world.installs["dev_002", FLOW] = replace(install, claimed_by="dep_2")
    rival = replace(cloud.store.get(DEPLOYMENT), id="dep_2", status=DeploymentStatus.RUNNING)
    cloud.store.create(rival, entry=Entry(at=rival.created_at, actor=ME, details=created(rival)))
    assert cloud.plan(DEPLOYMENT)["outcome"] == "refused"
    story = cloud.check("created", "started", "failed")
    assert "dep_2" in story.facts["status_reason"]
