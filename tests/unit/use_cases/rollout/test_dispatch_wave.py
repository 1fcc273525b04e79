"""Dispatching a wave: in jobs, once, and not where an earlier wave has breached."""

import pytest

from edgeflow.contract.reasons import Reason
from edgeflow.domain.deployments import TargetStatus
from tests.unit.use_cases.cloud import (
    DEPLOYMENT,
    ME,
    Cloud,
    deploy_wave,
    running_world,
    wave_job,
)
from tests.unit.use_cases.rollout.ill_reports import ill_report


def test_a_breach_between_the_watch_and_the_next_wave_starts_no_wave() -> None:
    cloud = Cloud(running_world(4, batch_size=2))
    cloud.plan(DEPLOYMENT)
    deploy_wave(cloud, 1, dev_001="SUCCEEDED", dev_002="SUCCEEDED")
    cloud.fail_late("dev_001", ill_report(version=2, sequence=9))
    cloud.tally_all()
    cloud.dispatch(DEPLOYMENT, 2, "token-2")
    assert cloud.world.answers["token-2"]["breached"] is True
    assert wave_job(2) not in cloud.world.jobs


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


def test_a_device_removed_after_planning_fails_and_the_rest_of_its_chunk_is_deployed() -> None:
    cloud = Cloud(running_world(2, batch_size=2, threshold=50))
    cloud.plan(DEPLOYMENT)
    cloud.world.registered.remove("dev_001")
    deploy_wave(cloud, 1, dev_002="SUCCEEDED")
    assert cloud.world.statuses(DEPLOYMENT) == {"dev_001": "failed", "dev_002": "success"}
    assert set(cloud.world.jobs[wave_job(1)]) == {"dev_002"}


def test_a_dispatch_message_that_comes_after_a_rollback_began_starts_nothing() -> None:
    cloud = Cloud(running_world(2, batch_size=2))
    cloud.plan(DEPLOYMENT)
    cloud.rollback(DEPLOYMENT, by=ME)
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    assert cloud.world.jobs == {}
    assert set(cloud.world.statuses(DEPLOYMENT).values()) == {"skipped"}


@pytest.mark.parametrize("devices", [99, 100, 101, 250])
def test_a_wave_is_dispatched_in_jobs_of_at_most_100_devices(devices: int) -> None:
    cloud = Cloud(running_world(devices, batch_size=devices))
    cloud.plan(DEPLOYMENT)
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    sizes = [len(executions) for executions in cloud.world.jobs.values()]
    assert sum(sizes) == devices
    assert max(sizes) <= 100
    assert len(sizes) == -(-devices // 100)


def test_devices_whose_job_somebody_else_has_created_fail_at_once_and_say_so() -> None:
    cloud = Cloud(running_world(2, batch_size=2))
    cloud.world.foreign_jobs.add(wave_job(1))
    cloud.plan(DEPLOYMENT)
    for _ in range(2):  # the message comes twice
        cloud.dispatch(DEPLOYMENT, 1, "token-1")
    cloud.tally_all()
    target = cloud.world.targets[DEPLOYMENT, "dev_001"]
    assert (target.status, target.reason) == (TargetStatus.FAILED, Reason.ORDER_UNTRUSTED)
    assert "that the stack did not create" in str(target.message)
    assert cloud.world.answers["token-1"]["breached"] is True
