"""What a deployment that has not ended waits for: what, of how many devices, until when, and what then.

Pure, and told from what is stored: the deployment's record and that of the wave at work. Each wait is a chain of steps
that have a deadline each, those of the state machines; whoever asks is told the first one that may be under way still.
So an instant that is told lies ahead, and where the last one of the chain has passed that is said: it is overdue.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, assert_never

from edgeflow.contract.wording import counted
from edgeflow.domain.clock import read_timestamp, shifted
from edgeflow.domain.deployments import Deployment, DeploymentStatus
from edgeflow.domain.strategies import Strategy
from edgeflow.domain.waves import Awaits, Wave, WaveMark, rollback_wave_name, wave_name


class WaitsFor(StrEnum):
    """What is waited for."""

    START = "start"
    """A person starts it."""
    PLAN = "plan"
    """Its execution begins, claims the devices and splits them into waves."""
    DISPATCH = "dispatch"
    """A wave begins: its jobs are created."""
    REPORTS = "reports"
    """The devices of a wave say how it went."""
    CANCELLED_JOBS = "cancelled_jobs"
    """Jobs are cancelled, and each of their devices is accounted for."""
    BREACH = "breach"
    """A wave exceeded its threshold: a rollback begins, or the wave is closed and the deployment paused or ended."""
    BATCH_DELAY = "batch_delay"
    CANARY_DELAY = "canary_delay"
    SWITCH_DELAY = "switch_delay"
    RESUME = "resume"
    """A person goes on, goes back, or cancels."""
    ROLLBACK_PLAN = "rollback_plan"
    """What goes forward is stopped, and it is frozen which device returns to which version."""
    ROLLBACK_REPORTS = "rollback_reports"
    """Devices say that they have returned."""
    CONCLUSION = "conclusion"
    """Targets are accounted for, claims are given up, and the end is written."""


DECIDED_BY_A_PERSON: Final = frozenset({WaitsFor.START, WaitsFor.RESUME})
"""These alone have no deadline."""

# What a step may take at the longest, with all its tries; tests/statemachine/test_deadlines.py compares the machines.
STARTING: Final = timedelta(minutes=75)
"""From the request to the execution, when the safety net has to start it: its grace (at most an hour), its schedule."""
PLANNING: Final = timedelta(hours=3)
GATE: Final = timedelta(minutes=15)
"""The look at the table before each wave."""
CLOSING: Final = timedelta(minutes=70)
CONCLUDING: Final = timedelta(hours=7)
"""Writing the end, or that the rollout broke; what fails at both is concluded by the safety net."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """What is waited for. ``until`` is None where a person decides, and where a record of before does not tell.

    ``outstanding`` of ``total`` devices are waited for; None where it is not devices. ``then`` says what happens then.
    """

    what: WaitsFor
    then: str
    wave: int | None = None
    outstanding: int | None = None
    total: int | None = None
    until: datetime | None = None
    overdue: bool = False


def wave_at_work(deployment: Deployment) -> str | None:
    """Return the name of the wave that tells what an unfinished deployment waits for; None before the first one."""
    match deployment.status:
        case DeploymentStatus.ROLLING_BACK:
            return rollback_wave_name(deployment.rollbacks)
        case DeploymentStatus.RUNNING | DeploymentStatus.PAUSED | DeploymentStatus.CANCELLING:
            return wave_name(deployment.current_wave) if deployment.current_wave else None
        case _:
            return None


def wait_of(deployment: Deployment, wave: Wave | None, *, now: datetime) -> Wait | None:
    """Return what a deployment waits for, by itself and its :func:`wave_at_work`; None when it has ended."""
    match deployment.status:
        case DeploymentStatus.PENDING:
            then = "start begins it, cancel ends it; until then no device is told of it"
            return Wait(what=WaitsFor.START, then=then)
        case DeploymentStatus.RUNNING:
            return _running(deployment, wave, now)
        case DeploymentStatus.PAUSED:
            return _paused(deployment, wave)
        case DeploymentStatus.CANCELLING:
            wait = Wait(
                what=WaitsFor.CANCELLED_JOBS,
                wave=deployment.current_wave or None,
                then="the safety net stops them again, every five minutes, and it ends cancelled",
            )
            return _first(now, deployment.cancel_asked_at, (CLOSING, _counted(wait, wave)))
        case DeploymentStatus.ROLLING_BACK:
            return _rolling_back(deployment, wave, now)
        case (
            DeploymentStatus.COMPLETED
            | DeploymentStatus.FAILED
            | DeploymentStatus.CANCELLED
            | DeploymentStatus.ROLLED_BACK
        ):
            return None
        case _:
            assert_never(deployment.status)


def wave_deadline(deployment: Deployment, wave: Wave | None) -> datetime | None:
    """Return when the devices of the wave at work count as failed; None when no wave waits for devices."""
    if wave is None or wave.awaits is not Awaits.VERDICT:
        return None
    since = read_timestamp(wave.since)
    return None if since is None else shifted(since, _timeout(deployment))


def _running(deployment: Deployment, wave: Wave | None, now: datetime) -> Wait:
    changed = deployment.changed_at or deployment.started_at
    if not deployment.waves:
        return _first(now, changed, (STARTING + PLANNING, _PLAN), (CONCLUDING, _CONCLUSION))
    if deployment.breached_wave is not None:
        named = deployment.breached_wave
        return _breach(int(named) if named.isdecimal() else deployment.current_wave, changed, now)
    if wave is None or wave.awaits is None or wave.total is None:
        return _first(now, changed, *_begins(deployment, max(deployment.current_wave, 1)))
    if wave.result() is None:
        return _undecided(deployment, wave, now)
    return _decided(deployment, wave, changed, now)


def _undecided(deployment: Deployment, wave: Wave, now: datetime) -> Wait:
    """Return what a wave waits for that is neither settled nor sure to breach."""
    number = deployment.current_wave
    closes = _closes(number, wave)
    if wave.awaits is Awaits.SETTLEMENT:
        return _first(now, wave.since, *closes)
    reports = Wait(what=WaitsFor.REPORTS, wave=number, then="they count as failed")
    return _first(now, wave.since, (_timeout(deployment), _counted(reports, wave)), *closes)


def _decided(deployment: Deployment, wave: Wave, changed: str | None, now: datetime) -> Wait:
    """Return what follows a wave that has settled, or is sure to breach."""
    number = deployment.current_wave
    if wave.breach() is not None:
        return _breach(number, changed, now)
    if number >= deployment.waves:
        return _first(now, changed, (CONCLUDING, _CONCLUSION))
    begins = _begins(deployment, number + 1)
    promoted = deployment.watch_token is not None and deployment.watch_token == deployment.promoted_token
    # A breach that was accepted is followed by the next wave at once.
    if promoted or WaveMark.BREACHED in wave.marks or not deployment.rules.watched_wait_seconds:
        return _first(now, changed, *begins)
    lasts = timedelta(seconds=deployment.rules.watched_wait_seconds)
    delay = Wait(what=_delay(deployment.strategy), wave=number, then=f"wave {number + 1} of {deployment.waves} begins")
    # Before the word of the wait has come it is one that began when the wave ended.
    since = changed if deployment.watch_token is None else deployment.watched_since
    return _first(now, since, (lasts, delay), *begins)


def _paused(deployment: Deployment, wave: Wave | None) -> Wait:
    resume = "resume goes on with it" if deployment.breached_wave is None else "resume with accept_failures goes on"
    then = f"{resume}, rollback returns every device, cancel ends it where it is; a pause lasts a year at most"
    wait = Wait(what=WaitsFor.RESUME, wave=deployment.current_wave or None, then=then)
    undecided = wave is not None and wave.awaits is Awaits.VERDICT and wave.result() is None
    return _counted(wait, wave) if undecided else wait


def _rolling_back(deployment: Deployment, wave: Wave | None, now: datetime) -> Wait:
    if wave is None or wave.total is None:
        plan = Wait(what=WaitsFor.ROLLBACK_PLAN, then="the rollback ends as failed and says why")
        return _first(now, deployment.changed_at, (STARTING + PLANNING, plan), (CONCLUDING, _CONCLUSION))
    reports = Wait(
        what=WaitsFor.ROLLBACK_REPORTS, then="those left count as not returned, and the deployment ends as failed"
    )
    # Planned, and not asked for by its state yet: the time runs from when that begins.
    before = timedelta() if wave.task_token is not None else GATE
    steps = [(before + _timeout(deployment), _counted(reports, wave)), *_closes(None, wave)]
    if wave.result() is not None:
        steps = [(sum((lasts for lasts, _ in steps), timedelta()), _CONCLUSION)]
    return _first(now, wave.since, *steps)


_PLAN: Final = Wait(what=WaitsFor.PLAN, then="it ends as failed and says why")
_CONCLUSION: Final = Wait(what=WaitsFor.CONCLUSION, then="the safety net ends it as failed")

_Step = tuple[timedelta, Wait]


def _begins(deployment: Deployment, number: int) -> list[_Step]:
    """Return the steps of a wave that is to begin, which its timeout bounds as well."""
    wait = Wait(what=WaitsFor.DISPATCH, wave=number, then="its devices count as failed")
    return [(GATE + _timeout(deployment), wait), *_closes(number, None)]


def _closes(number: int | None, wave: Wave | None) -> list[_Step]:
    """Return the steps of a wave whose time is over; None is a rollback's."""
    wait = Wait(what=WaitsFor.CANCELLED_JOBS, wave=number, then="the deployment ends as failed and says why")
    return [(CLOSING, _counted(wait, wave)), (CONCLUDING, _CONCLUSION)]


