"""Between the waves: pausing and going on, and devices that fall ill while the others wait."""

import pytest

from edgeflow.contract.reasons import Reason
from edgeflow.contract.report import FlowHealth, Health, HealthReport, NodeHealth, Slot
from edgeflow.domain.deployments import DeploymentStatus
from edgeflow.domain.errors import Conflict
from tests.unit.use_cases.cloud import (
    DEPLOYMENT,
    FLOW,
    ME,
    Cloud,
    deploy_wave,
    rollback_request,
    running_world,
    wave_job,
)
from tests.unit.use_cases.memory import MOMENT


def ill_report(*, version: int, sequence: int) -> HealthReport:
    """Return a report of a device whose flow has turned unhealthy."""
    node = NodeHealth(node_id="n1", health=Health.UNHEALTHY, error="the sensor is gone")
    flow = FlowHealth(
        flow_id=FLOW,
        version=version,
        sha256="2" * 64,
        slot=Slot.BLUE,
        health=Health.UNHEALTHY,
        since=MOMENT,
        nodes=(node,),
    )
    return HealthReport(sent_at=MOMENT, sequence=sequence, agent_version="0", flows=(flow,))


def test_start_heals_an_earlier_start_that_died_before_its_execution_began() -> None:
    cloud = Cloud(running_world(1))
    assert not cloud.world.executions
    cloud.start(DEPLOYMENT, by=ME)
    assert cloud.world.executions == {f"rolling:{DEPLOYMENT}": {"deployment_id": DEPLOYMENT}}
    assert cloud.start(DEPLOYMENT, by=ME) == cloud.world.deployments[DEPLOYMENT]


def test_a_paused_execution_waits_and_resume_wakes_it_once() -> None:
    cloud = Cloud(running_world(1, status=DeploymentStatus.PENDING))
    cloud.start(DEPLOYMENT, by=ME)
    cloud.pause(DEPLOYMENT, by=ME)
    cloud.await_resume(DEPLOYMENT, "token-p", breached=False)
    assert "token-p" not in cloud.world.answers
    resumed = cloud.resume(DEPLOYMENT, by=ME)
    assert (resumed.status, resumed.resume_token) == (DeploymentStatus.RUNNING, None)
    assert cloud.world.answers["token-p"] == {"resumed": True}


def test_an_execution_that_reaches_its_gate_after_the_resume_goes_on_at_once() -> None:
    cloud = Cloud(running_world(1, status=DeploymentStatus.PENDING))
    cloud.start(DEPLOYMENT, by=ME)
    cloud.pause(DEPLOYMENT, by=ME)
    cloud.resume(DEPLOYMENT, by=ME)
    cloud.await_resume(DEPLOYMENT, "token-p", breached=False)
    assert cloud.world.answers["token-p"] == {"resumed": True}


def test_a_late_copy_of_the_message_that_paused_after_a_breach_does_not_pause_again() -> None:
    cloud = Cloud(running_world(1, status=DeploymentStatus.PENDING, auto_rollback=False))
    cloud.start(DEPLOYMENT, by=ME)
    cloud.await_resume(DEPLOYMENT, "token-b", breached=True)
    assert cloud.world.deployments[DEPLOYMENT].status is DeploymentStatus.PAUSED
    cloud.resume(DEPLOYMENT, by=ME)
    cloud.await_resume(DEPLOYMENT, "token-b", breached=True)
    assert cloud.world.deployments[DEPLOYMENT].status is DeploymentStatus.RUNNING


@pytest.mark.parametrize("status", sorted(set(DeploymentStatus) - {DeploymentStatus.RUNNING}))
def test_only_what_runs_can_be_paused(status: DeploymentStatus) -> None:
    with pytest.raises(Conflict):
        Cloud(running_world(1, status=status)).pause(DEPLOYMENT, by=ME)


def test_a_device_that_falls_ill_while_the_next_batch_is_waited_for_ends_the_wait_at_once() -> None:
    cloud = Cloud(running_world(4, batch_size=2))
    cloud.plan(DEPLOYMENT)
    deploy_wave(cloud, 1, dev_001="SUCCEEDED", dev_002="SUCCEEDED")
    cloud.watch.begin(DEPLOYMENT, "token-w")
    assert "token-w" not in cloud.world.answers
    assert cloud.fail_late("dev_001", ill_report(version=2, sequence=9)) == [DEPLOYMENT]
    assert cloud.fail_late("dev_001", ill_report(version=2, sequence=9)) == []
    cloud.tally_all()
    assert cloud.world.answers["token-w"] == {
        "wave": 1,
        "total": 2,
        "succeeded": 1,
        "failed": 1,
        "tolerated": 0,
        "settled": True,
        "breached": True,
    }
    assert cloud.plan_rollback(rollback_request())["total"] == 2  # the ill device still runs the new version


