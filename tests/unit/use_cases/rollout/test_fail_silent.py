"""Nobody is promoted without evidence: devices that say nothing when the wait after their wave is over."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeflow.contract.job import Operation
from edgeflow.contract.report import FlowHealth, Health, HealthReport, Slot
from edgeflow.domain.deployments import DeploymentStatus, TargetStatus
from edgeflow.domain.evidence import watch_lasts
from edgeflow.domain.strategies import Strategy
from edgeflow.use_cases.rollout.conclude_rollback import RollbackEnd
from tests.unit.use_cases.cloud import (
    DEPLOYMENT,
    FLOW,
    ME,
    WATCH,
    Cloud,
    deploy_wave,
    return_job,
    rollback_request,
    running_world,
    wave_job,
)
from tests.unit.use_cases.memory import MOMENT, Died, World

SECOND = timedelta(seconds=1)
WAIT = timedelta(minutes=30)


def world(
    strategy: Strategy = Strategy.ROLLING, *, devices: int = 4, threshold: int = 0, auto_rollback: bool = True
) -> World:
    """Return a world in which the wait after a wave is half an hour."""
    made = running_world(devices, batch_size=2, threshold=threshold, strategy=strategy, auto_rollback=auto_rollback)
    deployment = made.deployments[DEPLOYMENT]
    made.deployments[DEPLOYMENT] = replace(
        deployment, rules=replace(deployment.rules, batch_delay_seconds=int(WAIT.total_seconds()))
    )
    return made


def says(cloud: Cloud, device: str, health: Health = Health.HEALTHY, *, ago: timedelta, live: bool = True) -> None:
    """Let a device's newest report be of so long ago."""
    flow = FlowHealth(flow_id=FLOW, version=2, sha256="2" * 64, slot=Slot.BLUE, live=live, health=health, since=MOMENT)
    cloud.world.reports[device] = HealthReport(sent_at=MOMENT, sequence=1, agent_version="1", flows=(flow,))
    cloud.world.reported_at[device] = cloud.now - ago


def waited(made: World, *, wait: timedelta = WAIT) -> Cloud:
    """Return a cloud in which the first wave has succeeded, and the wait after it is over."""
    cloud = Cloud(made)
    cloud.plan(DEPLOYMENT)
    first = sorted(device for (_, device), wave in made.planned.items() if wave == 1)
    deploy_wave(cloud, 1, **dict.fromkeys(first, "SUCCEEDED"))
    cloud.watch.begin(DEPLOYMENT, "token-w")
    cloud.now = MOMENT + wait
    return cloud


def test_a_wave_begins_when_all_of_the_wave_before_show_that_they_are_well() -> None:
    cloud = waited(world())
    says(cloud, "dev_001", ago=SECOND)
    says(cloud, "dev_002", ago=3 * WATCH)
    cloud.dispatch(DEPLOYMENT, 2, "token-2")
    assert "token-2" not in cloud.world.answers
    assert wave_job(2) in cloud.world.jobs


def test_one_that_fell_silent_has_failed_and_the_next_wave_does_not_begin() -> None:
    cloud = waited(world())
    says(cloud, "dev_001", ago=SECOND)
    says(cloud, "dev_002", ago=3 * WATCH + SECOND)
    cloud.dispatch(DEPLOYMENT, 2, "token-2")
    cloud.tally_all()
    assert cloud.world.answers["token-2"] == {
        "wave": 1,
        "total": 2,
        "succeeded": 1,
        "failed": 1,
        "tolerated": 0,
        "settled": True,
        "breached": True,
    }
    target = cloud.world.targets[DEPLOYMENT, "dev_002"]
    assert (target.status, target.reason) == (TargetStatus.FAILED, "silent")
    assert target.message == (
        "it succeeded, and fell silent: its last report came 181 s ago, and one was due every 60 s"
    )
    assert wave_job(2) not in cloud.world.jobs
    assert cloud.world.deployments[DEPLOYMENT].breached_wave == "00001"
    assert [event.type for event in cloud.world.history[DEPLOYMENT]].count("breached") == 1
    assert [event.type for event in cloud.world.history[DEPLOYMENT]].count("wave_started") == 1


def test_silence_within_the_threshold_lets_the_next_wave_begin() -> None:
    cloud = waited(world(threshold=50))
    says(cloud, "dev_001", ago=SECOND)
    cloud.dispatch(DEPLOYMENT, 2, "token-2")
    assert cloud.world.statuses(DEPLOYMENT)["dev_002"] == "failed"
    assert wave_job(2) in cloud.world.jobs


def test_one_that_is_connected_and_one_that_is_not_are_alike() -> None:
    cloud = waited(world(threshold=100))
    cloud.dispatch(DEPLOYMENT, 2, "token-2")
    reasons = {cloud.world.targets[DEPLOYMENT, device].reason for device in ("dev_001", "dev_002")}
    assert reasons == {"silent"}


def test_a_success_of_a_moment_ago_needs_no_report() -> None:
    cloud = waited(world(), wait=WATCH)
    cloud.dispatch(DEPLOYMENT, 2, "token-2")
    assert wave_job(2) in cloud.world.jobs


