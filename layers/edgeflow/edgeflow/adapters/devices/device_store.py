"""Devices, and what they say of themselves, in the table."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from edgeflow.adapters.devices.device_items import certificates_on, read_device, read_installed, read_whole_device
from edgeflow.adapters.devices.fleet_index import FLEET, condition_of, fleet_of, shows
from edgeflow.adapters.devices.newest_reports import begin_reports, end_reports, record_report
from edgeflow.adapters.expressions import Change, change, names
from edgeflow.adapters.keys import (
    DEVICES_LIST,
    INSTALL_PREFIX,
    REPORT_SORT_KEY,
    Key,
    device_key,
    device_partition,
    report_key,
)
from edgeflow.adapters.pages import page_of
from edgeflow.adapters.readable import readable, require
from edgeflow.adapters.table import BY_FLEET, BY_LIST, ConditionFailed, Item, Table
from edgeflow.contract.report import HealthReport
from edgeflow.domain.devices import Device, DeviceState, InstalledFlow, Presence
from edgeflow.domain.errors import Conflict, NotFound, UnderWay
from edgeflow.domain.fleet import ANY_DEVICE, DeviceFilter
from edgeflow.domain.order import Said
from edgeflow.domain.unreadable import Unreadable

LOOKED_AT_A_QUERY: Final = 1_000
"""Devices that one query of a filtered page looks at, by their entries in the index: a quarter of a megabyte."""

_OURS: Final = "#state = :registering AND #attempt = :attempt"
_OURS_NAMES: Final = names("state", "attempt")
_REGISTERED: Final = Change("#state = :registered", names("state"), {":registered": DeviceState.REGISTERED.value})
_CONNECTIONS_START_AGAIN_MS: Final = 30 * 60 * 1_000
"""AWS IoT numbers a client's connections anew after about an hour without one; half of that tells old from new."""