def test_the_code_that_a_device_gives_for_what_is_wrong_is_its_targets() -> None:
    cloud = Cloud(running_world(2, batch_size=2))
    cloud.plan(DEPLOYMENT)
    deploy_wave(cloud, 1, dev_001="SUCCEEDED", dev_002="SUCCEEDED")
    told = ill_report(version=2, sequence=9)
    in_loop = told.model_copy(
        update={"flows": tuple(flow.model_copy(update={"reason": Reason.CRASH_LOOP}) for flow in told.flows)}
    )
    cloud.fail_late("dev_001", in_loop)
    cloud.fail_late("dev_002", told)
    reasons = [cloud.world.targets[DEPLOYMENT, device].reason for device in ("dev_001", "dev_002")]
    assert reasons == [Reason.CRASH_LOOP, Reason.UNHEALTHY]


@pytest.mark.parametrize(
    ("version", "sequence"), [pytest.param(1, 9, id="another_version"), pytest.param(2, 5, id="an_older_report")]
)
def test_a_report_of_another_time_fails_nobody(version: int, sequence: int) -> None:
    cloud = Cloud(running_world(2, batch_size=2))
    cloud.plan(DEPLOYMENT)
    deploy_wave(cloud, 1, dev_001="SUCCEEDED", dev_002="SUCCEEDED")
    assert cloud.fail_late("dev_001", ill_report(version=version, sequence=sequence)) == []


def test_a_failure_within_the_threshold_lets_the_wait_go_on() -> None:
    cloud = Cloud(running_world(4, batch_size=2, threshold=50))
    cloud.plan(DEPLOYMENT)
    deploy_wave(cloud, 1, dev_001="SUCCEEDED", dev_002="SUCCEEDED")
    cloud.watch.begin(DEPLOYMENT, "token-w")
    cloud.fail_late("dev_001", ill_report(version=2, sequence=9))
    cloud.tally_all()
    assert "token-w" not in cloud.world.answers
    assert cloud.world.statuses(DEPLOYMENT)["dev_001"] == "failed"


def test_a_breach_of_an_earlier_wave_ends_the_wave_that_is_deployed_now() -> None:
    cloud = Cloud(running_world(4, batch_size=2))
    cloud.plan(DEPLOYMENT)
    deploy_wave(cloud, 1, dev_001="SUCCEEDED", dev_002="SUCCEEDED")
    cloud.dispatch(DEPLOYMENT, 2, "token-2")
    cloud.fail_late("dev_001", ill_report(version=2, sequence=9))
    cloud.tally_all()
    assert cloud.world.answers["token-2"]["wave"] == 1
    assert cloud.world.answers["token-2"]["breached"] is True


def test_a_breach_between_the_watch_and_the_next_wave_starts_no_wave() -> None:
    cloud = Cloud(running_world(4, batch_size=2))
    cloud.plan(DEPLOYMENT)
    deploy_wave(cloud, 1, dev_001="SUCCEEDED", dev_002="SUCCEEDED")
    cloud.fail_late("dev_001", ill_report(version=2, sequence=9))
    cloud.tally_all()
    cloud.dispatch(DEPLOYMENT, 2, "token-2")
    assert cloud.world.answers["token-2"]["breached"] is True
    assert wave_job(2) not in cloud.world.jobs


def test_whoever_goes_on_after_a_breach_has_accepted_its_failures() -> None:
    cloud = Cloud(running_world(4, batch_size=2, auto_rollback=False))
    cloud.start(DEPLOYMENT, by=ME)
    cloud.plan(DEPLOYMENT)
    deploy_wave(cloud, 1, dev_001="SUCCEEDED", dev_002="FAILED")
    cloud.await_resume(DEPLOYMENT, "token-b", breached=True)
    with pytest.raises(Conflict, match=r'wave 1 exceeded its failure threshold.*"accept_failures": true'):
        cloud.resume(DEPLOYMENT, by=ME)
    assert cloud.world.deployments[DEPLOYMENT].status is DeploymentStatus.PAUSED
    cloud.resume(DEPLOYMENT, by=ME, accept_failures=True)
    deploy_wave(cloud, 2, dev_003="SUCCEEDED", dev_004="SUCCEEDED")
    assert cloud.world.answers["token-2"]["breached"] is False
    cloud.watch.begin(DEPLOYMENT, "token-w")
    assert "token-w" not in cloud.world.answers


@pytest.mark.parametrize("auto_rollback", [True, False])
def test_a_wave_that_is_to_begin_as_an_earlier_one_breaches_is_held_back_for_an_operator(
    *, auto_rollback: bool
) -> None:
    cloud = Cloud(running_world(4, batch_size=2, auto_rollback=auto_rollback))
    cloud.plan(DEPLOYMENT)
    deploy_wave(cloud, 1, dev_001="SUCCEEDED", dev_002="SUCCEEDED")
    cloud.fail_late("dev_001", ill_report(version=2, sequence=9))
    cloud.tally_all()
    cloud.dispatch(DEPLOYMENT, 2, "token-2")
    answer = cloud.world.answers["token-2"]
    assert (answer["wave"], answer["breached"], "held_back" in answer) == (1, True, not auto_rollback)
    assert wave_job(2) not in cloud.world.jobs
