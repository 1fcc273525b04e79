"""Whatever happens in a rollout, it says at each moment what it waits for, until when, and whom it waits for.

The state machines are played (``execution.py``) by a clock that moves: what is told is compared with the deadline that
the machine really has.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgeflow.contract.report import FlowHealth, Health, HealthReport, Slot
from edgeflow.domain.deployments import UNFINISHED, DeploymentStatus, TargetStatus
from edgeflow.domain.devices import Device, Presence
from edgeflow.domain.strategies import Strategy
from edgeflow.domain.target_waiting import TargetWaitsFor
from edgeflow.domain.unreadable import Kind, Unreadable
from edgeflow.domain.waiting import CLOSING, DECIDED_BY_A_PERSON, WaitsFor
from edgeflow.use_cases.deployments.read_waits import MOST_NAMED, ReadWaits, Waits
from tests.unit.use_cases.cloud import DEPLOYMENT, FLOW, Cloud, return_job, running_world
from tests.unit.use_cases.execution import DELAY, TIMEOUT, Execution
from tests.unit.use_cases.memory import MOMENT
from tests.unit.use_cases.memory_devices import MemoryReports
from tests.unit.use_cases.memory_stores import MemoryWaves
from tests.unit.use_cases.memory_targets import MemoryTargets

DEVICES: Final = 4
DELAYS: Final = {WaitsFor.BATCH_DELAY, WaitsFor.CANARY_DELAY, WaitsFor.SWITCH_DELAY}


def a_cloud(strategy: Strategy = Strategy.ROLLING, *, devices: int = DEVICES, auto_rollback: bool = True) -> Cloud:
    """Return a cloud with a deployment that waits to be started; its waves have two devices, or one canary."""
    world = running_world(devices, strategy=strategy, status=DeploymentStatus.PENDING, auto_rollback=auto_rollback)
    deployment = world.deployments[DEPLOYMENT]
    seconds = int(DELAY.total_seconds())
    rules = replace(deployment.rules, canary_percentage=25, health_window_seconds=20, health_check=False)
    rules = replace(
        rules,
        batch_delay_seconds=seconds if strategy is Strategy.ROLLING else 0,
        canary_delay_seconds=seconds if strategy is Strategy.CANARY else 0,
        switch_delay_seconds=seconds if strategy is Strategy.BLUE_GREEN else 0,
    )
    world.deployments[DEPLOYMENT] = replace(deployment, rules=rules)
    return Cloud(world)


def waits_of(cloud: Cloud) -> Waits:
    """Return what the test's deployment waits for, with all its targets shown."""
    world = cloud.world
    reads = ReadWaits(MemoryWaves(world), MemoryTargets(world), MemoryReports(world), lambda: cloud.now)
    return reads.of(world.deployments[DEPLOYMENT], MemoryTargets(world).all(DEPLOYMENT))


def check(run: Execution) -> None:
    """Hold what is told at this moment to what is rightly waited for."""
    cloud, deployment = run.cloud, run.world.deployments[DEPLOYMENT]
    waits = waits_of(cloud)
    assert (waits.deployment is not None) == (deployment.status in UNFINISHED)
    wait = waits.deployment
    if wait is None:
        return
    assert waits.sentence
    assert (wait.until is None) == (wait.what in DECIDED_BY_A_PERSON)
    assert wait.until is None or wait.until > cloud.now, "an instant that is told lies ahead"
    assert not wait.overdue
    deploying = {device for (_, device), target in run.world.targets.items() if target.status is TargetStatus.DEPLOYING}
    assert set(waits.targets) == deploying
    if wait.what is WaitsFor.REPORTS:
        assert set(waits.first) <= {device for _, device in run.world.targets}
    undecided = deployment.status is DeploymentStatus.RUNNING and deployment.breached_wave is None and run.waiting
    if undecided and run.state == "dispatch" and wait.what is not WaitsFor.BREACH:
        assert (wait.what, wait.until, wait.wave) == (WaitsFor.REPORTS, run.deadline, run.wave)
        assert set(waits.first) >= {
            device for device in deploying if run.world.targets[DEPLOYMENT, device].wave == run.wave
        }
    if undecided and run.state == "delay":
        assert wait.what in DELAYS
        assert (wait.until, wait.wave) == (run.deadline, run.wave)
    if run.state == "return" and run.waiting:
        assert (wait.what, wait.until) == (WaitsFor.ROLLBACK_REPORTS, run.deadline)


