"""The safety net finds nothing where nothing was lost, and repairs what was."""

from dataclasses import replace

from edgeflow.domain.deployments import DeploymentStatus
from edgeflow.use_cases.rollout.conclude_rollout import RolloutEnd
from edgeflow.use_cases.rollout.plan_rollback import Origin
from edgeflow.use_cases.rollout.ports import JobExecution
from tests.unit.use_cases.cloud import DEPLOYMENT, ME, Cloud, return_job, rollback_request, running_world, wave_job

NOON = "2026-02-21T12:00:00.000Z"
JUST_NOW = "2026-02-21T12:09:00.000Z"


def rolling_out() -> Cloud:
    """A deployment whose first wave was dispatched."""
    cloud = Cloud(running_world(4, status=DeploymentStatus.PENDING))
    cloud.start(DEPLOYMENT, by=ME)
    cloud.plan(DEPLOYMENT)
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    return cloud


def ended(cloud: Cloud, job_id: str, device_id: str, *, runs_version: str, sequence: str = "5", at: str = NOON) -> None:
    """A device ended its job, and nobody was told."""
    cloud.world.jobs[job_id][device_id] = JobExecution(
        device_id=device_id, status="SUCCEEDED", started=True, updated_at=at
    )
    cloud.world.job_details[job_id, device_id] = {"sequence": sequence, "runs_version": runs_version}


def test_a_run_without_faults_gives_it_nothing_to_do() -> None:
    cloud = rolling_out()
    assert cloud.reconcile().total == 0
    for device in ("dev_001", "dev_002"):
        cloud.report(device, "SUCCEEDED", job_id=wave_job(1), runs_version="2")
    cloud.tally_all()
    cloud.watch.begin(DEPLOYMENT, "token-w")
    assert cloud.reconcile().total == 0
    cloud.conclude_rollout(DEPLOYMENT, RolloutEnd.SETTLED)
    repairs = cloud.reconcile()
    assert (repairs.looked_at, repairs.total) == (0, 0)


def test_reports_that_were_lost_are_asked_for_and_wake_the_execution() -> None:
    cloud = rolling_out()
    for device in ("dev_001", "dev_002"):
        ended(cloud, wave_job(1), device, runs_version="2")
    assert cloud.reconcile().reports == 2
    cloud.tally_all()
    assert cloud.world.answers["token-1"]["succeeded"] == 2
    assert cloud.reconcile().total == 0


def test_a_report_that_may_be_on_its_way_is_left_to_its_event() -> None:
    cloud = rolling_out()
    ended(cloud, wave_job(1), "dev_001", runs_version="2", at=JUST_NOW)
    assert cloud.reconcile().total == 0


def test_a_decided_wave_that_nobody_answered_is_answered() -> None:
    cloud = rolling_out()
    for device in ("dev_001", "dev_002"):
        cloud.report(device, "SUCCEEDED", job_id=wave_job(1), runs_version="2")
    cloud.tally_all()
    cloud.world.answers.clear()  # the tally died before it answered, and its batch never came again
    assert cloud.reconcile().answered == [DEPLOYMENT]
    assert cloud.world.answers["token-1"]["settled"] is True


def test_a_start_that_died_before_its_execution_is_completed() -> None:
    cloud = Cloud(running_world(1))
    world = cloud.world
    world.deployments[DEPLOYMENT] = replace(world.deployments[DEPLOYMENT], started_at=NOON)
    assert cloud.reconcile().started == [DEPLOYMENT]
    assert f"rolling:{DEPLOYMENT}" in world.executions


def test_a_start_that_may_be_under_way_is_left_alone() -> None:
    cloud = Cloud(running_world(1))
    world = cloud.world
    world.deployments[DEPLOYMENT] = replace(world.deployments[DEPLOYMENT], started_at=JUST_NOW)
    assert cloud.reconcile().total == 0
    assert not world.executions


def test_an_execution_that_died_ends_its_deployment_and_gives_up_its_claims() -> None:
    cloud = rolling_out()
    cloud.world.stopped.add(f"rolling:{DEPLOYMENT}")
    assert cloud.reconcile().concluded == [DEPLOYMENT]
    failed = cloud.world.deployments[DEPLOYMENT]
    assert failed.status is DeploymentStatus.FAILED
    assert "ABORTED" in failed.status_reason
    assert all(install.claimed_by is None for install in cloud.world.installs.values())
    assert all(each.status == "CANCELED" for each in cloud.world.jobs[wave_job(1)].values())
    assert f"deploy-wave:{DEPLOYMENT}-wave-1" in cloud.world.stopped, "what it had started would wait for nobody"


def test_a_rollback_whose_execution_died_ends_failed_and_can_be_tried_again() -> None:
    cloud = rolling_out()
    cloud.rollback(DEPLOYMENT, by=ME)
    cloud.world.stopped.add(f"rollback:{DEPLOYMENT}-rollback-1")
    assert cloud.reconcile().concluded == [DEPLOYMENT]
    assert cloud.world.deployments[DEPLOYMENT].status is DeploymentStatus.FAILED
    assert cloud.rollback(DEPLOYMENT, by=ME).rollbacks == 2


def test_returns_that_were_lost_are_asked_for() -> None:
    cloud = rolling_out()
    for device in ("dev_001", "dev_002"):
        cloud.report(device, "SUCCEEDED", job_id=wave_job(1), runs_version="2")
    cloud.rollback(DEPLOYMENT, by=ME)
    cloud.plan_rollback(rollback_request(origin=Origin.OPERATOR))
    cloud.return_devices(DEPLOYMENT, 1, "token-r")
    assert cloud.reconcile().total == 0
    for device in ("dev_001", "dev_002"):
        ended(cloud, return_job(1), device, runs_version="1", sequence="9")
    assert cloud.reconcile().reports == 2
    cloud.tally_all()
    assert cloud.world.answers["token-r"]["succeeded"] == 2
