"""Health is evidence: what shows that a device that has succeeded is still well, and for how long that shows it.

A device in an open deployment reports every so often (``Watch`` of its job). Three reports in a row that are missing
are silence, whether the device is connected or not: an agent that does nothing any more can keep its connection alive.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from edgeflow.contract.report import Health, HealthReport
from edgeflow.domain.clock import read_timestamp, shifted
from edgeflow.domain.deployments import Target, TargetStatus
from edgeflow.domain.rules import RolloutRules

MISSED: Final = 3
"""So many reports in a row that did not come are silence."""
AT_REST: Final = timedelta(minutes=15)
"""How often a device reports when no deployment asks for more."""
MAX_WATCH: Final = timedelta(hours=48)
"""No device reports often for longer, however long its wave may take."""
BESIDE: Final = timedelta(hours=1)
"""What a wave may take beside its timeout and the wait after it: messages, retries, a pause of an operator."""
STILL_WELL: Final = {TargetStatus.SUCCESS: True, TargetStatus.STAGED: False}
"""Statuses of targets that have got through their wave so far, and whether the new version is live there."""


def watch_lasts(rules: RolloutRules) -> timedelta:
    """Return for how long a device is watched after it was told of its job: its wave, and the wait after that."""
    return min(timedelta(seconds=rules.timeout_seconds + rules.watched_wait_seconds) + BESIDE, MAX_WATCH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often a device of a deployment reports, at least: ``every`` so often for ``lasts``, then as at rest."""

    every: timedelta
    lasts: timedelta

    def at(self, now: datetime, target: Target) -> timedelta:
        """Return the longest time between two of the device's reports, by now."""
        told = read_timestamp(target.started_at)
        return self.every if told is None or now <= shifted(told, self.lasts) else max(self.every, AT_REST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """The newest that was heard of a device: its report, and when AWS IoT took that in."""

    report: HealthReport
    at: datetime


def silence(
    target: Target, heard: Heard | None, *, flow_id: str, version: int | None, pace: Pace, now: datetime
) -> str | None:
    """Say what is missing to take a device that has got through its wave for well still; None when it is well.

    Well is a device whose report, of the time in which three are due, says that the version is healthy there. Its
    success, which it told after its whole health window, speaks for it as well, until its next report is due. Where the
    flow was removed (``version`` is None), well is a device whose report does not name it, in no slot.
    """
    every = pace.at(now, target)
    succeeded = read_timestamp(target.finished_at)
    if succeeded is not None and now - succeeded <= every:
        return None
    if heard is None:
        return f"no report of its health came in the {_seconds(every)} s in which one was due"
    if now - heard.at > MISSED * every:
        gone = now - heard.at
        return f"its last report came {_seconds(gone)} s ago, and one was due every {_seconds(every)} s"
    if version is None:
        left = sorted({flow.version for flow in heard.report.flows if flow.flow_id == flow_id})
        ago = _seconds(now - heard.at)
        return f"its last report, {ago} s ago, says that version {left[0]} is still there" if left else None
    live = STILL_WELL.get(target.status)
    told = [flow for flow in heard.report.flows if (flow.flow_id, flow.version, flow.live) == (flow_id, version, live)]
    if any(flow.health is Health.HEALTHY for flow in told):
        return None
    where = "live" if live else "in the idle slot"
    said = f"called it {told[0].health}" if told else "did not name it"
    return f"its last report, {_seconds(now - heard.at)} s ago, {said}: version {version} should be healthy, {where}"


def _seconds(time: timedelta) -> int:
    return round(time.total_seconds())
