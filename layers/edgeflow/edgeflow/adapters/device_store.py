"""Devices, and what they say of themselves, in the table."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from edgeflow.adapters.expressions import Change, change, names
from edgeflow.adapters.keys import DEVICES_LIST, INSTALL_PREFIX, device_key, device_partition
from edgeflow.adapters.newest import write_newest
from edgeflow.adapters.table import BY_LIST, ConditionFailed, Item, Table
from edgeflow.contract.report import HealthReport
from edgeflow.domain.devices import Device, DeviceState, InstalledFlow, Presence
from edgeflow.domain.errors import Conflict, NotFound
from edgeflow.domain.order import Said

_OURS: Final = "#state = :registering AND #attempt = :attempt"
_OURS_NAMES: Final = names("state", "attempt")
_REGISTERED: Final = Change("#state = :registered", names("state"), {":registered": DeviceState.REGISTERED.value})
_CONNECTIONS_START_AGAIN_MS: Final = 30 * 60 * 1_000
"""AWS IoT numbers a client's connections anew after about an hour without one; half of that tells old from new."""


class DeviceStore:
    """Implements ``DeviceRecords`` for devices and ``Registry`` for deployments."""

    def __init__(self, table: Table) -> None:
        """Keep devices in this table."""
        self._table = table

    def get(self, device_id: str) -> Device:
        """Return a device that is registered or announced. Raises NotFound."""
        device = self.find(device_id)
        if device is None or device.state not in {DeviceState.REGISTERED, DeviceState.ANNOUNCED}:
            raise _no_device(device_id)
        return device

    def find(self, device_id: str) -> Device | None:
        """Return its record in any state, or None."""
        item = self._table.get(device_key(device_id))
        return read_device(item) if item else None

    def page(self, *, limit: int, after: str | None = None) -> tuple[list[Device], str | None]:
        """Return registered and announced devices by id, and the id to go on from."""
        start = None
        if after is not None:
            pk, sk = device_key(after)
            start = {"gsi1pk": DEVICES_LIST, "gsi1sk": after, "pk": pk, "sk": sk}
        page = self._table.query(DEVICES_LIST, index=BY_LIST, limit=limit, start=start)
        found = [read_device(item) for item in page.items]
        return found, found[-1].id if page.last_key and found else None

    def installs(self, device_id: str) -> list[InstalledFlow]:
        """Return what was deployed to the device, by flow id."""
        return [
            InstalledFlow(
                flow_id=item["sk"].removeprefix(INSTALL_PREFIX),
                version=item.get("version"),
                deployment_id=item.get("deployment_id"),
                claimed_by=item.get("claimed_by"),
            )
            for item in self._table.query_all(device_partition(device_id), prefix=INSTALL_PREFIX)
        ]

    def missing(self, device_ids: Iterable[str]) -> list[str]:
        """Return those of the ids that are not registered, each once, in order."""
        wanted = list(dict.fromkeys(device_ids))
        found = self._table.get_many(device_key(device_id) for device_id in wanted)
        registered = {item["device_id"] for item in found.values() if item["state"] == DeviceState.REGISTERED.value}
        return [device_id for device_id in wanted if device_id not in registered]

    def begin(self, device_id: str, *, attempt: str, at: str, by: str) -> Device | None:
        """Start registering, or take over a registration left half-done; returns the record of the try before."""
        pk, sk = device_key(device_id)
        item = {
            "pk": pk,
            "sk": sk,
            "kind": "device",
            "device_id": device_id,
            "state": DeviceState.REGISTERING.value,
            "attempt": attempt,
            "registered_at": at,
            "registered_by": by,
        }
        try:
            self._table.put(item, condition="attribute_not_exists(pk)")
        except ConditionFailed as refusal:
            return self._take_over(read_device(refusal.item), attempt=attempt, at=at, by=by)
        return None

    def note_certificate(self, device_id: str, certificate_arn: str, *, attempt: str) -> None:
        """Remember a certificate before it is put to use. Raises Conflict when another try took over."""
        self._step(device_id, change(add={"certificates": {certificate_arn}}), attempt)

    def finish(self, device_id: str, certificate_arn: str, *, attempt: str) -> None:
        """Make it registered, with this certificate only. Raises Conflict when another try took over."""
        update = change(
            put={
                "state": DeviceState.REGISTERED.value,
                "certificates": {certificate_arn},
                "current_certificate": certificate_arn,
                "gsi1pk": DEVICES_LIST,
                "gsi1sk": device_id,
            }
        )
        self._step(device_id, update, attempt)

    def abandon(self, device_id: str, *, attempt: str) -> bool:
        """Forget a try that failed and was cleaned up. False: another try took over."""
        values = {":registering": DeviceState.REGISTERING.value, ":attempt": attempt}
        try:
            self._table.delete(device_key(device_id), condition=_OURS, values=values, names=_OURS_NAMES)
        except ConditionFailed:
            return False
        return True

    def begin_removal(self, device_id: str) -> Device:
        """Mark it as being removed, hiding it from lists. Repeatable. Raises NotFound."""
        update = change(put={"state": DeviceState.REMOVING.value}, drop=("gsi1pk", "gsi1sk"))
        try:
            item = self._table.update(
                device_key(device_id),
                update.expression,
                values=update.values,
                names=update.names,
                condition="attribute_exists(pk)",
            )
        except ConditionFailed as refusal:
            raise _no_device(device_id) from refusal
        return read_device(item)

    def delete(self, device_id: str) -> None:
        """Delete its record and the records of what was deployed to it. Repeatable."""
        # The device's own record goes last: as long as it is there, removing again finds the rest.
        for item in self._table.query_all(device_partition(device_id), prefix=INSTALL_PREFIX, projection="pk, sk"):
            self._table.delete((item["pk"], item["sk"]))
        values = {":removing": DeviceState.REMOVING.value}
        try:
            self._table.delete(
                device_key(device_id), condition="#state = :removing", values=values, names=names("state")
            )
        except ConditionFailed:
            return  # another removal finished first

    def record_report(self, device_id: str, report: HealthReport, said: Said, *, received_at: str) -> bool:
        """Keep the newest report. False: it is no later than the one there, or the device is not registered."""
        return write_newest(
            self._table,
            device_key(device_id),
            said,
            put={"report": report.model_dump_json(by_alias=True), "last_seen": received_at},
            takes=lambda item: item.get("state") == DeviceState.REGISTERED,
            guard=_REGISTERED,
        )

    def record_presence(self, presence: Presence, *, at: str) -> bool:
        """Keep the newest word on its connection. False: something newer is known, or it is not registered.

        Of two connections the later counts, so the late end of one that was taken over says nothing; of
        one connection the later event counts, and its end when both came in the same millisecond.
        """
        update = change(
            put={
                "connected": presence.connected,
                "connection_number": presence.connection,
                "connection_at_ms": presence.at_ms,
                "connection_changed_at": at,
            }
        )
        values: dict[str, Any] = {":numbered_anew": presence.at_ms - _CONNECTIONS_START_AGAIN_MS}
        same = "#connection_number = :connection_number"
        newer = [
            "attribute_not_exists(#connection_at_ms)",
            "#connection_at_ms < :numbered_anew",
            "#connection_number < :connection_number",
            f"({same} AND #connection_at_ms < :connection_at_ms)",
        ]
        if not presence.connected:
            newer.append(f"({same} AND #connection_at_ms = :connection_at_ms AND #connected = :still_connected)")
            values[":still_connected"] = True
        try:
            self._table.update(
                device_key(presence.device_id),
                update.expression,
                values=update.values | values | _REGISTERED.values,
                names=update.names | _REGISTERED.names,
                condition=f"{_REGISTERED.expression} AND ({' OR '.join(newer)})",
            )
        except ConditionFailed:
            return False
        return True

    def _take_over(self, before: Device, *, attempt: str, at: str, by: str) -> Device:
        update = change(put={"registered_at": at, "registered_by": by})
        values = {
            ":registering": DeviceState.REGISTERING.value,
            ":attempt": before.attempt,
            ":new_attempt": attempt,
        }
        try:
            item = self._table.update(
                device_key(before.id),
                f"{update.expression}, #attempt = :new_attempt",
                values=update.values | values,
                names=update.names | _OURS_NAMES,
                condition=_OURS,
            )
        except ConditionFailed as refusal:
            raise taken(before.id, refusal.item) from refusal
        return read_device(item)

    def _step(self, device_id: str, update: Change, attempt: str) -> None:
        ours = {":registering": DeviceState.REGISTERING.value, ":attempt": attempt}
        try:
            self._table.update(
                device_key(device_id),
                update.expression,
                values=update.values | ours,
                names=update.names | _OURS_NAMES,
                condition=_OURS,
            )
        except ConditionFailed as refusal:
            raise taken(device_id, refusal.item) from refusal


