"""What devices run of each flow, in the table, and the claim of the deployment that may change it."""

from collections.abc import Iterable
from typing import Any, Final

from edgeflow.adapters import keys
from edgeflow.adapters.attributes import Item, optional_text, optional_whole
from edgeflow.adapters.expressions import change, names
from edgeflow.adapters.newest import read_said, write_newest
from edgeflow.adapters.readable import readable
from edgeflow.adapters.table import ConditionFailed, Table
from edgeflow.domain.order import Said
from edgeflow.domain.unreadable import Unreadable
from edgeflow.use_cases.devices.ports import Install

KIND: Final = "install"
MAX_SEQUENCE: Final = 10**38 - 1
"""DynamoDB keeps 38 digits; older releases let any of them in."""

_UNCLAIMED_OR_OURS: Final = "attribute_not_exists(#claimed_by) OR #claimed_by = :claimed_by"


class InstallStore:
    """Installs at rest in the table; implements ``Installs``."""

    def __init__(self, table: Table) -> None:
        """Keep them in this table."""
        self._table = table

    def claim(self, device_id: str, flow_id: str, deployment_id: str) -> Install | Unreadable:
        """Claim a flow on a device. Returns the record; ``claimed_by`` names the winner."""
        return self._claim(device_id, flow_id, deployment_id, _UNCLAIMED_OR_OURS, {})

    def take_over(self, device_id: str, flow_id: str, deployment_id: str, *, stale: str) -> Install | Unreadable:
        """Claim what the finished deployment ``stale`` left claimed, or what nobody claims by now."""
        condition = f"{_UNCLAIMED_OR_OURS} OR #claimed_by = :stale"
        return self._claim(device_id, flow_id, deployment_id, condition, {":stale": stale})

    def release(self, device_id: str, flow_id: str, deployment_id: str) -> None:
        """Give up a claim, if it is held."""
        update = change(drop=("claimed_by",))
        try:
            self._table.update(
                keys.install_key(device_id, flow_id),
                update.expression,
                values={":ours": deployment_id},
                names=update.names,
                condition="#claimed_by = :ours",
            )
        except ConditionFailed:
            return  # never claimed, given up before, or another's by now

    def record(self, device_id: str, flow_id: str, said: Said, *, version: int | None, deployment_id: str) -> None:
        """Note what the device runs now (``version`` None: nothing), unless something later is known. Claims stay."""
        put = {**_identity(device_id, flow_id), "version": version, "deployment_id": deployment_id}
        write_newest(self._table, keys.install_key(device_id, flow_id), said, put=put)

    def many(self, device_ids: Iterable[str], flow_id: str) -> dict[str, Install | Unreadable]:
        """Return the records that exist, by device id."""
        found = self._table.get_many(keys.install_key(device_id, flow_id) for device_id in device_ids)
        installs = (readable(item, _read) for item in found.values())
        return {each.of if isinstance(each, Unreadable) else each.device_id: each for each in installs}

    def _claim(
        self, device_id: str, flow_id: str, deployment_id: str, condition: str, values: dict[str, Any]
    ) -> Install | Unreadable:
        update = change(put={**_identity(device_id, flow_id), "claimed_by": deployment_id})
        try:
            item = self._table.update(
                keys.install_key(device_id, flow_id),
                update.expression,
                values={**update.values, **values},
                names={**update.names, **names("claimed_by")},
                condition=condition,
            )
        except ConditionFailed as failed:
            return readable(failed.item, _read)
        return readable(item, _read)


def _identity(device_id: str, flow_id: str) -> dict[str, str]:
    return {"kind": KIND, "device_id": device_id, "flow_id": flow_id}


def _read(item: Item) -> Install:
    optional_whole(item, "sequence", most=MAX_SEQUENCE)  # a number that is damaged orders nothing
    return Install(
        device_id=keys.record_of(item)[2],
        version=optional_whole(item, "version", least=1),
        deployment_id=optional_text(item, "deployment_id"),
        claimed_by=optional_text(item, "claimed_by"),
        said=read_said(item),
    )
