"""What a target that is deploying waits for, by what was heard of its device."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from edgeflow.contract.report import FlowHealth, Health, HealthReport, Slot
from edgeflow.domain.clock import milliseconds, timestamp
from edgeflow.domain.deployments import Artifact, Deployment, DeploymentStatus, Target, TargetStatus
from edgeflow.domain.devices import Device, DeviceState, Presence
from edgeflow.domain.rules import RolloutRules
from edgeflow.domain.strategies import STAGING_WAVE, SWITCHING_WAVE, Strategy
from edgeflow.domain.target_waiting import CLOCKS_DIFFER, TargetWait, TargetWaitsFor, offline_since, target_wait

BEGUN: Final = datetime(2026, 2, 21, 12, 0, tzinfo=UTC)
SECOND: Final = timedelta(seconds=1)
WINDOW: Final = timedelta(minutes=2)
DEADLINE: Final = BEGUN + timedelta(minutes=30)
NOW: Final = BEGUN + timedelta(minutes=1)
DEPLOYMENT: Final = Deployment(
    id="dep_1",
    flow_id="flow_1",
    artifact=Artifact(version=7, sha256="7" * 64, size=100),
    strategy=Strategy.ROLLING,
    rules=RolloutRules(
        timeout_seconds=1_800, auto_rollback=True, health_check=True, batch_size=1, health_window_seconds=120
    ),
    status=DeploymentStatus.RUNNING,
    status_reason="started",
    total_targets=1,
    created_at=timestamp(BEGUN),
    created_by="operator",
)
BLUE_GREEN: Final = replace(DEPLOYMENT, strategy=Strategy.BLUE_GREEN)
TARGET: Final = Target(device_id="dev_1", wave=1, status=TargetStatus.DEPLOYING, started_at=timestamp(BEGUN))
DISCONNECTED: Final = Presence(device_id="dev_1", connected=False, connection=3, at_ms=milliseconds(BEGUN + SECOND))
ONLINE: Final = Device(
    id="dev_1",
    state=DeviceState.REGISTERED,
    attempt="1",
    connected=True,
    presence=replace(DISCONNECTED, connected=True),
)
OFFLINE: Final = replace(ONLINE, connected=False, presence=DISCONNECTED)
RUNS: Final = FlowHealth(
    flow_id="flow_1",
    version=7,
    sha256="7" * 64,
    slot=Slot.BLUE,
    live=True,
    health=Health.STARTING,
    since=BEGUN + SECOND,
)


def reporting(flow: FlowHealth, *, at: datetime = NOW) -> Device:
    report = HealthReport(sent_at=at, sequence=1, agent_version="1", flows=(flow,))
    return replace(ONLINE, report=report, reported_at=at)


def waits(
    device: Device | None,
    *,
    deployment: Deployment = DEPLOYMENT,
    target: Target = TARGET,
    deadline: datetime | None = DEADLINE,
    now: datetime = NOW,
) -> TargetWait:
    return target_wait(deployment, target, device, deadline=deadline, now=now)


def test_a_device_without_a_record_is_unknown() -> None:
    found = waits(None)
    assert (found.what, found.since, found.until) == (TargetWaitsFor.UNKNOWN, BEGUN, DEADLINE)
    assert offline_since(None) is None


def test_a_job_waits_for_a_device_that_is_gone() -> None:
    found = waits(OFFLINE)
    assert (found.what, found.since, found.until) == (TargetWaitsFor.OFFLINE, BEGUN + SECOND, DEADLINE)
    assert found.sentence.startswith("the device is offline since ")
    assert found.sentence.endswith(", then it counts as failed")


def test_a_device_that_was_never_heard_of_was_never_connected() -> None:
    found = waits(replace(ONLINE, connected=None, presence=None))
    assert (found.what, found.since) == (TargetWaitsFor.OFFLINE, None)
    assert found.sentence.startswith("the device has never been connected, until ")


def test_a_connected_device_that_has_not_reported_the_version_is_at_its_job() -> None:
    found = waits(ONLINE)
    assert (found.what, found.since, found.until) == (TargetWaitsFor.JOB, BEGUN, DEADLINE)
    assert "or it downloads the version" in found.sentence
    assert "or it removes the flow" in waits(ONLINE, deployment=replace(DEPLOYMENT, artifact=None)).sentence


def test_a_device_that_runs_the_version_watches_its_health_for_the_window() -> None:
    found = waits(reporting(RUNS))
    assert (found.what, found.since, found.until) == (TargetWaitsFor.HEALTH_WINDOW, RUNS.since, RUNS.since + WINDOW)
    assert found.sentence.endswith(", then it reports its success")


@pytest.mark.parametrize(
    "flow",
    [
        pytest.param(RUNS.model_copy(update={"flow_id": "flow_2"}), id="another_flow"),
        pytest.param(RUNS.model_copy(update={"version": 6}), id="another_version"),
        pytest.param(RUNS.model_copy(update={"live": False}), id="the_idle_slot"),
        pytest.param(RUNS.model_copy(update={"health": Health.UNHEALTHY}), id="unhealthy"),
        pytest.param(RUNS.model_copy(update={"running": False}), id="stopped"),
        pytest.param(RUNS.model_copy(update={"since": BEGUN - CLOCKS_DIFFER - SECOND}), id="since_long_before"),
    ],
)
def test_a_report_of_anything_else_shows_no_health_window(flow: FlowHealth) -> None:
    assert waits(reporting(flow)).what is TargetWaitsFor.JOB


def test_a_device_s_clock_may_be_somewhat_behind() -> None:
    flow = RUNS.model_copy(update={"since": BEGUN - CLOCKS_DIFFER})
    assert waits(reporting(flow)).what is TargetWaitsFor.HEALTH_WINDOW


def test_a_report_of_before_the_job_says_nothing_of_it() -> None:
    assert waits(reporting(RUNS, at=BEGUN - SECOND)).what is TargetWaitsFor.JOB
    assert waits(reporting(RUNS, at=BEGUN)).what is TargetWaitsFor.HEALTH_WINDOW


@pytest.mark.parametrize("started_at", [None, "yesterday"])
def test_where_nobody_knows_when_the_job_began_no_report_counts(started_at: str | None) -> None:
    found = waits(reporting(RUNS), target=replace(TARGET, started_at=started_at))
    assert (found.what, found.since) == (TargetWaitsFor.JOB, None)


def test_staging_fills_the_idle_slot() -> None:
    staging = replace(TARGET, wave=STAGING_WAVE)
    idle = RUNS.model_copy(update={"live": False})
    assert waits(reporting(idle), deployment=BLUE_GREEN, target=staging).what is TargetWaitsFor.HEALTH_WINDOW
    assert waits(reporting(RUNS), deployment=BLUE_GREEN, target=staging).what is TargetWaitsFor.JOB


def test_of_a_switch_the_window_begins_with_the_job_however_long_the_version_was_staged() -> None:
    flow = RUNS.model_copy(update={"since": BEGUN - timedelta(hours=5)})
    found = waits(reporting(flow), deployment=BLUE_GREEN, target=replace(TARGET, wave=SWITCHING_WAVE))
    assert (found.what, found.since) == (TargetWaitsFor.HEALTH_WINDOW, BEGUN)


@pytest.mark.parametrize(
    ("deadline", "now"),
    [
        pytest.param(DEADLINE, RUNS.since + WINDOW, id="the_window_is_over"),
        pytest.param(RUNS.since + WINDOW, NOW, id="the_wave_ends_with_it"),
    ],
)
def test_a_window_that_ends_nothing_leaves_the_deadline_of_the_wave(deadline: datetime, now: datetime) -> None:
    found = waits(reporting(RUNS), deadline=deadline, now=now)
    assert (found.what, found.until) == (TargetWaitsFor.HEALTH_WINDOW, deadline)
    assert found.sentence.endswith(", then it counts as failed")


def test_without_a_deadline_none_is_told() -> None:
    found = waits(ONLINE, deadline=None)
    assert found.until is None
    assert "counts as failed" not in found.sentence
