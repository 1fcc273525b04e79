"""Devices that drop off after they succeeded, while their deployment still goes on."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest

from edgeflow.domain.absences import Absence
from edgeflow.domain.deployments import ACTIVE, DeploymentStatus
from edgeflow.domain.devices import Presence
from edgeflow.domain.strategies import Strategy
from edgeflow.use_cases.rollout.conclude_rollout import RolloutEnd
from tests.unit.use_cases.cloud import DEPLOYMENT, DROP_OFF, Cloud, deploy_wave, running_world, wave_job
from tests.unit.use_cases.memory import MOMENT

MOMENT_MS = int(MOMENT.timestamp() * 1_000)


def gone(connection: int = 1, after: timedelta = timedelta()) -> Presence:
    at_ms = MOMENT_MS + int(after.total_seconds() * 1_000)
    return Presence(device_id="dev_001", connected=False, connection=connection, at_ms=at_ms)


def back(after: timedelta, connection: int = 2) -> Presence:
    at_ms = MOMENT_MS + int(after.total_seconds() * 1_000)
    return Presence(device_id="dev_001", connected=True, connection=connection, at_ms=at_ms)


def between_batches() -> Cloud:
    """Return a cloud where the first of two batches has succeeded, and the execution waits."""
    cloud = Cloud(running_world(4, batch_size=2, threshold=0))
    cloud.plan(DEPLOYMENT)
    deploy_wave(cloud, 1, dev_001="SUCCEEDED", dev_002="SUCCEEDED")
    cloud.watch.begin(DEPLOYMENT, "token-w")
    return cloud


def remind(cloud: Cloud, *, after: timedelta = DROP_OFF) -> list[str]:
    """Let the time pass, and deliver every reminder; returns the deployments in which a target failed."""
    cloud.now = MOMENT + after
    reminders = list(cloud.world.reminders)
    failed = [deployment for absence in reminders for deployment in cloud.watch_absence(absence)]
    cloud.tally_all()
    return failed


def test_a_device_that_stays_away_fails_and_ends_the_wait() -> None:
    cloud = between_batches()
    cloud.ingest_presence(gone())
    assert remind(cloud) == [DEPLOYMENT]
    target = cloud.world.targets[DEPLOYMENT, "dev_001"]
    assert (target.status.value, target.reason) == ("failed", "dropped_off")
    assert "2026-02-21T12:00:00" in str(target.message)
    assert cloud.world.answers["token-w"]["breached"] is True
    assert remind(cloud) == [], "the reminder came twice"


def test_a_device_that_is_back_in_time_has_not_failed() -> None:
    cloud = between_batches()
    cloud.ingest_presence(gone())
    cloud.ingest_presence(back(timedelta(seconds=4)))
    assert remind(cloud) == []
    assert cloud.world.statuses(DEPLOYMENT)["dev_001"] == "success"


def test_a_device_that_comes_and_goes_has_the_whole_time_again() -> None:
    cloud = between_batches()
    cloud.ingest_presence(gone())
    cloud.ingest_presence(back(timedelta(minutes=4)))
    cloud.ingest_presence(gone(connection=2, after=timedelta(minutes=4, seconds=30)))
    assert remind(cloud) == [], "the first absence ended, the second is young"
    assert remind(cloud, after=timedelta(minutes=10)) == [DEPLOYMENT]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_any_order_of_events_comes_to_the_same(order: tuple[int, ...]) -> None:
    cloud = Cloud(running_world(1, batch_size=1, threshold=0))
    cloud.plan(DEPLOYMENT)
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    events = [
        lambda: cloud.ingest_presence(back(timedelta(seconds=-30), connection=1)),
        lambda: cloud.report("dev_001", "SUCCEEDED", job_id=wave_job(1), runs_version="2"),
        lambda: cloud.ingest_presence(gone(after=timedelta(seconds=1))),
    ]
    for number in (*order, *order):
        events[number]()
    assert remind(cloud, after=DROP_OFF + timedelta(seconds=1)) == [DEPLOYMENT]
    assert cloud.world.targets[DEPLOYMENT, "dev_001"].reason == "dropped_off"


def test_a_reminder_that_comes_too_early_comes_again() -> None:
    cloud = between_batches()
    cloud.ingest_presence(gone())
    (absence,) = cloud.world.reminders
    cloud.world.reminders.clear()
    cloud.now = MOMENT + DROP_OFF / 2
    assert cloud.watch_absence(absence) == []
    assert cloud.world.reminders == {absence}


def test_a_health_report_after_it_says_that_the_device_is_back() -> None:
    cloud = between_batches()
    cloud.ingest_presence(gone())
    cloud.world.reported_at["dev_001"] = MOMENT + timedelta(minutes=1)
    assert remind(cloud) == []


def test_a_device_that_no_deployment_holds_costs_no_reminder() -> None:
    cloud = Cloud(running_world(1))
    cloud.ingest_presence(gone())
    assert cloud.world.reminders == set()


def test_a_target_that_is_still_at_work_is_left_to_its_wave() -> None:
    cloud = Cloud(running_world(1, batch_size=1))
    cloud.plan(DEPLOYMENT)
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    cloud.ingest_presence(gone())
    assert remind(cloud) == []
    assert cloud.world.statuses(DEPLOYMENT)["dev_001"] == "deploying"


def test_a_deployment_that_has_ended_is_past_all_that() -> None:
    cloud = Cloud(running_world(1, batch_size=1))
    cloud.plan(DEPLOYMENT)
    deploy_wave(cloud, 1, dev_001="SUCCEEDED")
    cloud.ingest_presence(gone())
    assert cloud.conclude_rollout(DEPLOYMENT, RolloutEnd.SETTLED) is DeploymentStatus.COMPLETED
    assert remind(cloud) == []


@pytest.mark.parametrize("status", sorted(set(DeploymentStatus) - ACTIVE))
def test_only_a_deployment_that_goes_on_counts_on_its_devices(status: DeploymentStatus) -> None:
    cloud = between_batches()
    cloud.ingest_presence(gone())
    cloud.world.deployments[DEPLOYMENT] = replace(cloud.world.deployments[DEPLOYMENT], status=status)
    assert remind(cloud) == []


def test_a_paused_deployment_counts_on_its_devices_too() -> None:
    cloud = between_batches()
    cloud.ingest_presence(gone())
    paused = replace(cloud.world.deployments[DEPLOYMENT], status=DeploymentStatus.PAUSED)
    cloud.world.deployments[DEPLOYMENT] = paused
    assert remind(cloud) == [DEPLOYMENT]


def test_without_health_check_nobody_looks() -> None:
    cloud = between_batches()
    deployment = cloud.world.deployments[DEPLOYMENT]
    cloud.world.deployments[DEPLOYMENT] = replace(deployment, rules=replace(deployment.rules, health_check=False))
    cloud.ingest_presence(gone())
    assert remind(cloud) == []


def test_no_time_at_all_turns_it_off() -> None:
    cloud = between_batches()
    off = replace(cloud.watch_absence, allowed=timedelta())
    assert not off.begin("dev_001")
    cloud.world.presences["dev_001"] = gone()
    assert not off.begin("dev_001")
    assert off(Absence.since(gone())) == []


def test_what_is_staged_fails_when_its_device_stays_away() -> None:
    cloud = Cloud(running_world(1, threshold=0, strategy=Strategy.BLUE_GREEN))
    cloud.plan(DEPLOYMENT)
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    cloud.report("dev_001", "SUCCEEDED", job_id=wave_job(1), runs_version="1")
    cloud.ingest_presence(gone())
    assert remind(cloud) == [DEPLOYMENT]
    assert "was staged, and dropped off" in str(cloud.world.targets[DEPLOYMENT, "dev_001"].message)


def test_an_absence_is_told_from_the_next_one() -> None:
    first, second = Absence.since(gone()), Absence.since(gone(connection=2))
    assert first != second
