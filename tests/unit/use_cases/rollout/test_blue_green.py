"""Blue-green, operation by operation: what is staged, what is switched, and how it goes back."""

from typing import Any

import pytest

from edgeflow.contract.job import Operation
from edgeflow.contract.report import FlowHealth, Health, HealthReport, Slot
from edgeflow.domain.deployments import DeploymentStatus
from edgeflow.domain.strategies import Strategy
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
from tests.unit.use_cases.memory import MOMENT


def begun(devices: int = 2, *, version_before: int | None = 1, auto_rollback: bool = True) -> Cloud:
    """Return a cloud with a planned deployment of version 2, its first wave dispatched."""
    world = running_world(
        devices,
        threshold=0,
        version_before=version_before,
        auto_rollback=auto_rollback,
        strategy=Strategy.BLUE_GREEN,
    )
    cloud = Cloud(world)
    assert cloud.plan(DEPLOYMENT)["waves"] == 2
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    return cloud


def stage(cloud: Cloud, *devices: str, version_before: str | None = "1") -> None:
    runs: dict[str, Any] = {} if version_before is None else {"runs_version": version_before}
    for device in devices:
        cloud.report(device, "SUCCEEDED", job_id=wave_job(1), **runs)
    cloud.tally_all()


def switch(cloud: Cloud, **ends: str) -> None:
    cloud.dispatch(DEPLOYMENT, 2, "token-2")
    for device, status in ends.items():
        runs = "2" if status == "SUCCEEDED" else "1"
        cloud.report(device, status, job_id=wave_job(2), runs_version=runs, sequence="7")
    cloud.tally_all()


def ill(*, live: bool, version: int = 2, sequence: int = 9) -> HealthReport:
    flow = FlowHealth(
        flow_id=FLOW,
        version=version,
        sha256="2" * 64,
        slot=Slot.GREEN,
        live=live,
        health=Health.UNHEALTHY,
        since=MOMENT,
    )
    return HealthReport(sent_at=MOMENT, sequence=sequence, agent_version="0", flows=(flow,))


def test_every_target_is_staged_then_switched() -> None:
    cloud = begun()
    assert cloud.world.documents[wave_job(1)].operation is Operation.STAGE
    stage(cloud, "dev_001", "dev_002")
    assert cloud.world.statuses(DEPLOYMENT) == {"dev_001": "staged", "dev_002": "staged"}
    assert {install.version for install in cloud.world.installs.values()} == {1}
    assert (cloud.world.answers["token-1"]["succeeded"], cloud.world.answers["token-1"]["settled"]) == (2, True)
    switch(cloud, dev_001="SUCCEEDED", dev_002="SUCCEEDED")
    document = cloud.world.documents[wave_job(2)]
    assert (document.operation, document.version, document.artifact) == (Operation.ACTIVATE, 2, None)
    assert document.health_check is not None
    assert (cloud.world.answers["token-2"]["total"], cloud.world.answers["token-2"]["succeeded"]) == (2, 2)
    assert cloud.conclude_rollout(DEPLOYMENT, RolloutEnd.SETTLED) is DeploymentStatus.COMPLETED
    assert {install.version for install in cloud.world.installs.values()} == {2}
    assert cloud.world.deployments[DEPLOYMENT].counts == {"success": 2, "staged": 0}


def test_one_device_that_cannot_stage_returns_all_of_them() -> None:
    cloud = begun(3)
    stage(cloud, "dev_001")
    cloud.report("dev_002", "FAILED", job_id=wave_job(1), reason="unhealthy", runs_version="1")
    cloud.tally_all()
    assert cloud.world.answers["token-1"]["breached"] is True
    assert cloud.plan_rollback(rollback_request())["total"] == 1  # dev_002 emptied its slot, dev_003 never began
    cloud.return_devices(DEPLOYMENT, 1, "token-r")
    document = cloud.world.documents[return_job(1)]
    assert (document.operation, document.version, document.clear_standby) == (Operation.ACTIVATE, 1, True)
    cloud.report("dev_001", "SUCCEEDED", job_id=return_job(1), runs_version="1", sequence="9")
    assert cloud.conclude_rollback(DEPLOYMENT, 1, RollbackEnd.RETURNED) is DeploymentStatus.ROLLED_BACK
    assert cloud.world.statuses(DEPLOYMENT) == {
        "dev_001": "rolled_back",
        "dev_002": "rolled_back",
        "dev_003": "skipped",
    }


def test_after_the_switch_the_way_back_is_a_switch_that_could_download_but_need_not() -> None:
    cloud = begun()
    stage(cloud, "dev_001", "dev_002")
    switch(cloud, dev_001="SUCCEEDED", dev_002="FAILED")
    assert cloud.plan_rollback(rollback_request())["total"] == 1  # dev_002 switched back by itself
    cloud.return_devices(DEPLOYMENT, 1, "token-r")
    document = cloud.world.documents[return_job(1)]
    assert (document.operation, document.version, document.health_check) == (Operation.ACTIVATE, 1, None)
    assert document.artifact is not None
    assert document.artifact.sha256 == "1" * 64