@pytest.mark.parametrize("seconds", [30, 90, 120])
def test_in_a_short_wait_reports_are_asked_for_more_often_and_one_healthy_report_promotes_nobody(seconds: int) -> None:
    wait = timedelta(seconds=seconds)
    made = world()
    deployment = made.deployments[DEPLOYMENT]
    made.deployments[DEPLOYMENT] = replace(deployment, rules=replace(deployment.rules, batch_delay_seconds=seconds))
    cloud = waited(made, wait=wait)
    asked = cloud.world.documents[wave_job(1)].watch
    assert asked is not None
    says(cloud, "dev_001", ago=timedelta(seconds=asked.every_seconds))
    says(cloud, "dev_002", ago=wait - SECOND)
    cloud.dispatch(DEPLOYMENT, 2, "token-2")
    cloud.tally_all()
    assert cloud.world.statuses(DEPLOYMENT)["dev_001"] == "success"
    assert cloud.world.targets[DEPLOYMENT, "dev_002"].reason == "silent"
    assert wave_job(2) not in cloud.world.jobs


def test_a_device_that_is_gone_from_the_registry_shows_nothing() -> None:
    cloud = waited(world())
    for device in ("dev_001", "dev_002"):
        says(cloud, device, ago=SECOND)
    cloud.world.registered.discard("dev_001")
    cloud.dispatch(DEPLOYMENT, 2, "token-2")
    assert cloud.world.answers["token-2"]["failed"] == 1


def test_without_health_check_nobody_looks() -> None:
    made = world()
    deployment = made.deployments[DEPLOYMENT]
    made.deployments[DEPLOYMENT] = replace(deployment, rules=replace(deployment.rules, health_check=False))
    cloud = waited(made)
    cloud.dispatch(DEPLOYMENT, 2, "token-2")
    assert wave_job(2) in cloud.world.jobs


def test_where_no_wait_was_asked_for_nobody_looks() -> None:
    made = world()
    deployment = made.deployments[DEPLOYMENT]
    made.deployments[DEPLOYMENT] = replace(deployment, rules=replace(deployment.rules, batch_delay_seconds=0))
    cloud = waited(made)
    cloud.dispatch(DEPLOYMENT, 2, "token-2")
    assert wave_job(2) in cloud.world.jobs


def test_what_is_staged_is_not_switched_to_where_it_fell_silent() -> None:
    cloud = waited(world(Strategy.BLUE_GREEN, devices=2))
    says(cloud, "dev_001", ago=SECOND, live=False)
    cloud.dispatch(DEPLOYMENT, 2, "token-2")
    assert cloud.world.answers["token-2"]["breached"] is True
    assert cloud.world.statuses(DEPLOYMENT) == {"dev_001": "staged", "dev_002": "failed"}
    assert "it was staged, and fell silent" in str(cloud.world.targets[DEPLOYMENT, "dev_002"].message)


def test_what_is_staged_and_well_is_switched_to() -> None:
    cloud = waited(world(Strategy.BLUE_GREEN, devices=2))
    for device in ("dev_001", "dev_002"):
        says(cloud, device, ago=SECOND, live=False)
    cloud.dispatch(DEPLOYMENT, 2, "token-2")
    cloud.dispatch(DEPLOYMENT, 2, "token-2")  # the message came twice: those it has moved on are not looked at again
    assert set(cloud.world.statuses(DEPLOYMENT).values()) == {"deploying"}


def test_silence_that_an_operator_has_accepted_stops_nothing_more() -> None:
    cloud = waited(world(devices=6, auto_rollback=False))
    cloud.dispatch(DEPLOYMENT, 2, "token-2")
    cloud.tally_all()
    assert cloud.world.answers["token-2"]["breached"] is True
    cloud.await_resume(DEPLOYMENT, "token-b", breached=True)
    cloud.resume(DEPLOYMENT, by=ME, accept_failures=True)
    cloud.dispatch(DEPLOYMENT, 2, "token-2b")
    assert "token-2b" not in cloud.world.answers
    assert cloud.world.deployments[DEPLOYMENT].status is DeploymentStatus.RUNNING


@pytest.mark.parametrize(("auto_rollback", "held_back"), [(True, False), (False, True)])
def test_where_nothing_rolls_back_by_itself_the_next_wave_is_held_back(*, auto_rollback: bool, held_back: bool) -> None:
    cloud = waited(world(auto_rollback=auto_rollback))
    cloud.dispatch(DEPLOYMENT, 2, "token-2")
    assert ("held_back" in cloud.world.answers["token-2"]) is held_back


def test_the_cause_stands_in_the_status_reason() -> None:
    cloud = waited(world())
    says(cloud, "dev_001", ago=SECOND)
    cloud.dispatch(DEPLOYMENT, 2, "token-2")
    cloud.tally_all()
    cloud.plan_rollback(rollback_request())
    for device in ("dev_001", "dev_002"):
        cloud.report(device, "SUCCEEDED", job_id=return_job(1), runs_version="1", sequence="9")
    cloud.conclude_rollback(DEPLOYMENT, 1, RollbackEnd.RETURNED)
    deployment = cloud.world.deployments[DEPLOYMENT]
    assert deployment.status is DeploymentStatus.ROLLED_BACK
    assert deployment.status_reason == (
        "wave 1 of 2: 1 of 2 devices failed (silent: dev_002), and none may;"
        " 2 devices returned to what they ran before; dev_002 failed as silent: it succeeded, and fell silent:"
        " no report of its health came since then, and one was due every 60 s"
    )


