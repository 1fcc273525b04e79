"""Targets whose records cannot be read, before a deployment goes by them: one of them must not hold the others up."""

from collections.abc import Iterable
from dataclasses import dataclass

from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.deployments import Target
from edgeflow.domain.unreadable import Unreadable
from edgeflow.use_cases.concurrently import for_each
from edgeflow.use_cases.rollout.ports import Targets


@dataclass(frozen=True, slots=True)
class MendTargets:
    """Write such targets anew with what can be read of them. Repeatable.

    A status that cannot be read becomes ``deploying``. Neither that nor the damage itself is counted; how the target
    ends then is, once its job was asked.
    """

    targets: Targets
    clock: Clock

    def all(self, deployment_id: str) -> list[Target]:
        """Return every target by device id, after mending those that need it."""
        return self._mended(deployment_id, self.targets.all(deployment_id))

    def many(self, deployment_id: str, device_ids: Iterable[str]) -> dict[str, Target]:
        """Return those that exist by device id, after mending those that need it."""
        found = self._mended(deployment_id, self.targets.many(deployment_id, device_ids).values())
        return {target.device_id: target for target in found}

    def _mended(self, deployment_id: str, found: Iterable[Target | Unreadable]) -> list[Target]:
        read = list(found)
        damaged = [target.id for target in read if isinstance(target, Unreadable)]
        if not damaged:
            return [target for target in read if not isinstance(target, Unreadable)]
        at = timestamp(self.clock())

        def mend(device_id: str) -> None:
            self.targets.mend(deployment_id, device_id, at=at)

        for_each(mend, damaged)
        mended = self.targets.many(deployment_id, damaged)
        # What somebody else wrote at the same moment may still be unreadable; it is looked at the next time.
        return [
            target
            for target in (mended.get(each.id) if isinstance(each, Unreadable) else each for each in read)
            if target is not None and not isinstance(target, Unreadable)
        ]