GOES_ON: Final = st.one_of(
    st.just("go on"),
    st.just("all report"),
    st.tuples(st.just("report"), st.integers(0, 7), st.sampled_from(["SUCCEEDED", "FAILED"])),
    st.tuples(st.just("pass"), st.sampled_from([1, 20, 61])),
)
ASKED: Final = st.tuples(st.just("ask"), st.sampled_from(["pause", "resume", "promote", "cancel", "rollback"]))
ALONE: Final = st.lists(GOES_ON, max_size=12)
EVENTS: Final = st.lists(st.tuples(ALONE, ASKED), max_size=4)
"""What happens by itself, then what somebody asks for, and so on."""


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(
    strategy=st.sampled_from(Strategy),
    auto_rollback=st.booleans(),
    events=EVENTS,
)
def test_every_moment_of_every_story_says_what_it_waits_for(
    strategy: Strategy, *, auto_rollback: bool, events: list[tuple[list[str | tuple[object, ...]], tuple[object, ...]]]
) -> None:
    run = Execution(a_cloud(strategy, auto_rollback=auto_rollback))
    check(run)
    run.ask("start")
    for event in [each for alone, asked in events for each in (*alone, asked)]:
        match event:
            case ("report", int(number), str(status)):
                run.report(number, status)
                check(run)
                run.cloud.tally_all()
            case "all report":
                for number in range(2 * DEVICES):
                    run.report(number, "SUCCEEDED")
                run.cloud.tally_all()
            case ("pass", int(seconds)):
                run.cloud.now += timedelta(seconds=seconds)
            case ("ask", str(what)):
                run.ask(what)
            case _:
                for _ in range(4):
                    run.go_on()
                    check(run)
        check(run)


def dispatched(devices: int = DEVICES, strategy: Strategy = Strategy.ALL_AT_ONCE) -> Execution:
    """Return a deployment whose first wave was told."""
    run = Execution(a_cloud(strategy, devices=devices))
    run.ask("start")
    for _ in range(3):
        run.go_on()
    return run


def disconnect(cloud: Cloud, device_id: str, *, connected: bool = False) -> None:
    """Let AWS IoT say that a device is gone, or back."""
    at_ms = int(cloud.now.timestamp() * 1_000)
    cloud.world.presences[device_id] = Presence(device_id=device_id, connected=connected, connection=1, at_ms=at_ms)


def test_a_device_that_is_gone_is_named_with_since_when() -> None:
    run = dispatched(2)
    run.cloud.now += timedelta(seconds=5)
    disconnect(run.cloud, "dev_002")
    disconnect(run.cloud, "dev_001", connected=True)
    run.cloud.now += timedelta(seconds=5)
    waits = waits_of(run.cloud)
    assert waits.deployment is not None
    assert (waits.deployment.what, waits.deployment.outstanding, waits.first) == (
        WaitsFor.REPORTS,
        2,
        ["dev_001", "dev_002"],
    )
    assert waits.sentence == (
        "2 of 2 devices of wave 1 to report, until 12:01:00Z, then they count as failed"
        " (dev_002 is offline since 12:00:05Z)"
    )
    gone, there = waits.targets["dev_002"], waits.targets["dev_001"]
    assert (gone.what, gone.since) == (TargetWaitsFor.OFFLINE, MOMENT + timedelta(seconds=5))
    assert gone.sentence == "the device is offline since 12:00:05Z, until 12:01:00Z, then it counts as failed"
    assert (there.what, there.since, there.until) == (TargetWaitsFor.JOB, MOMENT, MOMENT + TIMEOUT)


def test_a_device_that_never_connected_is_offline() -> None:
    waits = waits_of(dispatched(1).cloud)
    assert waits.targets["dev_001"].what is TargetWaitsFor.OFFLINE
    assert waits.targets["dev_001"].since is None
    assert "never been connected" in waits.targets["dev_001"].sentence


