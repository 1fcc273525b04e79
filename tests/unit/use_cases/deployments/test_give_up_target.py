"""Giving up on one device that a wave waits for."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from edgeflow.domain.errors import CannotBeRead, Conflict, NotFound, UnderWay
from edgeflow.domain.strategies import Strategy
from edgeflow.use_cases.rollout.close_wave import CloseCause
from edgeflow.use_cases.rollout.ports import JobExecution
from tests.unit.use_cases.cloud import DEPLOYMENT, ME, Cloud, deploy_wave, running_world, wave_job
from tests.unit.use_cases.deployments.waiting_deployments import CLICKS, types


def waiting() -> Cloud:
    """Of the two devices of the first wave one has not reported."""
    cloud = Cloud(running_world(4, batch_size=2, threshold=50))
    cloud.plan(DEPLOYMENT)
    deploy_wave(cloud, 1, dev_001="SUCCEEDED")
    return cloud


def test_a_device_that_is_given_up_counts_as_failed_and_is_waited_for_no_longer() -> None:
    cloud = waiting()
    assert "token-1" not in cloud.world.answers
    target = cloud.give_up(DEPLOYMENT, "dev_002", by=ME)
    assert (target.status, target.reason, target.message) == (
        "failed",
        "given_up",
        "me gave up on it before it reported",
    )
    assert cloud.world.jobs[wave_job(1)]["dev_002"].status == "CANCELED"
    cloud.tally_all()
    assert (cloud.world.answers["token-1"]["settled"], cloud.world.answers["token-1"]["failed"]) == (True, 1)
    assert cloud.give_up(DEPLOYMENT, "dev_002", by=ME) == target, "a repeat changes nothing"
    assert types(cloud)["target_given_up"] == 1


def test_many_who_give_up_on_one_device_at_once_are_one() -> None:
    cloud = waiting()
    with ThreadPoolExecutor(CLICKS) as pool:
        clicks = [pool.submit(cloud.give_up, DEPLOYMENT, "dev_002", by=ME) for _ in range(CLICKS)]
        assert {click.result(timeout=10).reason for click in clicks} == {"given_up"}
    assert types(cloud)["target_given_up"] == 1


def test_what_a_given_up_device_was_at_is_returned_by_a_rollback_and_what_it_never_began_is_not() -> None:
    cloud = waiting()
    at_work = JobExecution(device_id="dev_002", status="IN_PROGRESS", started=True)
    cloud.world.jobs[wave_job(1)]["dev_002"] = at_work
    assert cloud.give_up(DEPLOYMENT, "dev_002", by=ME).reached
    assert not waiting().give_up(DEPLOYMENT, "dev_002", by=ME).reached


def test_a_device_of_a_later_chunk_is_found_in_its_job() -> None:
    cloud = Cloud(running_world(150, batch_size=150))
    cloud.plan(DEPLOYMENT)
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    cloud.give_up(DEPLOYMENT, "dev_120", by=ME)
    assert cloud.world.jobs[wave_job(1, chunk=1)]["dev_120"].status == "CANCELED"


def test_a_device_of_a_switch_is_found_among_those_that_were_staged() -> None:
    cloud = Cloud(running_world(3, strategy=Strategy.BLUE_GREEN))
    cloud.plan(DEPLOYMENT)
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    cloud.give_up(DEPLOYMENT, "dev_001", by=ME)
    for device in ("dev_002", "dev_003"):
        cloud.report(device, "SUCCEEDED", job_id=wave_job(1), runs_version="1")
    cloud.dispatch(DEPLOYMENT, 2, "token-2")
    assert cloud.give_up(DEPLOYMENT, "dev_002", by=ME).wave == 2
    assert cloud.world.jobs[wave_job(2)]["dev_002"].status == "CANCELED"


def test_a_device_that_has_reported_is_not_given_up() -> None:
    cloud = waiting()
    cloud.world.jobs[wave_job(1)]["dev_002"] = JobExecution(device_id="dev_002", status="SUCCEEDED", started=True)
    with pytest.raises(Conflict, match="has reported"):
        cloud.give_up(DEPLOYMENT, "dev_002", by=ME)
    with pytest.raises(Conflict, match="it is success"):
        cloud.give_up(DEPLOYMENT, "dev_001", by=ME)
    assert types(cloud)["target_given_up"] == 0


def test_what_nobody_waits_for_is_not_given_up() -> None:
    cloud = waiting()
    with pytest.raises(Conflict, match="its wave 2 has not begun"):
        cloud.give_up(DEPLOYMENT, "dev_003", by=ME)
    with pytest.raises(NotFound, match="dev_009"):
        cloud.give_up(DEPLOYMENT, "dev_009", by=ME)
    del cloud.world.jobs[wave_job(1)]
    with pytest.raises(UnderWay, match="being created"):
        cloud.give_up(DEPLOYMENT, "dev_002", by=ME)
    cloud.cancel(DEPLOYMENT, by=ME)
    with pytest.raises(Conflict, match="is cancelling"):
        cloud.give_up(DEPLOYMENT, "dev_002", by=ME)


def test_a_damaged_target_is_not_given_up_before_it_is_mended() -> None:
    cloud = waiting()
    target = cloud.world.targets[DEPLOYMENT, "dev_002"]
    cloud.world.damaged[DEPLOYMENT, "dev_002"] = replace(target, reason="unreadable_record")
    with pytest.raises(CannotBeRead):
        cloud.give_up(DEPLOYMENT, "dev_002", by=ME)


def test_the_wave_that_times_out_later_leaves_a_given_up_device_as_it_is() -> None:
    cloud = waiting()
    cloud.give_up(DEPLOYMENT, "dev_002", by=ME)
    cloud.close_wave(DEPLOYMENT, 1, cause=CloseCause.TIMEOUT, task_token="token-c")
    assert cloud.world.targets[DEPLOYMENT, "dev_002"].reason == "given_up"
