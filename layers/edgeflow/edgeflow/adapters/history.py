"""Histories in the table: one item an event, in a partition of its own that outlives what it tells of.

The partition is apart so that policies can name it: no role of the application may update or delete there. An event is
put on the condition that its place is free, in the transaction of the change that it tells of.
"""

from typing import Any, Final

from edgeflow.adapters import keys
from edgeflow.adapters.table import Item, Table
from edgeflow.contract.rest.events import DeploymentEvent, FlowEvent
from edgeflow.domain.history import Entry

KIND: Final = "event"
_OF_ITEM: Final = ("pk", "sk", "kind")


class HistoryStore:
    """Reads histories; implements ``ports_history.History``."""

    def __init__(self, table: Table) -> None:
        """Read them from this table."""
        self._table = table

    def of_deployment(
        self, deployment_id: str, *, limit: int, after: int = 0
    ) -> tuple[list[DeploymentEvent], int | None]:
        """Return events after this sequence, oldest first, and the sequence to go on from."""
        found, position = self._page(deployment_id, limit=limit, after=after)
        return [DeploymentEvent.model_validate(event) for event in found], position

    def of_flow(self, flow_id: str, *, limit: int, after: int = 0) -> tuple[list[FlowEvent], int | None]:
        """Return events after this sequence, oldest first, and the sequence to go on from."""
        found, position = self._page(flow_id, limit=limit, after=after)
        return [FlowEvent.model_validate(event) for event in found], position

    def _page(self, subject_id: str, *, limit: int, after: int) -> tuple[list[Item], int | None]:
        pk, sk = keys.event_key(subject_id, after)
        # One more than asked for tells whether there is more, so that no list ends with an empty page.
        page = self._table.query(
            pk, prefix=keys.EVENT_PREFIX, limit=limit + 1, start={"pk": pk, "sk": sk} if after else None
        )
        found = [{name: value for name, value in item.items() if name not in _OF_ITEM} for item in page.items]
        if len(found) > limit:
            return found[:limit], found[limit - 1]["sequence"]
        return found, found[-1]["sequence"] if page.last_key is not None and found else None


def put_event(table: Table, subject_id: str, sequence: int, entry: Entry, **stands: str) -> dict[str, Any]:
    """Return the action that writes an event, for ``Table.transact``; ``stands`` is how the subject stands then."""
    pk, sk = keys.event_key(subject_id, sequence)
    item = {
        "pk": pk,
        "sk": sk,
        "kind": KIND,
        "sequence": sequence,
        "at": entry.at,
        "type": entry.details.type,
        "actor": entry.actor.model_dump(),
        "details": entry.details.model_dump(mode="json"),
        **stands,
    }
    return table.put_action(item, condition="attribute_not_exists(pk)")
