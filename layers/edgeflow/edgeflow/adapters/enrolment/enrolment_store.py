"""Certificates of devices, as far as enrolment and rotation go, on the devices' records in the table."""

from typing import Any, Final

from edgeflow.adapters.devices.device_items import read_device
from edgeflow.adapters.devices.device_store import taken
from edgeflow.adapters.devices.fleet_index import FLEET, fleet_of
from edgeflow.adapters.devices.newest_reports import beginning_reports
from edgeflow.adapters.expressions import Change, change, names
from edgeflow.adapters.keys import DEVICES_LIST, device_key
from edgeflow.adapters.readable import require
from edgeflow.adapters.table import ConditionFailed, Table
from edgeflow.domain.devices import Device, DeviceState
from edgeflow.domain.errors import Conflict

_ANNOUNCED: Final = DeviceState.ANNOUNCED.value
_REGISTERED: Final = DeviceState.REGISTERED.value
_ALIVE: Final = "#state IN (:announced, :registered)"
_USABLE: Final = (
    "contains(#certificates, :current_certificate) AND "
    "(attribute_not_exists(#replaced_certificates) OR NOT contains(#replaced_certificates, :current_certificate))"
)
"""The certificate that is to be the current one is on the record, and not being revoked."""
_ALIVE_VALUES: Final = {":announced": _ANNOUNCED, ":registered": _REGISTERED}


class EnrolmentStore:
    """Implements ``Enrolments``."""

    def __init__(self, table: Table) -> None:
        """Keep devices in this table, beside what ``DeviceStore`` keeps of them."""
        self._table = table

    def find(self, device_id: str) -> Device | None:
        """Return its record in any state, or None. Raises CannotBeRead."""
        item = self._table.get(device_key(device_id))
        return require(item, read_device) if item else None

    def announce(self, device_id: str, *, at: str, by: str) -> Device:
        """Expect the device to enrol by claim. Raises Conflict in any state but announced."""
        pk, sk = device_key(device_id)
        item = {
            "pk": pk,
            "sk": sk,
            "kind": "device",
            "device_id": device_id,
            "state": _ANNOUNCED,
            "attempt": "claim",
            "claimable": True,
            "registered_at": at,
            "registered_by": by,
            "gsi1pk": DEVICES_LIST,
            "gsi1sk": device_id,
            FLEET: fleet_of(device_id, None),
        }
        try:
            self._table.put(item, condition="attribute_not_exists(pk)")
        except ConditionFailed as refusal:
            if refusal.item.get("state") != _ANNOUNCED:
                raise taken(device_id, refusal.item) from refusal
            return require(refusal.item, read_device)
        return require(item, read_device)

    def permit_again(self, device_id: str) -> Device:
        """Let a registered device enrol by claim once more. Raises Conflict when it is not registered."""
        allowed = change(put={"claimable": True})
        device = self._change(device_id, allowed, "#state = :registered", {":registered": _REGISTERED}, "state")
        if device is None:
            message = f"device {device_id} is not registered any more; announce it without re_enrol"
            raise Conflict(message)
        return device

    def withdraw_announcement(self, device_id: str) -> None:
        """Forget an announced device that got no certificate yet; nothing when it got one."""
        try:
            self._table.delete(
                device_key(device_id),
                condition="#state = :announced AND attribute_not_exists(#certificates)",
                values={":announced": _ANNOUNCED},
                names=names("state", "certificates"),
            )
        except ConditionFailed:
            return

    def note_claimed(self, device_id: str, certificate: str, *, most: int) -> Device | None:
        """Remember a certificate that is about to be given out for a claim; None when it may not be."""
        room = "(attribute_not_exists(#certificates) OR size(#certificates) < :most OR contains(#certificates, :one))"
        return self._change(
            device_id,
            change(add={"certificates": {certificate}}),
            f"{_ALIVE} AND #claimable = :yes AND {room}",
            _ALIVE_VALUES | {":yes": True, ":most": most, ":one": certificate},
            "state",
            "claimable",
        )

    def note_rotated(
        self,
        device_id: str,
        certificate: str,
        *,
        presented: str,
        replaces: frozenset[str],
        at: str,
        none_since: str,
    ) -> Device | None:
        """Remember a certificate that is about to be given out to who connected with ``presented``; None: refused."""
        given_out = change(
            put={"current_certificate": presented, "rotating": certificate, "rotating_since": at},
            add={"certificates": {certificate}} | ({"replaced_certificates": set(replaces)} if replaces else {}),
        )
        # A hook that AWS IoT calls twice for one request is answered the same; and who presents the one that was given
        # out has connected with it, though the word of that has not come yet.
        free = (
            "(attribute_not_exists(#rotating_since) OR #rotating_since < :none_since "
            "OR #rotating IN (:rotating, :current_certificate))"
        )
        return self._change(
            device_id,
            given_out,
            f"#state = :registered AND {_USABLE} AND {free}",
            {":registered": _REGISTERED, ":none_since": none_since},
            "state",
            "replaced_certificates",
        )

    def confirm(self, device_id: str, certificate: str, *, replaces: frozenset[str]) -> bool:
        """Make this certificate the current one in place of those, and the device registered."""
        proven = change(
            put={"state": _REGISTERED, "current_certificate": certificate},
            add={"replaced_certificates": set(replaces)} if replaces else None,
            drop=("claimable", "rotating", "rotating_since"),
        )
        registered = self._table.update_action(
            device_key(device_id),
            proven.expression,
            values=proven.values | {":announced": _ANNOUNCED},
            names=proven.names | names("certificates", "replaced_certificates"),
            condition=f"#state IN (:announced, :state) AND {_USABLE}",
        )
        try:
            self._table.transact([registered, beginning_reports(self._table, device_id)])
        except ConditionFailed:
            return False
        return True

    def drop(self, device_id: str, certificate: str) -> None:
        """Forget a certificate that was withdrawn. Repeatable."""
        gone = change(delete={"certificates": {certificate}, "replaced_certificates": {certificate}})
        self._change(device_id, gone, "attribute_exists(pk)", {})

    def _change(
        self, device_id: str, update: Change, condition: str, values: dict[str, Any], *attributes: str
    ) -> Device | None:
        try:
            item = self._table.update(
                device_key(device_id),
                update.expression,
                values=update.values | values,
                names=update.names | names(*attributes),
                condition=condition,
            )
        except ConditionFailed:
            return None
        return require(item, read_device)
