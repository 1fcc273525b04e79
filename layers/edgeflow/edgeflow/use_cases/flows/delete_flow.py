"""Deleting a flow with all its versions."""

from dataclasses import dataclass
from typing import Final

from edgeflow.contract.history.details import Actor
from edgeflow.contract.history.flows import FlowDeleted
from edgeflow.contract.wording import counted
from edgeflow.domain.clock import Clock, milliseconds, timestamp
from edgeflow.domain.devices import Device
from edgeflow.domain.errors import CannotBeRead, Conflict, NotFound
from edgeflow.domain.fleet import DeviceFilter
from edgeflow.domain.flows import Flow, require_revision
from edgeflow.domain.history import Entry
from edgeflow.domain.order import Said
from edgeflow.domain.unreadable import Unreadable
from edgeflow.use_cases.devices.ports import FindDevices, Install, InstallReports
from edgeflow.use_cases.flows.ports import FlowRecords

MAX_COUNTED: Final = 1_000
"""Devices that are counted for the answer; where there are more, it says so."""
_PAGE: Final = 200


@dataclass(frozen=True, slots=True)
class DeleteFlow:
    """Delete a flow that no unfinished deployment needs, and that no device runs."""

    flows: FlowRecords
    devices: FindDevices
    installs: InstallReports
    clock: Clock

    def __call__(self, flow_id: str, *, caller: Actor, expected: frozenset[int] | None) -> None:
        """Delete it. The bytes of its versions stay: flows with equal definitions share them; and so does its history.

        A flow that cannot be read can be deleted whatever runs it: what is damaged must not stay for good.

        Raises:
            NotFound: there is no such flow.
            PreconditionFailed: it has changed since the caller read it.
            Conflict: deployments are unfinished, which the message names; or devices run it, and it says how many.
        """
        flow = self._find(flow_id)
        if flow is not None and not flow.open_deployments and flow.latest_version is not None:
            require_revision(flow, expected)
            self._refuse_running(flow_id)
        entry = Entry(at=timestamp(self.clock()), actor=caller, details=FlowDeleted())
        self.flows.delete(flow_id, revisions=expected, entry=entry)

    def _find(self, flow_id: str) -> Flow | None:
        try:
            return self.flows.get(flow_id)
        except (NotFound, CannotBeRead):
            return None  # what a delete that died has left is deleted, and so is what is damaged

    def _refuse_running(self, flow_id: str) -> None:
        running = 0
        after: str | None = None
        while True:
            found, after = self.devices.page(limit=_PAGE, after=after, wanted=DeviceFilter(flow_id=flow_id))
            running += self._still_running(flow_id, found)
            if after is None or running > MAX_COUNTED:
                break
        if running:
            raise Conflict(_in_the_way(flow_id, running))

    def _still_running(self, flow_id: str, devices: list[Device | Unreadable]) -> int:
        """Count those of which nothing later is known than the report that names the flow."""
        ids = [device.id for device in devices]
        installs = self.installs.many(ids, flow_id) if ids else {}
        return sum(not _removed_since(device, installs.get(device.id)) for device in devices)


def _removed_since(device: Device | Unreadable, install: Install | Unreadable | None) -> bool:
    """Tell whether the device said, after its newest report of the flow, that it has removed it."""
    if isinstance(device, Unreadable) or device.report is None:
        return False
    if install is None or isinstance(install, Unreadable) or install.said is None or install.version is not None:
        return False
    received_ms = milliseconds(device.reported_at) if device.reported_at is not None else None
    reported = Said(epoch=device.report.epoch, sequence=device.report.sequence, received_ms=received_ms)
    return install.said.is_after(reported)


def _in_the_way(flow_id: str, running: int) -> str:
    how_many = (
        f"more than {MAX_COUNTED:,} devices run" if running > MAX_COUNTED else counted(running, "device", "runs", "run")
    )
    return (
        f"{how_many} flow {flow_id} (GET /v1/devices?flow_id={flow_id} lists them); take it off them with a deployment"
        ' whose action is "remove", and remove devices that are gone for good; then delete it'
    )