def _no_device(device_id: str) -> NotFound:
    return NotFound(f"there is no device {device_id}")


def taken(device_id: str, item: Item) -> Conflict:
    """Return why a device's record cannot be begun."""
    state = item.get("state")
    if state == DeviceState.REGISTERED.value:
        return Conflict(f"device {device_id} is registered already; remove it first to register it anew")
    if state == DeviceState.ANNOUNCED.value:
        return Conflict(f"device {device_id} is announced to enrol by claim; remove it first to register it otherwise")
    if state == DeviceState.REMOVING.value:
        return Conflict(f"device {device_id} is being removed; finish that with DELETE, then register it")
    return Conflict(f"another request is registering device {device_id} at this moment; look what came of it")


def read_device(item: Item) -> Device:
    """Read a device's record."""
    report = item.get("report")
    reported_at = item.get("last_seen")
    return Device(
        id=item["device_id"],
        state=DeviceState(item["state"]),
        attempt=item["attempt"],
        certificate_arns=frozenset(item.get("certificates", ())),
        current_certificate=item.get("current_certificate"),
        replaced_certificates=frozenset(item.get("replaced_certificates", ())),
        claimable=item.get("claimable", False),
        registered_at=item.get("registered_at"),
        registered_by=item.get("registered_by"),
        connected=item.get("connected"),
        connection_changed_at=item.get("connection_changed_at"),
        last_seen=_latest(item),
        report=HealthReport.model_validate_json(report) if report else None,
        reported_at=datetime.fromisoformat(reported_at) if reported_at else None,
        presence=_presence(item),
    )


def _presence(item: Item) -> Presence | None:
    if "connection_at_ms" not in item:
        return None
    return Presence(
        device_id=item["device_id"],
        connected=item["connected"],
        connection=item["connection_number"],
        at_ms=item["connection_at_ms"],
    )


def _latest(item: Item) -> str | None:
    """The last sign of life: a report, or a change of its connection."""
    return max(filter(None, (item.get("last_seen"), item.get("connection_changed_at"))), default=None)
