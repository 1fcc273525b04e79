"""From what was asked for, devices and thing groups, to the devices that a deployment deploys to."""

from dataclasses import dataclass
from typing import Final

from edgeflow.contract.rest.settings import MAX_TARGET_DEVICES
from edgeflow.domain.deployments import Deployment, list_some
from edgeflow.domain.errors import Conflict, NotFound
from edgeflow.domain.strategies import too_many_waves
from edgeflow.use_cases.deployments.ports import Manifest, Manifests, ThingGroups
from edgeflow.use_cases.devices.ports import Registry

_TOO_MANY: Final = (
    f"the target devices and groups make more than {MAX_TARGET_DEVICES} targets, the most that a deployment may have;"
    " use several deployments"
)


@dataclass(frozen=True, slots=True)
class ResolveTargets:
    """Look who is in the groups; keep nothing."""

    manifests: Manifests
    groups: ThingGroups
    registry: Registry

    def __call__(self, deployment: Deployment) -> list[str]:
        """Return the targets, each once: devices in the order given, then other members of groups by id.

        A list that was frozen is returned as it is.

        Raises:
            Conflict: a group is gone or empty, members are not registered, or there are too many targets or waves.
        """
        asked = self.manifests.asked(deployment.id)
        if asked.targets is not None:
            return list(asked.targets)
        named = dict.fromkeys(asked.devices)
        members = sorted(self._members(asked) - named.keys())
        strangers = self.registry.missing(members)
        if strangers:
            message = (
                f"the target groups hold things that are not registered: {list_some(strangers)};"
                " POST /v1/devices registers them, or take them out of the groups"
            )
            raise Conflict(message)
        targets = [*named, *members]
        fault = too_many_waves(len(targets), deployment.strategy, deployment.rules)
        if fault is not None:
            message = f"{fault} in a new deployment"
            raise Conflict(message)
        return targets

    def _members(self, asked: Manifest) -> set[str]:
        found = set(asked.devices)
        gone: list[str] = []
        empty: list[str] = []
        for name in asked.groups:
            try:
                if not self._add_members(name, found):
                    empty.append(name)
            except NotFound:
                gone.append(name)
        faults = [
            *([f"there is no thing group {list_some(gone)} any more"] if gone else []),
            *([f"nobody is in thing group {list_some(empty)}"] if empty else []),
        ]
        if faults:
            raise Conflict("; ".join(faults))
        return found

    def _add_members(self, group_name: str, found: set[str]) -> bool:
        """Add the members of a group to those found; tells whether it has any."""
        some = False
        for device_id in self.groups.members(group_name):
            some = True
            found.add(device_id)
            if len(found) > MAX_TARGET_DEVICES:
                # A group can be far larger: listing the rest of it would take more time than a request has.
                raise Conflict(_TOO_MANY)
        return some
