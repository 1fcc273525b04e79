"""The fleet as a whole, by the index ``by_fleet``, and the count of it that is kept."""

from collections.abc import Iterator
from typing import Final

from edgeflow.adapters.attributes import Item, document
from edgeflow.adapters.devices.fleet_index import PROJECTED, read_glance
from edgeflow.adapters.expressions import names
from edgeflow.adapters.keys import DEVICES_LIST, FLEET_COUNT_KEY
from edgeflow.adapters.readable import readable
from edgeflow.adapters.table import BY_FLEET, Table
from edgeflow.contract.rest.fleet import FleetSummary
from edgeflow.domain.fleet import DeviceGlance
from edgeflow.domain.unreadable import Unreadable

_GLANCE: Final = f"pk, sk, {', '.join(f'#{name}' for name in PROJECTED)}"


class FleetStore:
    """Implements ``Fleet``."""

    def __init__(self, table: Table) -> None:
        """Look at the devices of this table."""
        self._table = table

    def glances(self) -> Iterator[DeviceGlance | Unreadable]:
        """Yield what is known at a glance of each device, by id, read as it goes: some 4,000 a query."""
        items = self._table.query_all(DEVICES_LIST, index=BY_FLEET, projection=_GLANCE, names=names(*PROJECTED))
        return (readable(item, read_glance) for item in items)

    def kept_count(self) -> FleetSummary | None:
        """Return the last count that was kept, if there is one and it can be read."""
        item = self._table.get(FLEET_COUNT_KEY)
        kept = readable(item, _read_count) if item else None
        return None if isinstance(kept, Unreadable) else kept

    def keep_count(self, count: FleetSummary) -> None:
        """Keep a count for the next who asks."""
        pk, sk = FLEET_COUNT_KEY
        self._table.put({"pk": pk, "sk": sk, "kind": "fleet_count", "count": count.model_dump_json()})


def _read_count(item: Item) -> FleetSummary:
    return FleetSummary.model_validate_json(document(item, "count"))