def _breach(number: int, since: str | None, now: datetime) -> Wait:
    wait = Wait(what=WaitsFor.BREACH, wave=number, then="the deployment ends as failed and says why")
    return _first(now, since, (CLOSING + PLANNING, wait), (CONCLUDING, _CONCLUSION))


def _delay(strategy: Strategy) -> WaitsFor:
    match strategy:
        case Strategy.CANARY:
            return WaitsFor.CANARY_DELAY
        case Strategy.BLUE_GREEN:
            return WaitsFor.SWITCH_DELAY
        case Strategy.ROLLING | Strategy.ALL_AT_ONCE:
            return WaitsFor.BATCH_DELAY
        case _:
            assert_never(strategy)


def _timeout(deployment: Deployment) -> timedelta:
    return timedelta(seconds=deployment.rules.timeout_seconds)


def _counted(wait: Wait, wave: Wave | None) -> Wait:
    """Return the wait with how many devices of the wave are not accounted for."""
    tally = wave.tally() if wave is not None else None
    if tally is None:
        return wait
    return replace(wait, outstanding=max(0, tally.total - tally.ended), total=tally.total)


def _first(now: datetime, since: str | None, *steps: _Step) -> Wait:
    """Return the first of these steps, each after the one before, whose time is not over; the last one is overdue."""
    end = read_timestamp(since)
    if end is None:
        return steps[0][1]
    for lasts, wait in steps:
        end = shifted(end, lasts)
        if now < end:
            return replace(wait, until=end)
    return replace(steps[-1][1], until=end, overdue=True)


