"""Devices that are not connected when their wave begins, where a deployment is to skip them."""

from dataclasses import replace

import pytest

from edgeflow.contract.rest.deployments import RetryOnly
from edgeflow.domain.deployments import DeploymentStatus, TargetStatus
from edgeflow.domain.devices import Device, DeviceState, why_offline
from edgeflow.domain.errors import Conflict
from edgeflow.domain.strategies import Strategy
from edgeflow.domain.unreadable import Kind
from edgeflow.use_cases.rollout.close_wave import CloseCause
from edgeflow.use_cases.rollout.conclude_rollback import RollbackEnd
from edgeflow.use_cases.rollout.conclude_rollout import RolloutEnd
from tests.unit.use_cases.cloud import (
    DEPLOYMENT,
    FLOW,
    ME,
    deploy_wave,
    return_job,
    rollback_request,
    wave_job,
)
from tests.unit.use_cases.memory import unreadable
from tests.unit.use_cases.rollout.offline import SKIPPED, begun, end_of, is_connected, told


def test_who_is_offline_is_skipped_and_the_wave_settles_without_it() -> None:
    cloud = begun(offline=["dev_002"])
    deploy_wave(cloud, 1, dev_001="SUCCEEDED")
    assert end_of(cloud, "dev_002") == SKIPPED
    assert cloud.world.targets[DEPLOYMENT, "dev_002"].message == (
        "not connected when its wave began: gone since an unknown moment; retry deploys to it"
    )
    assert told(cloud) == {"dev_001"}
    answer = cloud.world.answers["token-1"]
    assert (answer["settled"], answer["breached"], answer["failed"]) == (True, False, 0)
    started = next(event for event in cloud.world.history[DEPLOYMENT] if event.type == "wave_started")
    assert started.details.model_dump() == {"wave": 1, "total": 2, "tolerated": 0, "offline": 1}


def test_where_nothing_else_is_asked_for_its_job_waits_for_it() -> None:
    cloud = begun(offline=["dev_002"], skip=False)
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    assert told(cloud) == {"dev_001", "dev_002"}
    assert end_of(cloud, "dev_002") == (TargetStatus.DEPLOYING, None)


def test_a_device_that_never_connected_is_offline_and_so_is_one_whose_record_cannot_be_read() -> None:
    device = Device(id="dev_001", state=DeviceState.REGISTERED, attempt="1")
    at = "2026-02-21T12:00:00.000Z"
    assert why_offline(device) == "nothing was heard of a connection so far"
    assert why_offline(replace(device, connected=False, connection_changed_at=at)) == f"gone since {at}"
    assert why_offline(unreadable(Kind.DEVICE, "dev_001")) == "its record cannot be read"
    assert why_offline(replace(device, connected=True, connection_changed_at=at)) is None


def test_a_device_that_is_gone_from_the_registry_fails_as_gone() -> None:
    cloud = begun(offline=["dev_002"])
    cloud.world.registered.discard("dev_002")
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    assert end_of(cloud, "dev_002") == (TargetStatus.FAILED, "device_gone")


@pytest.mark.parametrize(
    ("devices", "offline", "failed", "breached"),
    [
        pytest.param(5, 1, 1, True, id="one_of_four_is_more_than_20_percent"),
        pytest.param(6, 1, 1, False, id="exactly_at_threshold_of_those_reached_goes_on"),
        pytest.param(5, 4, 0, False, id="skipped_devices_are_no_failures"),
        pytest.param(5, 5, 0, False, id="none_of_none_is_no_breach"),
    ],
)
def test_the_rate_of_failures_is_of_those_that_were_not_skipped(
    *, devices: int, offline: int, failed: int, breached: bool
) -> None:
    names = [f"dev_{number:03d}" for number in range(1, devices + 1)]
    cloud = begun(offline=names[:offline], devices=devices, batch_size=devices, threshold=20)
    reached = names[offline:]
    ends = dict.fromkeys(reached[:failed], "FAILED") | dict.fromkeys(reached[failed:], "SUCCEEDED")
    deploy_wave(cloud, 1, **ends)
    assert cloud.world.answers["token-1"]["breached"] is breached


def test_a_wave_that_is_closed_keeps_its_rate() -> None:
    cloud = begun(offline=["dev_001"], devices=5, batch_size=5, threshold=20)
    deploy_wave(cloud, 1, dev_002="SUCCEEDED", dev_003="SUCCEEDED", dev_004="SUCCEEDED")
    cloud.close_wave(DEPLOYMENT, 1, cause=CloseCause.TIMEOUT, task_token="token-c")
    cloud.tally_all()
    cloud.close_wave(DEPLOYMENT, 1, cause=CloseCause.TIMEOUT, task_token="token-c")
    assert end_of(cloud, "dev_001") == SKIPPED
    assert end_of(cloud, "dev_005") == (TargetStatus.FAILED, "timed_out")
    answer = cloud.world.answers["token-c"]
    assert (answer["failed"], answer["tolerated"], answer["breached"]) == (1, 0, True)


