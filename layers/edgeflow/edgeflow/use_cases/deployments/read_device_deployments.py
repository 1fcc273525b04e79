"""Reading the deployments of one device, with what became of the device in each."""

from dataclasses import dataclass

from edgeflow.domain.deployments import ANY_DEPLOYMENT, Deployment, DeploymentFilter, Target
from edgeflow.domain.target_waiting import TargetWait
from edgeflow.domain.unreadable import Unreadable
from edgeflow.use_cases.deployments.ports import DeviceDeployments
from edgeflow.use_cases.deployments.read_waits import ReadWaits
from edgeflow.use_cases.rollout.ports import Targets


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceDeployment:
    """One entry of such a list. ``target`` is None where the target was removed meanwhile."""

    deployment: Deployment | Unreadable
    target: Target | Unreadable | None = None
    wait: TargetWait | None = None
    """What the device is at; None unless it is deploying."""


@dataclass(frozen=True, slots=True)
class ReadDeviceDeployments:
    """Look, and change nothing."""

    deployments: DeviceDeployments
    targets: Targets
    waits: ReadWaits

    def page(
        self,
        device_id: str,
        *,
        limit: int,
        after: str | None = None,
        wanted: DeploymentFilter = ANY_DEPLOYMENT,
        oldest_first: bool = False,
    ) -> tuple[list[DeviceDeployment], str | None]:
        """Return the deployments planned for a device, newest or oldest first, and the position to go on from.

        A device that nobody knows has none, and one that was removed keeps its own. What a device is at is looked up
        only where it is deploying, which is in one deployment of a flow at most.
        """
        found, position = self.deployments.page(
            device_id, limit=limit, after=after, wanted=wanted, oldest_first=oldest_first
        )
        targets = self.targets.of_device(device_id, [each.id for each in found if isinstance(each, Deployment)])
        return [self._entry(device_id, each, targets.get(each.id)) for each in found], position

    def _entry(
        self, device_id: str, deployment: Deployment | Unreadable, target: Target | Unreadable | None
    ) -> DeviceDeployment:
        if isinstance(deployment, Unreadable) or target is None:
            return DeviceDeployment(deployment=deployment)
        wait = self.waits.of_targets(deployment, [target]).get(device_id)
        return DeviceDeployment(deployment=deployment, target=target, wait=wait)