def report_of(cloud: Cloud, *, version: int = 2, live: bool = True, health: Health = Health.HEALTHY) -> HealthReport:
    flow = FlowHealth(
        flow_id=FLOW, version=version, sha256="2" * 64, slot=Slot.BLUE, live=live, health=health, since=cloud.now
    )
    return HealthReport(sent_at=cloud.now, sequence=1, agent_version="1", flows=(flow,))


@pytest.mark.parametrize(
    ("version", "live", "health", "what"),
    [
        (2, True, Health.HEALTHY, TargetWaitsFor.HEALTH_WINDOW),
        (2, True, Health.STARTING, TargetWaitsFor.HEALTH_WINDOW),
        (2, True, Health.UNHEALTHY, TargetWaitsFor.JOB),
        (2, False, Health.HEALTHY, TargetWaitsFor.JOB),
        (1, True, Health.HEALTHY, TargetWaitsFor.JOB),
    ],
)
def test_a_device_that_says_it_runs_the_version_is_in_its_health_window(
    version: int, *, live: bool, health: Health, what: TargetWaitsFor
) -> None:
    run = dispatched(1)
    disconnect(run.cloud, "dev_001", connected=True)
    run.cloud.now += timedelta(seconds=10)
    begun = run.cloud.now
    run.world.reports["dev_001"] = report_of(run.cloud, version=version, live=live, health=health)
    run.world.reported_at["dev_001"] = begun
    wait = waits_of(run.cloud).targets["dev_001"]
    assert wait.what is what
    if what is TargetWaitsFor.HEALTH_WINDOW:
        assert (wait.since, wait.until) == (begun, begun + timedelta(seconds=20))
        assert wait.sentence.endswith("until 12:00:30Z, then it reports its success")
        run.cloud.now += timedelta(seconds=21)
        late = waits_of(run.cloud).targets["dev_001"]
        assert (late.until, "counts as failed" in late.sentence) == (MOMENT + TIMEOUT, True)


def test_what_a_device_said_before_it_was_told_is_no_health_window() -> None:
    run = Execution(a_cloud(Strategy.ALL_AT_ONCE, devices=1))
    run.world.reports["dev_001"] = report_of(run.cloud)
    run.world.reported_at["dev_001"] = run.cloud.now
    run.cloud.now += timedelta(hours=1)
    run.ask("start")
    for _ in range(3):
        run.go_on()
    assert waits_of(run.cloud).targets["dev_001"].what is TargetWaitsFor.JOB


def test_a_look_is_bounded_whatever_the_wave_holds() -> None:
    run = dispatched(MOST_NAMED + 25)
    world, batches = run.world, []

    class Counted(MemoryReports):
        def many(self, device_ids: Iterable[str]) -> dict[str, Device | Unreadable]:
            batches.append(list(device_ids))
            return super().many(batches[-1])

    reads = ReadWaits(MemoryWaves(world), MemoryTargets(world), Counted(world), lambda: run.cloud.now)
    waits = reads.of(world.deployments[DEPLOYMENT])
    assert waits.deployment is not None
    assert (waits.deployment.outstanding, len(waits.first)) == (MOST_NAMED + 25, MOST_NAMED)
    assert batches == [list(waits.first)]


def test_devices_that_are_to_return_are_named_until_they_have() -> None:
    run = dispatched(3)
    for number in range(3):
        run.report(number, "SUCCEEDED")
    run.cloud.tally_all()
    run.ask("rollback")
    for _ in range(2):
        run.go_on()
    at_first = waits_of(run.cloud)
    assert at_first.first == ["dev_001", "dev_002", "dev_003"]
    run.cloud.report("dev_001", "SUCCEEDED", job_id=return_job(1), runs_version="1", sequence="9")
    run.cloud.tally_all()
    waits = waits_of(run.cloud)
    assert waits.deployment is not None
    assert (waits.deployment.what, waits.deployment.outstanding, len(waits.first)) == (WaitsFor.ROLLBACK_REPORTS, 2, 2)


def test_a_message_that_comes_again_moves_no_deadline() -> None:
    run = dispatched()
    before = waits_of(run.cloud).deployment
    run.cloud.now += timedelta(seconds=20)
    run.cloud.dispatch(DEPLOYMENT, 1, run.token, asked_at=run.entered)
    assert waits_of(run.cloud).deployment == before