def test_a_breach_names_how_many_were_reached() -> None:
    cloud = begun(offline=["dev_001"], devices=5, batch_size=5, threshold=20)
    deploy_wave(cloud, 1, dev_002="FAILED", dev_003="SUCCEEDED", dev_004="SUCCEEDED", dev_005="SUCCEEDED")
    cloud.plan_rollback(rollback_request())
    assert cloud.world.deployments[DEPLOYMENT].status_reason == (
        "wave 1 of 1: 1 of 4 devices failed (unknown: dev_002), more than the 20% allowed (skipped as offline: 1)"
    )


def test_a_batch_of_which_nobody_is_connected_settles_at_once_and_the_next_begins() -> None:
    cloud = begun(offline=["dev_001", "dev_002"])
    deploy_wave(cloud, 1)
    answer = cloud.world.answers["token-1"]
    assert (answer["settled"], answer["breached"], answer["succeeded"], answer["failed"]) == (True, False, 0, 0)
    deploy_wave(cloud, 2, dev_003="SUCCEEDED", dev_004="SUCCEEDED")
    assert cloud.world.answers["token-2"]["succeeded"] == 2


def test_a_device_that_goes_offline_after_the_look_is_waited_for() -> None:
    cloud = begun()
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    is_connected(cloud.world, "dev_001", connected=False)
    cloud.dispatch(DEPLOYMENT, 1, "token-1")  # the message came twice
    assert end_of(cloud, "dev_001") == (TargetStatus.DEPLOYING, None)


def test_a_staged_device_is_not_skipped_by_a_message_that_came_twice() -> None:
    cloud = begun(Strategy.BLUE_GREEN, devices=2)
    deploy_wave(cloud, 1, dev_001="SUCCEEDED", dev_002="SUCCEEDED")
    is_connected(cloud.world, "dev_001", connected=False)
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    assert end_of(cloud, "dev_001")[0] is TargetStatus.STAGED


# --- canaries ---------------------------------------------------------------------------------------------------


def test_one_canary_that_is_connected_speaks_for_the_rest() -> None:
    cloud = begun(Strategy.CANARY, offline=["dev_001", "dev_004"])
    deploy_wave(cloud, 1, dev_002="SUCCEEDED")
    assert cloud.world.answers["token-1"]["breached"] is False
    deploy_wave(cloud, 2, dev_003="SUCCEEDED")
    assert cloud.world.answers["token-2"]["settled"] is True
    assert [end_of(cloud, device) for device in ("dev_001", "dev_004")] == [SKIPPED, SKIPPED]


def test_without_any_canary_nothing_begins_until_somebody_goes_on() -> None:
    cloud = begun(Strategy.CANARY, offline=["dev_001", "dev_002"])
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    cloud.dispatch(DEPLOYMENT, 1, "token-1")  # the message came twice
    assert cloud.world.answers["token-1"] == {"look_again": True}
    deployment = cloud.world.deployments[DEPLOYMENT]
    assert deployment.status is DeploymentStatus.PAUSED
    assert deployment.status_reason == (
        "none of the 2 canaries is connected (dev_001, dev_002), so nothing was deployed, and nothing shows that the"
        " rest can have the version; resume looks again"
    )
    assert set(cloud.world.statuses(DEPLOYMENT).values()) == {"pending"}
    assert told(cloud) == set()
    causes = [event.details.model_dump() for event in cloud.world.history[DEPLOYMENT] if event.type == "paused"]
    assert causes == [{"cause": "offline"}]
    cloud.await_resume(DEPLOYMENT, "token-p", breached=False)
    is_connected(cloud.world, "dev_002", connected=True)
    cloud.dispatch(DEPLOYMENT, 1, "token-1")  # a late copy
    assert told(cloud) == set(), "nothing begins while it is paused"
    cloud.resume(DEPLOYMENT, by=ME)
    assert cloud.world.answers["token-p"] == {"resumed": True}
    deploy_wave(cloud, 1, dev_002="SUCCEEDED")
    assert end_of(cloud, "dev_001") == SKIPPED
    assert cloud.world.deployments[DEPLOYMENT].status is DeploymentStatus.RUNNING


def test_canaries_that_all_go_offline_after_they_were_told_are_waited_for() -> None:
    cloud = begun(Strategy.CANARY)
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    for device in ("dev_001", "dev_002"):
        is_connected(cloud.world, device, connected=False)
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    assert cloud.world.deployments[DEPLOYMENT].status is DeploymentStatus.RUNNING
    assert {end_of(cloud, device)[0] for device in ("dev_001", "dev_002")} == {TargetStatus.DEPLOYING}


def test_canaries_that_are_gone_from_the_registry_fail() -> None:
    cloud = begun(Strategy.CANARY, offline=["dev_001"])
    cloud.world.registered.discard("dev_002")
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    assert end_of(cloud, "dev_002") == (TargetStatus.FAILED, "device_gone")


