"""What shows that a device is well still, and for how long."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeflow.contract.job import MAX_WATCH_SECONDS, MIN_WATCH_SECONDS
from edgeflow.contract.report import FlowHealth, Health, HealthReport, Slot
from edgeflow.domain.clock import timestamp
from edgeflow.domain.deployments import Target, TargetStatus
from edgeflow.domain.evidence import AT_REST, LATEST, MAX_WATCH, Heard, Pace, silence, watch_lasts
from edgeflow.domain.rules import RolloutRules

SUCCEEDED = datetime(2026, 2, 21, 12, 0, tzinfo=UTC)
EVERY = timedelta(seconds=60)
LASTS = timedelta(hours=3)
SECOND = timedelta(seconds=1)
TARGET = Target(
    device_id="dev_1",
    wave=1,
    status=TargetStatus.SUCCESS,
    started_at=timestamp(SUCCEEDED - timedelta(minutes=1)),
    finished_at=timestamp(SUCCEEDED),
)
STAGED = replace(TARGET, status=TargetStatus.STAGED)
RULES = RolloutRules(timeout_seconds=7_200, auto_rollback=True, health_check=True, canary_delay_seconds=1_800)
PACE = Pace(every=EVERY, lasts=LASTS, wait=timedelta(minutes=30))


def says(
    health: Health = Health.HEALTHY, *, version: int = 2, live: bool = True, flow_id: str = "flow_1"
) -> HealthReport:
    """Return a report on one flow."""
    flow = FlowHealth(
        flow_id=flow_id, version=version, sha256="2" * 64, slot=Slot.BLUE, live=live, health=health, since=SUCCEEDED
    )
    return HealthReport(sent_at=SUCCEEDED, sequence=1, agent_version="1", flows=(flow,))


def missing(
    after: timedelta,
    report: HealthReport | None,
    *,
    came: timedelta = timedelta(),
    target: Target = TARGET,
    version: int | None = 2,
    pace: Pace = PACE,
) -> str | None:
    """Look so long after the success; the newest report, if any, had come ``came`` after it."""
    heard = Heard(report=report, at=SUCCEEDED + came) if report is not None else None
    return silence(target, heard, flow_id="flow_1", version=version, pace=pace, now=SUCCEEDED + after)


def waits(seconds: int, *, usual: timedelta = EVERY) -> Pace:
    """Return the pace of a canary that is watched for so long."""
    return Pace.of(replace(RULES, canary_delay_seconds=seconds), usual)


def test_a_success_speaks_for_the_device_until_its_next_report_must_have_come() -> None:
    assert missing(1.5 * EVERY, None) is None
    told = missing(1.5 * EVERY + SECOND, None)
    assert told == "no report of its health came since then, and one was due every 60 s"


def test_what_was_said_before_the_success_does_not_show_what_came_of_it() -> None:
    assert missing(2 * EVERY, says(), came=SECOND) is None
    assert missing(2 * EVERY, says(), came=-SECOND) is not None


def test_three_reports_that_are_missing_are_silence() -> None:
    assert missing(3 * EVERY, says()) is None
    assert missing(3 * EVERY + SECOND, says()) == "its last report came 181 s ago, and one was due every 60 s"


@pytest.mark.parametrize(
    ("target", "report", "what"),
    [
        pytest.param(TARGET, says(Health.STARTING), "called it starting", id="starting"),
        pytest.param(TARGET, says(Health.UNHEALTHY), "called it unhealthy", id="unhealthy"),
        pytest.param(TARGET, says(version=1), "did not name it", id="the_version_before"),
        pytest.param(TARGET, says(flow_id="flow_2"), "did not name it", id="another_flow"),
        pytest.param(TARGET, says(live=False), "did not name it", id="idle_though_live"),
        pytest.param(STAGED, says(live=True), "did not name it", id="live_though_staged"),
    ],
)
def test_a_report_that_does_not_say_that_the_version_is_healthy_is_no_evidence(
    target: Target, report: HealthReport, what: str
) -> None:
    told = missing(2 * EVERY, report, came=EVERY, target=target)
    assert told is not None
    assert f"its last report, 60 s ago, {what}: version 2 should be healthy" in told


def test_what_is_staged_shows_it_in_the_idle_slot() -> None:
    assert missing(2 * EVERY, says(live=False), came=EVERY, target=STAGED) is None


@pytest.mark.parametrize("live", [True, False])
def test_after_a_removal_a_report_that_names_the_flow_in_any_slot_is_no_evidence(*, live: bool) -> None:
    told = missing(2 * EVERY, says(version=7, live=live), came=EVERY, version=None)
    assert told == "its last report, 60 s ago, says that version 7 is still there"


def test_after_a_removal_a_report_without_the_flow_shows_that_it_is_gone_and_silence_shows_nothing() -> None:
    assert missing(2 * EVERY, says(flow_id="flow_2"), came=EVERY, version=None) is None
    told = missing(4 * EVERY, says(flow_id="flow_2"), version=None)
    assert told == "its last report came 240 s ago, and one was due every 60 s"


def test_after_the_watch_a_device_reports_as_at_rest() -> None:
    over, long = LASTS + SECOND, replace(PACE, wait=LASTS)
    assert missing(over, says(), came=over - 3 * AT_REST, pace=long) is None
    assert missing(over, says(), came=over - 3 * AT_REST - SECOND, pace=long) is not None
    assert missing(over, says(), came=over - 1.5 * AT_REST) is None, "after a short wait and a long pause"
    assert missing(over, says(), came=over - 1.5 * AT_REST - SECOND) is not None


@pytest.mark.parametrize("damaged", ["yesterday", "2026-02-21T12:00:00", None])
def test_a_time_that_cannot_be_read_speaks_for_nobody(damaged: str | None) -> None:
    target = replace(TARGET, started_at=damaged, finished_at=damaged)
    assert missing(SECOND, None, target=target) is not None
    assert missing(SECOND, says(), target=target) is None


def test_a_watch_covers_the_wave_and_the_wait_after_it_and_is_bounded() -> None:
    assert watch_lasts(RULES) > timedelta(seconds=7_200 + 1_800)
    assert watch_lasts(replace(RULES, timeout_seconds=7 * 86_400)) == MAX_WATCH


@pytest.mark.parametrize(
    ("wait", "every"), [(0, 60), (15, 60), (16, 10), (30, 10), (90, 22), (120, 30), (240, 60), (1_800, 60)]
)
def test_in_a_short_wait_reports_are_due_more_often(wait: int, every: int) -> None:
    assert waits(wait).every == timedelta(seconds=every)


@pytest.mark.parametrize("wait", [30, 90, 120])
def test_a_device_that_says_nothing_after_its_first_report_is_silent_when_a_short_wait_ends(wait: int) -> None:
    after, pace = timedelta(seconds=wait), waits(wait)
    assert missing(after, says(), came=SECOND, pace=pace) == (
        f"its last report came {wait - 1} s ago, and one was due every {round(pace.every.total_seconds())} s"
    )
    assert missing(after, says(), came=after - LATEST * pace.every, pace=pace) is None


WAITS = st.integers(1, 86_400)
USUAL = st.integers(MIN_WATCH_SECONDS, MAX_WATCH_SECONDS).map(lambda seconds: timedelta(seconds=seconds))
SHARES = st.floats(0, 1, exclude_max=True)
TRANSIT = st.floats(0, 30)
"""Seconds from the end of a wait until somebody looks."""


@given(wait=WAITS.filter(lambda wait: wait >= 3 * MIN_WATCH_SECONDS), usual=USUAL, share=SHARES, transit=TRANSIT)
def test_who_falls_silent_in_the_first_half_of_a_wait_is_never_taken_for_well(
    wait: int, usual: timedelta, share: float, transit: float
) -> None:
    pace, half = waits(wait, usual=usual), timedelta(seconds=wait) / 2
    last = min(timedelta(seconds=share * wait / 2), half - timedelta.resolution)  # a share just below 1 rounds to half
    assert missing(timedelta(seconds=wait + transit), says(), came=last, pace=pace) is not None


@given(wait=WAITS.filter(lambda wait: wait > LATEST * MIN_WATCH_SECONDS), usual=USUAL, transit=TRANSIT)
def test_who_says_nothing_at_all_in_a_wait_is_never_taken_for_well(wait: int, usual: timedelta, transit: float) -> None:
    pace, after = waits(wait, usual=usual), timedelta(seconds=wait + transit)
    assert missing(after, None, pace=pace) is not None
    assert missing(after, says(), came=-SECOND, pace=pace) is not None


@given(wait=WAITS, usual=USUAL, promoted=st.floats(0, 1), phase=SHARES, late=st.floats(0, 0.49))
def test_who_reports_when_it_is_due_is_never_taken_for_silent(
    wait: int, usual: timedelta, promoted: float, phase: float, late: float
) -> None:
    """Whenever the wait ends, and wherever the success lies between two reports, each some time on its way."""
    pace, after = waits(wait, usual=usual), timedelta(seconds=promoted * wait)
    on_its_way = late * pace.every
    reports = (after - on_its_way - phase * pace.every) // pace.every
    newest = reports * pace.every + phase * pace.every + on_its_way
    assert missing(after, says(), came=newest, pace=pace) is None
