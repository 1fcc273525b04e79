"""Skipping the devices of a wave that are not connected when it begins, where a deployment asks for that.

One bulk look at what the fleet's records say of connections, and nothing polls. A device that goes offline after the
look, or whose record says wrongly that it is connected, has its job, and is waited for until the wave's timeout.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from edgeflow.contract.history.deployments import Paused
from edgeflow.contract.reasons import Reason
from edgeflow.contract.wording import agreeing, counted
from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.deployments import Deployment, DeploymentStatus, TargetStatus, list_some
from edgeflow.domain.devices import why_offline
from edgeflow.domain.errors import Conflict
from edgeflow.domain.history import Entry, Part, system
from edgeflow.domain.jobs import chunked
from edgeflow.domain.unreadable import Unreadable
from edgeflow.use_cases.concurrently import for_each
from edgeflow.use_cases.devices.ports import Reports
from edgeflow.use_cases.rollout.ports import Deployments, TargetOutcome, Targets

_PENDING: Final = frozenset({TargetStatus.PENDING})


@dataclass(frozen=True, slots=True)
class SkipOffline:
    """Skip who is offline, but never all of the canaries. Repeatable: whoever has been told is skipped no more."""

    deployments: Deployments
    targets: Targets
    devices: Reports
    clock: Clock

    def __call__(self, deployment: Deployment, wave: int, members: Sequence[str]) -> bool:
        """Settle those of a wave's devices that are not connected as ``skipped``/``offline``.

        False: the wave must not begin. None of the canaries is connected, and without them nothing would show that the
        rest can have the version: nobody is skipped, and the deployment is paused.

        A switch skips nobody: what is staged was reached, and a device that is gone since may be gone because of it.
        """
        if not deployment.rules.skip_offline or deployment.strategy.switches(wave):
            return True
        offline = self._offline(members)
        # Paused: somebody was quicker, or this is a late copy of the message that paused it.
        held = len(offline) == len(members) or deployment.status is DeploymentStatus.PAUSED
        if held and self._proves(deployment, wave) and self._is_unbegun(deployment, members):
            self._pause(deployment, members)
            return False
        for_each(partial(self._skip, deployment), list(offline.items()))
        return True

    def _offline(self, members: Sequence[str]) -> dict[str, str]:
        """Return which of the devices are offline, and why that is said. One that is gone is left to its job."""
        return {
            device_id: why
            for chunk in chunked(members)
            for device_id, device in self.devices.many(chunk).items()
            if (why := why_offline(device)) is not None
        }

    def _proves(self, deployment: Deployment, wave: int) -> bool:
        return deployment.strategy.proves(wave) and wave < deployment.waves

    def _is_unbegun(self, deployment: Deployment, members: Sequence[str]) -> bool:
        """Tell whether no device of the wave was told so far: this is not a message that came twice."""
        found = self.targets.many(deployment.id, members).values()
        return all(isinstance(target, Unreadable) or target.status is TargetStatus.PENDING for target in found)

    def _skip(self, deployment: Deployment, offline: tuple[str, str]) -> None:
        device_id, why = offline
        outcome = TargetOutcome(
            status=TargetStatus.SKIPPED,
            reason=Reason.OFFLINE.value,
            message=f"not connected when its wave began: {why}; retry deploys to it",
            reached=False,
        )
        self.targets.skip(deployment.id, device_id, outcome, at=timestamp(self.clock()), unbegun=_PENDING)

    def _pause(self, deployment: Deployment, canaries: Sequence[str]) -> None:
        at = timestamp(self.clock())
        try:
            self.deployments.change_status(
                deployment.id,
                allowed={DeploymentStatus.RUNNING},
                to=DeploymentStatus.PAUSED,
                reason=_nobody_proves_it(canaries),
                at=at,
                entry=Entry(at=at, actor=system(Part.DISPATCH_WAVE), details=Paused(cause="offline")),
            )
        except Conflict:
            return  # somebody has paused or stopped it: the machine looks at what it is now


def _nobody_proves_it(canaries: Sequence[str]) -> str:
    none = agreeing(len(canaries), "the one canary is not", f"none of the {counted(len(canaries), 'canary')} is")
    return (
        f"{none} connected ({list_some(list(canaries))}), so nothing was deployed, and"
        " nothing shows that the rest can have the version; resume looks again"
    )
