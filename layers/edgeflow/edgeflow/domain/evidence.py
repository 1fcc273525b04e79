"""Health is evidence: what shows that a device that has succeeded is still well, and for how long that shows it.

A device in an open deployment reports every so often (``Watch`` of its job), and more often where the wait after its
wave is short. Three reports in a row that are missing are silence, and so is nothing at all in the wait's second half,
whether the device is connected or not: an agent that does nothing any more can keep its connection alive.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

from edgeflow.contract.job import MIN_WATCH_SECONDS
from edgeflow.contract.report import Health, HealthReport
from edgeflow.domain.clock import read_timestamp, shifted
from edgeflow.domain.deployments import Target, TargetStatus
from edgeflow.domain.rules import RolloutRules

MISSED: Final = 3
"""So many reports in a row that did not come are silence."""
IN_A_WAIT: Final = 4
"""So many reports are due in a wait at least, where its device can: two of them in the second half, one to spare."""
LATEST: Final = 1.5
"""In so many intervals a report that is due has arrived, whatever it met on its way."""
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
    """How often a device of a deployment reports, at least: ``every`` so often for ``lasts``, then as at rest.

    ``wait`` is the watched wait after its wave, at whose end it has to have been heard of.
    """

    every: timedelta
    lasts: timedelta
    wait: timedelta

    @classmethod
    def of(cls, rules: RolloutRules, usual: timedelta) -> Self:
        """Return the pace of a deployment: the ``usual`` one of the stack, or a faster one where its wait is short.

        In a wait that is over before the first report must have come the success speaks, so nothing more is asked for.
        """
        wait = rules.watched_wait_seconds
        in_the_wait = max(MIN_WATCH_SECONDS, wait // IN_A_WAIT)
        hurries = wait > LATEST * MIN_WATCH_SECONDS
        every = min(usual, timedelta(seconds=in_the_wait)) if hurries else usual
        return cls(every=every, lasts=watch_lasts(rules), wait=timedelta(seconds=wait))

    def at(self, now: datetime, target: Target) -> timedelta:
        """Return the longest time between two of the device's reports, by now."""
        told = read_timestamp(target.started_at)
        return self.every if told is None or now <= shifted(told, self.lasts) else max(self.every, AT_REST)

    def fresh(self, every: timedelta) -> timedelta:
        """Return how old a report may be that shows how the device is; it is due ``every`` so often.

        It is not from the wait's first half, however short the wait is, unless none is due in the second one.
        """
        return max(LATEST * every, min(MISSED * every, self.wait / 2))


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """The newest that was heard of a device: its report, and when AWS IoT took that in."""

    report: HealthReport
    at: datetime


def silence(
    target: Target, heard: Heard | None, *, flow_id: str, version: int | None, pace: Pace, now: datetime
) -> str | None:
    """Say what is missing to take a device that has got through its wave for well still; None when it is well.

    Well is a device whose report since its success says that the version is healthy there, when that report is fresh
    (see ``Pace.fresh``). Its success, which it told after its whole health window, speaks for it as well, until its
    next report must have come. Where the flow was removed (``version`` is None), well is a device whose report does not
    name it, in no slot.
    """
    every = pace.at(now, target)
    succeeded = read_timestamp(target.finished_at)
    if succeeded is not None and now - succeeded <= LATEST * every:
        return None
    if heard is None or (succeeded is not None and heard.at < succeeded):
        return f"no report of its health came since then, and one was due every {_seconds(every)} s"
    if now - heard.at > pace.fresh(every):
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