@pytest.mark.parametrize("strategy", [Strategy.ROLLING, Strategy.BLUE_GREEN])
def test_a_look_that_dies_anywhere_is_made_good_by_the_next_delivery(strategy: Strategy) -> None:
    died_at = 0
    while True:
        cloud = waited(world(strategy, devices=2 if strategy is Strategy.BLUE_GREEN else 4))
        died_at += 1
        cloud.world.steps, cloud.world.die_at = 0, died_at
        try:
            cloud.dispatch(DEPLOYMENT, 2, "token-2")
        except Died:
            cloud.world.die_at = None
            cloud.tally_all()
            cloud.dispatch(DEPLOYMENT, 2, "token-2")
        else:
            break
        assert cloud.world.answers["token-2"]["breached"] is True
        assert cloud.world.targets[DEPLOYMENT, "dev_001"].reason == "silent"
        assert wave_job(2) not in cloud.world.jobs
    assert died_at > 5


@pytest.mark.parametrize(
    ("strategy", "wave", "operation"),
    [
        pytest.param(Strategy.ROLLING, 1, Operation.APPLY, id="apply"),
        pytest.param(Strategy.BLUE_GREEN, 1, Operation.STAGE, id="stage"),
        pytest.param(Strategy.BLUE_GREEN, 2, Operation.ACTIVATE, id="activate"),
    ],
)
def test_a_job_says_how_often_its_device_reports_and_until_when(
    strategy: Strategy, wave: int, operation: Operation
) -> None:
    cloud = waited(world(strategy, devices=2), wait=SECOND)
    if wave == 2:
        cloud.dispatch(DEPLOYMENT, 2, "token-2")
    document = cloud.world.documents[wave_job(wave)]
    assert document.operation is operation
    assert document.watch is not None
    assert document.watch.every_seconds == WATCH.total_seconds()
    lasts = watch_lasts(cloud.world.deployments[DEPLOYMENT].rules)
    assert document.watch.until == MOMENT + (SECOND if wave == 2 else timedelta()) + lasts


@dataclass(frozen=True)
class Says:
    """A report of the other device of the wave is taken in; it came so many seconds ago."""

    health: Health
    ago: int


@dataclass(frozen=True)
class Count:
    """The stream is handed to the tally."""


@dataclass(frozen=True)
class Look:
    """The message that begins the next wave comes."""


@dataclass(frozen=True)
class Pass:
    """Seconds pass."""

    seconds: int


@pytest.mark.parametrize(("own", "window"), [(None, 30), (90, 90)])
def test_a_job_has_the_health_window_of_its_deployment(own: int | None, window: int) -> None:
    made = world()
    deployment = made.deployments[DEPLOYMENT]
    made.deployments[DEPLOYMENT] = replace(deployment, rules=replace(deployment.rules, health_window_seconds=own))
    check = waited(made).world.documents[wave_job(1)].health_check
    assert check is not None
    assert check.window_seconds == window


EVENTS = st.lists(
    st.one_of(
        st.builds(Says, st.sampled_from([Health.HEALTHY, Health.UNHEALTHY]), st.integers(0, 300)),
        st.just(Count()),
        st.just(Look()),
        st.builds(Pass, st.integers(1, 200)),
    ),
    max_size=12,
)


@given(events=EVENTS, quiet=st.integers(181, 3_000))
@pytest.mark.slow
def test_whatever_comes_in_whatever_order_a_wave_with_a_silent_device_is_never_promoted(
    events: list[Says | Count | Look | Pass], quiet: int
) -> None:
    cloud = Cloud(world())
    cloud.plan(DEPLOYMENT)
    deploy_wave(cloud, 1, dev_001="SUCCEEDED", dev_002="SUCCEEDED")
    cloud.watch.begin(DEPLOYMENT, "token-w")
    cloud.now = MOMENT + timedelta(seconds=quiet)  # nothing was heard of dev_002 in all that time
    for event in events:
        match event:
            case Says(health, ago):
                says(cloud, "dev_001", health, ago=timedelta(seconds=ago))
            case Count():
                cloud.tally_all()
            case Look():
                cloud.dispatch(DEPLOYMENT, 2, "token-2")
            case Pass(seconds):
                cloud.now += timedelta(seconds=seconds)
    cloud.dispatch(DEPLOYMENT, 2, "token-2")
    cloud.tally_all()
    assert wave_job(2) not in cloud.world.jobs
    assert cloud.world.answers["token-2"]["breached"] is True
    assert cloud.world.targets[DEPLOYMENT, "dev_002"].reason == "silent"
    assert {cloud.world.statuses(DEPLOYMENT)[device] for device in ("dev_003", "dev_004")} == {"pending"}
