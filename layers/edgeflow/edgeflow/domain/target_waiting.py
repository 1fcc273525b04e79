"""What a target that is ``deploying`` waits for, by what its device has said and by what AWS IoT says of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from edgeflow.contract.report import FlowHealth, Health
from edgeflow.domain.absences import Absence
from edgeflow.domain.clock import read_timestamp, shifted
from edgeflow.domain.deployments import Deployment, Target
from edgeflow.domain.devices import Device
from edgeflow.domain.waiting import write_until

CLOCKS_DIFFER: Final = timedelta(minutes=5)
"""By so much a device's clock may be behind, and its word on when it got a version still counts as a new one."""


class TargetWaitsFor(StrEnum):
    """What the device of a target is at."""

    OFFLINE = "offline"
    """It is not connected: its job waits for it."""
    JOB = "job"
    """It is connected, and has not said that it runs the version: its job is queued, or it downloads."""
    HEALTH_WINDOW = "health_window"
    """It runs the version, and watches its health."""
    UNKNOWN = "unknown"
    """Its record cannot be read, or is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetWait:
    """What a target waits for, since when and until when, as far as that is known, and in a sentence."""

    what: TargetWaitsFor
    since: datetime | None
    until: datetime | None
    sentence: str


def offline_since(device: Device | None) -> datetime | None:
    """Return since when a device is gone; None where it is connected, or AWS IoT never said that it went."""
    absence = Absence.of(device) if device is not None else None
    return absence.began if device is not None and absence is not None and absence.lasts(device) else None


def target_wait(
    deployment: Deployment, target: Target, device: Device | None, *, deadline: datetime | None, now: datetime
) -> TargetWait:
    """Return what a target that is deploying waits for. ``deadline`` is when its wave counts it as failed."""
    what, since, said = _at(deployment, target, device)
    window = deployment.rules.health_window_seconds
    if what is TargetWaitsFor.HEALTH_WINDOW and since is not None and window is not None:
        ends = shifted(since, timedelta(seconds=window))
        if now < ends and (deadline is None or ends < deadline):
            sentence = f"{said}, until {write_until(ends, now=now)}, then it reports its success"
            return TargetWait(what=what, since=since, until=ends, sentence=sentence)
    begun = "" if since is None else f" since {write_until(since, now=now)}"
    then = "" if deadline is None else f", until {write_until(deadline, now=now)}, then it counts as failed"
    return TargetWait(what=what, since=since, until=deadline, sentence=f"{said}{begun}{then}")


def _at(deployment: Deployment, target: Target, device: Device | None) -> tuple[TargetWaitsFor, datetime | None, str]:
    told = read_timestamp(target.started_at)
    if device is None:
        return TargetWaitsFor.UNKNOWN, told, "its device has no record that can be read; it has had its job"
    gone = offline_since(device)
    if gone is not None:
        return TargetWaitsFor.OFFLINE, gone, "the device is offline"
    if device.connected is None and device.reported_at is None:
        return TargetWaitsFor.OFFLINE, None, "the device has never been connected"
    running = _runs(deployment, target, device)
    if running is not None:
        # Of a switch the device tells when it got the version, which was before: the health window began after that.
        since = told if deployment.strategy.switches(target.wave) else running.since
        return TargetWaitsFor.HEALTH_WINDOW, since, f"the device watches the health of version {running.version}"
    at_work = "removes the flow" if deployment.version is None else "downloads the version"
    return TargetWaitsFor.JOB, told, f"the device is connected; its job is queued, or it {at_work},"


def _runs(deployment: Deployment, target: Target, device: Device) -> FlowHealth | None:
    """Return the version as the device runs it since it was told to; None where it has not said so."""
    told = read_timestamp(target.started_at)
    if device.report is None or device.reported_at is None or told is None or device.reported_at < told:
        return None
    live = not deployment.strategy.stages(target.wave)
    switched = deployment.strategy.switches(target.wave)
    for flow in device.report.flows:
        if (flow.flow_id, flow.version, flow.live) != (deployment.flow_id, deployment.version, live):
            continue
        new = switched or flow.since >= shifted(told, -CLOCKS_DIFFER)
        if new and flow.running and flow.health is not Health.UNHEALTHY:
            return flow
    return None
