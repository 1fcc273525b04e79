"""Claims: two deployments of one flow to one device never run at once."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from edgeflow.contract.wording import counted
from edgeflow.domain.deployments import UNFINISHED, list_some
from edgeflow.domain.errors import CannotBeRead, NotFound
from edgeflow.domain.unreadable import Unreadable
from edgeflow.use_cases.concurrently import for_each
from edgeflow.use_cases.devices.ports import Install
from edgeflow.use_cases.rollout.ports import Deployments, Installs

_MOST_HOLDERS_NAMED: Final = 10


@dataclass(frozen=True, slots=True)
class Claimed:
    """What came of claiming: the records of devices claimed, and the holders of those that are not."""

    installs: dict[str, Install] = field(default_factory=dict)
    conflicts: dict[str, str] = field(default_factory=dict)
    """The unfinished deployment that holds the device, by device id."""
    unreadable: set[str] = field(default_factory=set)
    """Devices of which nobody can tell what they run of the flow, or who claims it."""


@dataclass(frozen=True, slots=True)
class Claims:
    """Claims of one deployment on one flow on many devices."""

    deployments: Deployments
    installs: Installs

    def take(self, deployment_id: str, flow_id: str, device_ids: Iterable[str]) -> Claimed:
        """Claim the flow on each device. What a finished deployment left claimed is taken over.

        A deployment that cannot be read holds what it claims until it is deleted: its devices may be at work.
        """
        claimed = Claimed()
        unfinished: dict[str, bool] = {}

        def claim(device_id: str) -> Install | Unreadable:
            return self.installs.claim(device_id, flow_id, deployment_id)

        for found in for_each(claim, device_ids):
            install = found
            if isinstance(install, Unreadable):
                claimed.unreadable.add(install.of)
                continue
            holder = install.claimed_by
            if holder is not None and holder != deployment_id:
                if holder not in unfinished:
                    unfinished[holder] = self._is_unfinished(holder)
                if not unfinished[holder]:
                    install = self.installs.take_over(install.device_id, flow_id, deployment_id, stale=holder)
            if isinstance(install, Unreadable):
                claimed.unreadable.add(install.of)
            elif install.claimed_by == deployment_id:
                claimed.installs[install.device_id] = install
            else:
                claimed.conflicts[install.device_id] = install.claimed_by or "another deployment"
        return claimed

    def conflicts(self, deployment_id: str, flow_id: str, device_ids: Iterable[str]) -> dict[str, str]:
        """Return the unfinished deployments that hold some of the devices now, by device id; claims nothing."""
        held: dict[str, str] = {}
        unfinished: dict[str, bool] = {}
        for device_id, install in self.installs.many(device_ids, flow_id).items():
            holder = install.claimed_by if not isinstance(install, Unreadable) else None
            if holder is None or holder == deployment_id:
                continue  # of one that cannot be read nobody can tell; planning fails that device alone
            if holder not in unfinished:
                unfinished[holder] = self._is_unfinished(holder)
            if unfinished[holder]:
                held[device_id] = holder
        return held

    def release(self, deployment_id: str, flow_id: str, device_ids: Iterable[str]) -> None:
        """Give up those of the claims that are held."""

        def give_up(device_id: str) -> None:
            self.installs.release(device_id, flow_id, deployment_id)

        for_each(give_up, device_ids)

    def _is_unfinished(self, deployment_id: str) -> bool:
        try:
            return self.deployments.get(deployment_id).status in UNFINISHED
        except NotFound:
            return False
        except CannotBeRead:
            return True


def describe_conflicts(conflicts: dict[str, str]) -> str:
    """Write which devices are held by which deployments, in a sentence."""
    by_holder: dict[str, list[str]] = {}
    for device_id, holder in sorted(conflicts.items()):
        by_holder.setdefault(holder, []).append(device_id)
    parts = [f"{holder} is deploying this flow to {list_some(devices)}" for holder, devices in by_holder.items()]
    more = counted(len(parts[_MOST_HOLDERS_NAMED:]), "more deployment", "holds", "hold")
    shown = [*parts[:_MOST_HOLDERS_NAMED], *([f"{more} others"] if parts[_MOST_HOLDERS_NAMED:] else [])]
    return "; ".join(shown) + "; wait for it to end, cancel it, or roll it back"