def test_where_all_are_canaries_there_is_no_rest_to_guard() -> None:
    cloud = begun(Strategy.CANARY, offline=["dev_001"], devices=1)
    deploy_wave(cloud, 1)
    assert end_of(cloud, "dev_001") == SKIPPED
    assert cloud.world.answers["token-1"]["settled"] is True


# --- blue-green -------------------------------------------------------------------------------------------------


def test_what_was_not_staged_is_not_switched_and_what_is_staged_is_waited_for() -> None:
    cloud = begun(Strategy.BLUE_GREEN, offline=["dev_001"], devices=3)
    deploy_wave(cloud, 1, dev_002="SUCCEEDED", dev_003="SUCCEEDED")
    assert cloud.world.answers["token-1"]["settled"] is True
    is_connected(cloud.world, "dev_001", connected=True)
    is_connected(cloud.world, "dev_002", connected=False)
    cloud.dispatch(DEPLOYMENT, 2, "token-2")
    assert end_of(cloud, "dev_001") == SKIPPED
    assert set(cloud.world.jobs[wave_job(2)]) == {"dev_002", "dev_003"}
    cloud.close_wave(DEPLOYMENT, 2, cause=CloseCause.TIMEOUT, task_token="token-c")
    cloud.tally_all()
    assert end_of(cloud, "dev_002") == (TargetStatus.FAILED, "timed_out")


# --- the end, and what comes after it -----------------------------------------------------------------------------


def test_it_ends_failed_naming_who_was_skipped_and_gives_up_their_claims() -> None:
    cloud = begun(offline=["dev_002"], devices=2)
    deploy_wave(cloud, 1, dev_001="SUCCEEDED")
    assert cloud.conclude_rollout(DEPLOYMENT, RolloutEnd.SETTLED) is DeploymentStatus.FAILED
    assert cloud.world.deployments[DEPLOYMENT].status_reason == (
        "reached its end, but 1 of 2 targets was skipped as offline: dev_002; retry reaches what is missing"
    )
    assert cloud.world.installs["dev_002", FLOW].claimed_by is None


def test_it_names_the_failed_as_well() -> None:
    cloud = begun(offline=["dev_002"], devices=3, batch_size=3, threshold=50)
    deploy_wave(cloud, 1, dev_001="SUCCEEDED", dev_003="FAILED")
    cloud.conclude_rollout(DEPLOYMENT, RolloutEnd.SETTLED)
    assert cloud.world.deployments[DEPLOYMENT].status_reason == (
        "reached its end, but 1 of 3 targets failed: dev_003, and 1 of 3 targets was skipped as offline: dev_002;"
        " retry reaches what is missing; dev_003 failed as unknown: the job ended FAILED"
    )


def test_a_rollback_leaves_the_skipped_alone() -> None:
    cloud = begun(offline=["dev_002"], devices=2)
    deploy_wave(cloud, 1, dev_001="SUCCEEDED")
    cloud.plan_rollback(rollback_request())
    cloud.return_devices(DEPLOYMENT, 1, "token-r")
    cloud.report("dev_001", "SUCCEEDED", job_id=return_job(1), runs_version="1", sequence="9")
    cloud.tally_all()
    cloud.conclude_rollback(DEPLOYMENT, 1, RollbackEnd.RETURNED)
    assert cloud.world.deployments[DEPLOYMENT].status is DeploymentStatus.ROLLED_BACK
    assert end_of(cloud, "dev_002") == SKIPPED
    assert told(cloud) == {"dev_001"}


@pytest.mark.parametrize(
    ("only", "devices"),
    [
        (None, ["dev_002", "dev_003"]),
        (["offline"], ["dev_002"]),
        (["failed"], ["dev_003"]),
        (["failed", "offline"], ["dev_002", "dev_003"]),
    ],
)
def test_a_retry_reaches_them_and_skips_likewise(only: list[RetryOnly] | None, devices: list[str]) -> None:
    cloud = begun(offline=["dev_002"], devices=3, batch_size=3, threshold=50)
    deploy_wave(cloud, 1, dev_001="SUCCEEDED", dev_003="FAILED")
    cloud.conclude_rollout(DEPLOYMENT, RolloutEnd.SETTLED)
    retry = cloud.retry(DEPLOYMENT, by=ME, only=only)
    assert cloud.world.manifests[retry.id] == devices
    assert retry.rules.skip_offline


@pytest.mark.parametrize(("only", "why"), [("offline", "was skipped as offline"), ("failed", "has failed")])
def test_a_retry_of_what_there_is_none_of_is_refused(only: RetryOnly, why: str) -> None:
    offline, end = ([], "FAILED") if only == "offline" else (["dev_002"], "SUCCEEDED")
    cloud = begun(offline=offline, devices=2, threshold=50)
    deploy_wave(cloud, 1, dev_001=end, **({} if offline else {"dev_002": "SUCCEEDED"}))
    cloud.conclude_rollout(DEPLOYMENT, RolloutEnd.SETTLED)
    with pytest.raises(Conflict, match=f"no target of the deployment {why}"):
        cloud.retry(DEPLOYMENT, by=ME, only=[only])