def test_a_first_version_is_removed_from_both_slots() -> None:
    cloud = begun(1, version_before=None)
    stage(cloud, "dev_001", version_before=None)
    assert cloud.world.installs["dev_001", FLOW].version is None
    cloud.plan_rollback(rollback_request(origin=Origin.OPERATOR))
    cloud.return_devices(DEPLOYMENT, 1, "token-r")
    assert cloud.world.documents[return_job(1)].operation is Operation.REMOVE


def test_a_staged_version_that_falls_ill_ends_the_wait_and_its_slot_is_emptied() -> None:
    cloud = begun()
    stage(cloud, "dev_001", "dev_002")
    cloud.watch.begin(DEPLOYMENT, "token-w")
    assert cloud.fail_late("dev_001", ill(live=False)) == [DEPLOYMENT]
    cloud.tally_all()
    assert (cloud.world.answers["token-w"]["failed"], cloud.world.answers["token-w"]["breached"]) == (1, True)
    assert cloud.plan_rollback(rollback_request())["total"] == 2


@pytest.mark.parametrize(
    "report",
    [
        pytest.param(ill(live=True, version=1), id="the_live_version_before"),
        pytest.param(ill(live=False, version=1), id="an_older_standby"),
        pytest.param(ill(live=False, sequence=5), id="an_older_report"),
        pytest.param(ill(live=True), id="the_new_version_where_it_is_not_live_yet"),
    ],
)
def test_another_version_that_falls_ill_fails_nobody(report: HealthReport) -> None:
    cloud = begun()
    stage(cloud, "dev_001", "dev_002")
    assert cloud.fail_late("dev_001", report) == []


def test_the_old_version_that_falls_ill_in_its_warm_slot_fails_nobody() -> None:
    cloud = begun()
    stage(cloud, "dev_001", "dev_002")
    switch(cloud, dev_001="SUCCEEDED")
    assert cloud.fail_late("dev_001", ill(live=False, version=1)) == []
    assert cloud.fail_late("dev_001", ill(live=True)) == [DEPLOYMENT]


def test_a_late_copy_of_a_staging_report_says_nothing_of_the_switch() -> None:
    cloud = begun()
    stage(cloud, "dev_001", "dev_002")
    cloud.dispatch(DEPLOYMENT, 2, "token-2")
    assert not cloud.report("dev_001", "SUCCEEDED", job_id=wave_job(1), runs_version="1")
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    assert cloud.world.statuses(DEPLOYMENT)["dev_001"] == "deploying"
    assert list(cloud.world.jobs[wave_job(1)]) == ["dev_001", "dev_002"]


def test_without_auto_rollback_a_resume_switches_those_that_are_staged() -> None:
    cloud = begun(3, auto_rollback=False)
    stage(cloud, "dev_001", "dev_002")
    cloud.report("dev_003", "FAILED", job_id=wave_job(1), reason="unhealthy", runs_version="1")
    cloud.tally_all()
    cloud.close_wave(DEPLOYMENT, 1, cause=CloseCause.STOP, task_token="token-c")
    cloud.await_resume(DEPLOYMENT, "token-b", breached=True)
    cloud.resume(DEPLOYMENT, by=ME, accept_failures=True)
    switch(cloud, dev_001="SUCCEEDED", dev_002="SUCCEEDED")
    assert list(cloud.world.jobs[wave_job(2)]) == ["dev_001", "dev_002"]
    assert (cloud.world.answers["token-2"]["total"], cloud.world.answers["token-2"]["failed"]) == (2, 0)
    assert cloud.conclude_rollout(DEPLOYMENT, RolloutEnd.SETTLED) is DeploymentStatus.FAILED
    assert cloud.world.statuses(DEPLOYMENT)["dev_003"] == "failed"


def test_a_device_asleep_at_the_switch_times_out_and_its_slot_is_emptied_when_it_wakes() -> None:
    cloud = begun()
    stage(cloud, "dev_001", "dev_002")
    switch(cloud, dev_001="SUCCEEDED")
    cloud.close_wave(DEPLOYMENT, 2, cause=CloseCause.TIMEOUT, task_token="token-c")
    cloud.tally_all()
    assert (cloud.world.answers["token-c"]["failed"], cloud.world.answers["token-c"]["breached"]) == (1, True)
    assert cloud.plan_rollback(rollback_request())["total"] == 2


def test_a_switch_whose_dispatch_message_was_lost_still_times_out() -> None:
    cloud = begun()
    stage(cloud, "dev_001", "dev_002")
    cloud.close_wave(DEPLOYMENT, 2, cause=CloseCause.TIMEOUT, task_token="token-c")
    cloud.tally_all()
    assert (cloud.world.answers["token-c"]["total"], cloud.world.answers["token-c"]["failed"]) == (2, 2)


def test_what_is_staged_when_the_rollout_breaks_is_skipped_and_can_still_be_returned() -> None:
    cloud = begun()
    stage(cloud, "dev_001", "dev_002")
    assert cloud.conclude_rollout(DEPLOYMENT, RolloutEnd.BROKEN, cause="x") is DeploymentStatus.FAILED
    assert set(cloud.world.statuses(DEPLOYMENT).values()) == {"skipped"}
    assert cloud.plan_rollback(rollback_request(origin=Origin.OPERATOR))["total"] == 2