def describe_wait(wait: Wait, *, now: datetime) -> str:
    """Say it in a sentence, such as ``12 of 20 devices of wave 3 to report, until 12:40:00Z, then …``."""
    subject = _subject(wait)
    if wait.until is None:
        return f"{subject}: {wait.then}"
    until = write_until(wait.until, now=now)
    if wait.overdue:
        return f"{subject}; overdue since {until}: the safety net looks every five minutes"
    return f"{subject}, until {until}, then {wait.then}"


def write_until(moment: datetime, *, now: datetime) -> str:
    """Write an instant for a sentence, in UTC: the time alone where it is today."""
    return f"{moment:%H:%M:%SZ}" if moment.date() == now.date() else f"{moment:%Y-%m-%d %H:%M:%SZ}"


_SUBJECTS: Final = {
    WaitsFor.START: "somebody to start it",
    WaitsFor.PLAN: "its waves to be planned",
    WaitsFor.DISPATCH: "{where} to begin",
    WaitsFor.REPORTS: "{devices} of {where} to report",
    WaitsFor.CANCELLED_JOBS: "the cancelled jobs of {devices} of {where} to be accounted for",
    WaitsFor.BREACH: "the breach of {where} to be acted on",
    WaitsFor.BATCH_DELAY: "the batch delay after {where} to end",
    WaitsFor.CANARY_DELAY: "the canary delay after {where} to end",
    WaitsFor.SWITCH_DELAY: "the switch delay after {where} to end",
    WaitsFor.RESUME: "somebody to resume it",
    WaitsFor.ROLLBACK_PLAN: "its rollback to be planned",
    WaitsFor.ROLLBACK_REPORTS: "{devices} to return",
    WaitsFor.CONCLUSION: "its end to be written",
}


def _subject(wait: Wait) -> str:
    where = "the rollback" if wait.wave is None else f"wave {wait.wave}"
    devices = "devices"
    if wait.outstanding is not None and wait.total is not None:
        devices = f"{wait.outstanding} of {counted(wait.total, 'device')}"
    subject = _SUBJECTS[wait.what].format(where=where, devices=devices)
    if wait.what is WaitsFor.RESUME and wait.outstanding:
        return f"{subject} ({devices} of {where}, told before, may report still)"
    return subject