class DeviceStore:
    """Implements ``DeviceRecords``, ``Registrations``, ``HealthReports``, ``Reports`` and ``Registry``."""

    def __init__(self, table: Table) -> None:
        """Keep devices in this table."""
        self._table = table

    def get(self, device_id: str) -> Device:
        """Return a device that is registered or announced, with its newest report. Raises NotFound, CannotBeRead."""
        items = self._with_reports([device_key(device_id)])
        item = items.get(device_key(device_id))
        device = require(item, lambda item: read_whole_device(item, _report_of(item, items))) if item else None
        if device is None or device.state not in {DeviceState.REGISTERED, DeviceState.ANNOUNCED}:
            raise _no_device(device_id)
        return device

    def find(self, device_id: str) -> Device | None:
        """Return its record in any state, without its report, or None. Raises CannotBeRead."""
        items = self._with_reports([device_key(device_id)])
        item = items.get(device_key(device_id))
        return require(item, lambda item: read_device(item, _report_of(item, items))) if item else None

    def many(self, device_ids: Iterable[str]) -> dict[str, Device | Unreadable]:
        """Return those that are registered, by device id, each with its newest report."""
        keys = [device_key(device_id) for device_id in dict.fromkeys(device_ids)]
        items = self._with_reports(keys)
        devices = [_read_whole(items[key], items) for key in keys if key in items]
        return {
            device.id: device
            for device in devices
            if isinstance(device, Unreadable) or device.state is DeviceState.REGISTERED
        }

    def exists(self, device_id: str) -> bool:
        """Tell whether there is a record of it, in any state, readable or not."""
        return self._table.get(device_key(device_id)) is not None

    def page(
        self, *, limit: int, after: str | None = None, wanted: DeviceFilter = ANY_DEVICE
    ) -> tuple[list[Device | Unreadable], str | None]:
        """Return registered and announced devices that are wanted, by id, and the id to go on from."""
        start = None
        if after is not None:
            pk, sk = device_key(after)
            start = {"gsi1pk": DEVICES_LIST, "gsi1sk": after, "pk": pk, "sk": sk}
        if wanted != ANY_DEVICE:
            return self._page_of_wanted(wanted, limit=limit, start=start)
        items, last = page_of(
            lambda most, start: self._table.query(DEVICES_LIST, index=BY_LIST, limit=most, start=start),
            limit=limit,
            start=start,
        )
        reports = self._table.get_many(report_key(item["gsi1sk"]) for item in items)
        return [_read_whole(item, reports) for item in items], last["gsi1sk"] if last else None

    def installs(self, device_id: str) -> list[InstalledFlow | Unreadable]:
        """Return what was deployed to the device, by flow id."""
        items = self._table.query_all(device_partition(device_id), prefix=INSTALL_PREFIX)
        return [readable(item, read_installed) for item in items]

    def missing(self, device_ids: Iterable[str]) -> list[str]:
        """Return those of the ids that are not registered, each once, in order."""
        wanted = list(dict.fromkeys(device_ids))
        found = self._table.get_many(device_key(device_id) for device_id in wanted)
        registered = {key for key, item in found.items() if item.get("state") == DeviceState.REGISTERED.value}
        return [device_id for device_id in wanted if device_key(device_id) not in registered]

    def begin(self, device_id: str, *, attempt: str, at: str, dead_before: str, by: str) -> Device | None:
        """Start registering, or take over a registration that died; returns the record of the try before."""
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
            FLEET: fleet_of(device_id, None),
        }
        try:
            self._table.put(item, condition="attribute_not_exists(pk)")
        except ConditionFailed as refusal:
            before = require(refusal.item, read_device)
            return self._take_over(before, attempt=attempt, at=at, dead_before=dead_before, by=by)
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
        begin_reports(self._table, device_id)  # first: a registered device without it would be heard by nobody
        self._step(device_id, update, attempt)

    def abandon(self, device_id: str, *, attempt: str) -> bool:
        """Forget a try that failed and was cleaned up. False: another try took over."""
        values = {":registering": DeviceState.REGISTERING.value, ":attempt": attempt}
        try:
            self._table.delete(device_key(device_id), condition=_OURS, values=values, names=_OURS_NAMES)
        except ConditionFailed:
            return False
        end_reports(self._table, device_id)
        return True

    def begin_removal(self, device_id: str) -> frozenset[str]:
        """Mark it as being removed, hiding it from lists, whatever its record holds; returns the certificates there.

        Repeatable. Raises NotFound.
        """
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
        end_reports(self._table, device_id)
        return certificates_on(item)

    def delete(self, device_id: str) -> None:
        """Delete its record and the records of what was deployed to it. Repeatable."""
        # The device's own record goes last: as long as it is there, removing again finds the rest.
        for item in self._table.query_all(device_partition(device_id), prefix=INSTALL_PREFIX, projection="pk, sk"):
            self._table.delete((item["pk"], item["sk"]))
        end_reports(self._table, device_id)  # again, for a registration that was under way when the removal began
        values = {":removing": DeviceState.REMOVING.value}
        try:
            self._table.delete(
                device_key(device_id), condition="#state = :removing", values=values, names=names("state")
            )
        except ConditionFailed:
            return  # another removal finished first

    def record_report(self, device_id: str, report: HealthReport, said: Said, *, received_at: str) -> bool:
        """Keep the newest report. False: it is no later than the one there, or the device is not registered."""
        return record_report(self._table, device_id, report, said, received_at=received_at)

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

    def _page_of_wanted(
        self, wanted: DeviceFilter, *, limit: int, start: dict[str, str] | None
    ) -> tuple[list[Device | Unreadable], str | None]:
        """Find devices by the index of the fleet, then look at each of them whole, for the index may be behind."""
        condition = condition_of(wanted)
        entries, last = page_of(
            lambda most, start: self._table.query(
                DEVICES_LIST,
                index=BY_FLEET,
                limit=most,
                start=start,
                filtering=condition.expression,
                values=condition.values,
                names=condition.names,
            ),
            limit=limit,
            start=start,
            at_a_time=LOOKED_AT_A_QUERY,
        )
        items = self._with_reports([(entry["pk"], entry["sk"]) for entry in entries])
        found: list[Device | Unreadable] = []
        for entry in entries:
            item = items.get((entry["pk"], entry["sk"]))
            device = _read_whole(item, items) if item and item.get("gsi1pk") == DEVICES_LIST else None
            if isinstance(device, Unreadable):
                found += [device] if shows(entry, wanted) else []
            elif device is not None and wanted.matches(device):
                found.append(device)
        return found, last["gsi1sk"] if last else None

    def _with_reports(self, devices: Iterable[Key]) -> dict[Key, Item]:
        """Return items of devices and of their newest reports."""
        return self._table.get_many(key for pk, sk in devices for key in ((pk, sk), (pk, REPORT_SORT_KEY)))

    def _take_over(self, before: Device, *, attempt: str, at: str, dead_before: str, by: str) -> Device:
        update = change(put={"registered_at": at, "registered_by": by})
        values = {
            ":registering": DeviceState.REGISTERING.value,
            ":attempt": before.attempt,
            ":new_attempt": attempt,
            ":dead_before": dead_before,
        }
        try:
            item = self._table.update(
                device_key(before.id),
                f"{update.expression}, #attempt = :new_attempt",
                values=update.values | values,
                names=update.names | _OURS_NAMES,
                condition=f"{_OURS} AND #registered_at < :dead_before",
            )
        except ConditionFailed as refusal:
            raise taken(before.id, refusal.item) from refusal
        return require(item, read_device)

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


def _report_of(item: Item, items: Mapping[Key, Item]) -> Item | None:
    return items.get((item["pk"], REPORT_SORT_KEY))


def _read_whole(item: Item, items: Mapping[Key, Item]) -> Device | Unreadable:
    return readable(item, lambda item: read_whole_device(item, _report_of(item, items)))


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
    message = f"another request is registering device {device_id} at this moment; look what came of it in a minute"
    return UnderWay(message, seconds=60)
