"""Before a wave begins, the devices of the wave before show that they are well; one that has fallen silent has failed.

One bulk look at the end of the wait, and nothing in it: whoever says that it is ill, or loses its connection, ends the
wait by that alone (see ``fail_late``). This is for those who say nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from edgeflow.contract.job import MAX_DETAIL_LENGTH
from edgeflow.contract.reasons import Reason
from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.deployments import Deployment, DeploymentAction, Target, TargetStatus
from edgeflow.domain.devices import Device
from edgeflow.domain.errors import CannotBeRead
from edgeflow.domain.evidence import STILL_WELL, Heard, Pace, silence
from edgeflow.domain.jobs import chunked
from edgeflow.domain.unreadable import Unreadable
from edgeflow.domain.waves import WaveResult, wave_name
from edgeflow.use_cases.concurrently import for_each
from edgeflow.use_cases.devices.ports import Reports
from edgeflow.use_cases.rollout.ports import Targets, Waves
from edgeflow.use_cases.rollout.wave_members import tolerated_in_wave


@dataclass(frozen=True, slots=True)
class FailSilent:
    """Fail the devices of a wave that do not show that they are well; they report ``every`` so often at least."""

    targets: Targets
    waves: Waves
    devices: Reports
    clock: Clock
    every: timedelta

    def __call__(self, deployment: Deployment, wave: int) -> WaveResult | None:
        """Look at the devices of a wave whose watched wait is over; the result when silence made it breach, else None.

        Repeatable: after a call that died, the next one counts those that it has failed. Nobody is looked at where
        health is not checked, or where no wait was asked for: there the success was all that was asked for.
        """
        if wave < 1 or not deployment.rules.health_check or not deployment.rules.watched_wait_seconds:
            return None
        members = self.targets.members(deployment.id, wave)
        inside = [target for chunk in chunked(members) for target in self._judged(deployment, wave, chunk)]
        if not any(target.reason == Reason.SILENT for target in inside):
            return None
        failed = sum(target.status is TargetStatus.FAILED for target in inside)
        result = WaveResult(
            wave=wave_name(wave),
            total=len(members),
            succeeded=sum(target.status in STILL_WELL for target in inside),
            failed=failed,
            tolerated=self._tolerated(deployment, wave, members),
            settled=True,
        )
        return result if result.breached else None

    def _judged(self, deployment: Deployment, wave: int, device_ids: Sequence[str]) -> list[Target]:
        """Return the targets of this wave among these as they stand after those that are silent have failed."""
        inside = list(self._inside(deployment, wave, device_ids))
        well = [target for target in inside if target.status in STILL_WELL and not _owes_nothing(deployment, target)]
        devices = self.devices.many([target.device_id for target in well])
        silent = [(target, why) for target in well if (why := self._why(deployment, target, devices)) is not None]
        if not silent:
            return inside
        for_each(partial(self._fail, deployment), silent)
        return list(self._inside(deployment, wave, device_ids))

    def _inside(self, deployment: Deployment, wave: int, device_ids: Sequence[str]) -> Iterator[Target]:
        for target in self.targets.many(deployment.id, device_ids).values():
            # A switch has moved on those that were staged; what cannot be read is mended when it is accounted for.
            if not isinstance(target, Unreadable) and target.wave == wave:
                yield target

    def _why(self, deployment: Deployment, target: Target, devices: dict[str, Device | Unreadable]) -> str | None:
        device = devices.get(target.device_id)
        heard = None
        if isinstance(device, Device) and device.report is not None and device.reported_at is not None:
            heard = Heard(report=device.report, at=device.reported_at)
        return silence(
            target,
            heard,
            flow_id=deployment.flow_id,
            version=deployment.version,
            pace=Pace.of(deployment.rules, self.every),
            now=self.clock(),
        )

    def _fail(self, deployment: Deployment, silent: tuple[Target, str]) -> None:
        target, why = silent
        got_through = "succeeded" if target.status is TargetStatus.SUCCESS else "was staged"
        self.targets.fail_late(
            deployment.id,
            target.device_id,
            was=target.status,
            reason=Reason.SILENT.value,
            message=f"it {got_through}, and fell silent: {why}"[:MAX_DETAIL_LENGTH],
            at=timestamp(self.clock()),
        )

    def _tolerated(self, deployment: Deployment, wave: int, members: Sequence[str]) -> int:
        """Return how many may have failed: what the wave says, since an operator may have accepted more."""
        try:
            opened = self.waves.get(deployment.id, wave_name(wave))
        except CannotBeRead:
            opened = None
        return opened.tolerated if opened is not None else tolerated_in_wave(self.targets, deployment, members)


def _owes_nothing(deployment: Deployment, target: Target) -> bool:
    """Tell whether nothing was asked of the device so far, as a removal asks nothing where there is no flow.

    A blue-green removal fills no slot either: it asks something when it switches.
    """
    removes = deployment.action is DeploymentAction.REMOVE
    return target.had_nothing or (removes and target.status is TargetStatus.STAGED)
