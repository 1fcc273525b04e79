"""Reading what deployments and their targets wait for: a bounded look, and nothing is changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from edgeflow.domain.clock import Clock
from edgeflow.domain.deployments import Deployment, DeploymentStatus, Target, TargetStatus
from edgeflow.domain.devices import Device
from edgeflow.domain.errors import CannotBeRead
from edgeflow.domain.jobs import chunked
from edgeflow.domain.target_waiting import TargetWait, offline_since, target_wait
from edgeflow.domain.unreadable import Unreadable
from edgeflow.domain.waiting import Wait, describe_wait, wait_of, wave_at_work, wave_deadline, write_until
from edgeflow.domain.waves import Wave
from edgeflow.use_cases.devices.ports import Reports
from edgeflow.use_cases.rollout.ports import Targets, Waves

MOST_NAMED: Final = 20
"""Devices that are waited for, and named."""
MOST_LOOKED_AT: Final = 1_000
"""Devices of a rollback's plan, to find those."""
MOST_IN_A_SENTENCE: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """What a deployment waits for, None when it has ended, and what its targets do that are deploying, by device id."""

    deployment: Wait | None = None
    sentence: str = ""
    first: Sequence[str] = ()
    """The first devices that are waited for."""
    targets: Mapping[str, TargetWait] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReadWaits:
    """Look at the wave at work, at the first devices it waits for, and in one batch at what these have said."""

    waves: Waves
    targets: Targets
    devices: Reports
    clock: Clock

    def of(self, deployment: Deployment, shown: Iterable[Target | Unreadable] = ()) -> Waits:
        """Return what a deployment waits for, and what those targets do that are shown and deploying.

        Of one that has ended, or waits to be started, nothing is looked at.
        """
        now = self.clock()
        wave = self._wave(deployment)
        wait = wait_of(deployment, wave, now=now)
        if wait is None:
            return Waits()
        waited_for = self._waited_for(deployment, wait)
        at_work = _at_work([*waited_for, *shown])
        looked_at = dict.fromkeys([*(target.device_id for target in waited_for), *at_work])
        devices = self.devices.many(looked_at) if looked_at else {}
        return Waits(
            deployment=wait,
            sentence=describe_wait(wait, now=now) + _offline(waited_for, devices, now),
            first=[target.device_id for target in waited_for],
            targets=_target_waits(deployment, at_work, devices, wave_deadline(deployment, wave), now),
        )

    def of_targets(self, deployment: Deployment, shown: Iterable[Target | Unreadable]) -> Mapping[str, TargetWait]:
        """Return what those targets do that are shown and deploying, by device id."""
        at_work = _at_work(shown)
        if not at_work:
            return {}
        devices, deadline = self.devices.many(at_work), wave_deadline(deployment, self._wave(deployment))
        return _target_waits(deployment, at_work, devices, deadline, self.clock())

    def _wave(self, deployment: Deployment) -> Wave | None:
        """Return the wave at work; of one that cannot be read nobody can tell more than that it was to begin."""
        name = wave_at_work(deployment)
        try:
            return self.waves.get(deployment.id, name) if name is not None else None
        except CannotBeRead:
            return None

    def _waited_for(self, deployment: Deployment, wait: Wait) -> list[Target]:
        """Return the first targets that are waited for; those that cannot be read are left out."""
        if not wait.outstanding:
            return []
        if deployment.status is DeploymentStatus.ROLLING_BACK:
            return self._to_return(deployment)
        most = min(MOST_NAMED, wait.outstanding)
        found: list[Target] = []
        # While a wave begins some of its targets are not told yet.
        for status in (TargetStatus.DEPLOYING, TargetStatus.PENDING):
            if len(found) < most:
                left = most - len(found)
                page, _ = self.targets.page(deployment.id, limit=left, after=None, status=status, wave=wait.wave)
                found += [target for target in page if not isinstance(target, Unreadable)]
        return found

    def _to_return(self, deployment: Deployment) -> list[Target]:
        attempt = deployment.rollbacks
        planned = [entry.device_id for entry in self.targets.first_returns(deployment.id, attempt, most=MOST_LOOKED_AT)]
        found: list[Target] = []
        for chunk in chunked(planned):
            if len(found) < MOST_NAMED:
                found += [
                    target
                    for target in self.targets.many(deployment.id, chunk).values()
                    if not isinstance(target, Unreadable) and target.rollback_attempt < attempt
                ]
        return found[:MOST_NAMED]


def _at_work(targets: Iterable[Target | Unreadable]) -> dict[str, Target]:
    return {
        target.device_id: target
        for target in targets
        if not isinstance(target, Unreadable) and target.status is TargetStatus.DEPLOYING
    }


def _target_waits(
    deployment: Deployment,
    at_work: Mapping[str, Target],
    devices: Mapping[str, Device | Unreadable],
    deadline: datetime | None,
    now: datetime,
) -> dict[str, TargetWait]:
    return {
        device_id: target_wait(
            deployment,
            target,
            _readable(devices.get(device_id)),
            deadline=deadline if target.wave == deployment.current_wave else None,
            now=now,
        )
        for device_id, target in at_work.items()
    }


def _offline(waited_for: Sequence[Target], devices: Mapping[str, Device | Unreadable], now: datetime) -> str:
    """Name the first of those devices that are offline, for the end of a sentence."""
    gone = [
        f"{target.device_id} is offline since {write_until(since, now=now)}"
        for target in waited_for
        if (since := offline_since(_readable(devices.get(target.device_id)))) is not None
    ]
    if not gone:
        return ""
    more = len(gone) - MOST_IN_A_SENTENCE
    return f" ({'; '.join(gone[:MOST_IN_A_SENTENCE])}{f'; {more} more are offline' if more > 0 else ''})"


def _readable(device: Device | Unreadable | None) -> Device | None:
    return device if isinstance(device, Device) else None