LATE: Final = timedelta(seconds=7)
"""So long a message of a state lies in its queue."""


def led_to(state: str) -> Execution:
    """Return a rolling deployment whose machine has entered this state just now, and whose message is on its way."""
    run = Execution(a_cloud())
    run.ask("start")
    while run.state != "dispatch":
        run.go_on()
    if state == "dispatch":
        return run
    run.go_on()
    if state == "close":
        run.cloud.now += TIMEOUT
    elif state in {"return", "delay"}:
        for number in range(DEVICES):
            run.report(number, "SUCCEEDED")
        run.cloud.tally_all()
    if state == "return":
        run.ask("rollback")
    run.go_on()
    assert run.state == state
    return run


@pytest.mark.parametrize(
    ("state", "what", "lasts"),
    [
        ("dispatch", WaitsFor.REPORTS, TIMEOUT),
        ("delay", WaitsFor.BATCH_DELAY, DELAY),
        ("close", WaitsFor.CANCELLED_JOBS, CLOSING),
        ("return", WaitsFor.ROLLBACK_REPORTS, TIMEOUT),
    ],
)
def test_a_wait_began_when_its_state_did_however_late_its_message_comes(
    state: str, what: WaitsFor, lasts: timedelta
) -> None:
    run = led_to(state)
    for _ in range(2):  # the message comes, and comes again
        run.cloud.now += LATE
        run.sent = False
        run.go_on()
        wait = waits_of(run.cloud).deployment
        assert wait is not None
        assert (wait.what, wait.until) == (what, run.entered + lasts)


def test_a_rollback_that_is_closed_keeps_its_deadline() -> None:
    run = led_to("return")
    run.go_on()
    returning = run.entered
    run.cloud.now += TIMEOUT
    run.go_on()
    assert run.state == "close return"
    run.go_on()
    wait = waits_of(run.cloud).deployment
    assert wait is not None
    assert (wait.what, wait.until) == (WaitsFor.CANCELLED_JOBS, returning + TIMEOUT + CLOSING)


def test_targets_of_the_wave_that_were_not_told_yet_are_waited_for_as_well() -> None:
    run = dispatched(3)
    target = run.world.targets[DEPLOYMENT, "dev_001"]
    run.world.targets[DEPLOYMENT, "dev_001"] = replace(target, status=TargetStatus.PENDING, started_at=None)
    assert waits_of(run.cloud).first == ["dev_002", "dev_003", "dev_001"]


def test_a_wave_that_cannot_be_read_keeps_nothing_from_being_told() -> None:
    run = dispatched()
    run.world.unreadable.add((Kind.WAVE, "00001"))
    waits = waits_of(run.cloud)
    assert waits.deployment is not None
    assert waits.deployment.until is not None
    assert set(waits.targets) == {f"dev_{number:03d}" for number in range(1, DEVICES + 1)}


def test_a_device_that_is_not_registered_any_more_is_unknown() -> None:
    run = dispatched(1)
    run.world.registered.clear()
    assert waits_of(run.cloud).targets["dev_001"].what is TargetWaitsFor.UNKNOWN


@pytest.mark.parametrize("far", ["9999-12-31T23:59:59.999999+00:00", "0001-01-01T00:00:00+00:00"])
def test_moments_that_nobody_has_seen_harm_nobody(far: str) -> None:
    run, at = dispatched(1), datetime.fromisoformat(far)
    run.world.reports["dev_001"] = report_of(run.cloud).model_copy(
        update={"flows": tuple(flow.model_copy(update={"since": at}) for flow in report_of(run.cloud).flows)}
    )
    run.world.reported_at["dev_001"] = run.cloud.now
    target = run.world.targets[DEPLOYMENT, "dev_001"]
    for told in (target.started_at, far, "nonsense", None):
        run.world.targets[DEPLOYMENT, "dev_001"] = replace(target, started_at=told)
        assert waits_of(run.cloud).targets["dev_001"].sentence
    last = 253_402_300_799_999  # milliseconds: the end of the year 9999
    run.world.presences["dev_001"] = Presence(device_id="dev_001", connected=False, connection=1, at_ms=last)
    assert waits_of(run.cloud).targets["dev_001"].what is TargetWaitsFor.OFFLINE
