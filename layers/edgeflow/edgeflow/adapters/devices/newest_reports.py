"""The newest report of each device, in an item of its own, and what the indexes hold of it.

No index copies a report, so taking one in costs one write of it. Only where it changes what ``by_fleet`` shows the
device's own item is written, too, which the indexes do copy. The report's item remembers what is shown (``shown``).
"""

import json
from contextlib import suppress
from hashlib import sha256
from typing import Any, Final

from edgeflow.adapters.devices.fleet_index import FLEET, fleet_of
from edgeflow.adapters.devices.stored_reports import write_report
from edgeflow.adapters.expressions import Change, change, names
from edgeflow.adapters.keys import device_key, report_key
from edgeflow.adapters.newest import read_said, write_newest
from edgeflow.adapters.table import ConditionFailed, Item, Table
from edgeflow.contract.report import HealthReport
from edgeflow.domain.devices import DeviceState
from edgeflow.domain.order import Said

KIND: Final = "report"
_SHOWN: Final = "shown"
_THERE: Final = Change("attribute_exists(pk)")
_DIGEST_LENGTH: Final = 16
"""Characters of a digest; two that are equal by chance would leave the index behind until the next change."""


def begin_reports(table: Table, device_id: str) -> None:
    """Let reports of a device be taken in, from its registration on. Repeatable."""
    pk, sk = report_key(device_id)
    with suppress(ConditionFailed):
        table.put({"pk": pk, "sk": sk, "kind": KIND}, condition="attribute_not_exists(pk)")


def beginning_reports(table: Table, device_id: str) -> dict[str, Any]:
    """Return the action of a transaction that does the same."""
    update = change(once={"kind": KIND})
    return table.update_action(
        report_key(device_id),
        update.expression,
        values=update.values,
        names=update.names,
        condition="attribute_not_exists(pk) OR attribute_exists(pk)",
    )


def end_reports(table: Table, device_id: str) -> None:
    """Take no report of a device in any more, and forget the newest. Repeatable."""
    table.delete(report_key(device_id))


def record_report(table: Table, device_id: str, report: HealthReport, said: Said, *, received_at: str) -> bool:
    """Keep the newest report. False: it is no later than the one there, or the device is not registered."""
    put = {"report": write_report(report), "last_seen": received_at}
    written = write_newest(table, report_key(device_id), said, put=put, takes=lambda item: "pk" in item, guard=_THERE)
    item = written or table.get(report_key(device_id))
    # A report that comes again after the function died between the two writes is no news, but may not be shown yet.
    if item is not None and read_said(item) == said:
        _show(table, item, fleet_of(device_id, report), device_id)
    return written is not None


def _show(table: Table, item: Item, fleet: dict[str, str], device_id: str) -> None:
    """Have the indexes show a report, unless they do, or it is no longer the newest."""
    digest = sha256(json.dumps(fleet, sort_keys=True).encode()).hexdigest()[:_DIGEST_LENGTH]
    if item.get(_SHOWN) == digest:
        return
    place = ("epoch", "sequence", "received_ms")
    still = " AND ".join(f"#{name} = :{name}" if name in item else f"attribute_not_exists(#{name})" for name in place)
    shown = table.update_action(
        report_key(device_id),
        f"SET #{_SHOWN} = :{_SHOWN}",
        values={f":{_SHOWN}": digest, **{f":{name}": item[name] for name in place if name in item}},
        names=names(_SHOWN, *place),
        condition=still,
    )
    showing = table.update_action(
        device_key(device_id),
        f"SET #{FLEET} = :{FLEET}",
        values={f":{FLEET}": fleet, ":registered": DeviceState.REGISTERED.value},
        names=names(FLEET, "state"),
        condition="#state = :registered",
    )
    try:
        table.transact([shown, showing])
    except ConditionFailed:
        return  # a later report is being shown by who took it in, or the device was removed
