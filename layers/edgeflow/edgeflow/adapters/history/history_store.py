"""Histories in the table: one item an event, in a partition of its own that outlives what it tells of.

The partition is apart so that policies can name it: no role of the application may update or delete there. An event is
put on the condition that its place is free, in the transaction of the change that it tells of.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, Final, TypeVar

from edgeflow.adapters import keys
from edgeflow.adapters.attributes import checked_json, whole
from edgeflow.adapters.pages import page_of
from edgeflow.adapters.readable import readable
from edgeflow.adapters.table import Item, Table
from edgeflow.contract.history.events import DeploymentEvent, FlowEvent
from edgeflow.domain.history import Entry
from edgeflow.domain.unreadable import Unreadable

KIND: Final = "event"
_OF_ITEM: Final = ("pk", "sk", "kind")

_Event = TypeVar("_Event", DeploymentEvent, FlowEvent)


class HistoryStore:
    """Reads histories; implements ``History``."""

    def __init__(self, table: Table) -> None:
        """Read them from this table."""
        self._table = table

    def of_deployment(
        self, deployment_id: str, *, limit: int, after: int = 0
    ) -> tuple[list[DeploymentEvent | Unreadable], int | None]:
        """Return events after this sequence, oldest first, and the sequence to go on from."""
        return self._page(deployment_id, partial(_event, DeploymentEvent), limit=limit, after=after)

    def of_flow(self, flow_id: str, *, limit: int, after: int = 0) -> tuple[list[FlowEvent | Unreadable], int | None]:
        """Return events after this sequence, oldest first, and the sequence to go on from."""
        return self._page(flow_id, partial(_event, FlowEvent), limit=limit, after=after)

    def _page(
        self, subject_id: str, reader: Callable[[Item], _Event], *, limit: int, after: int
    ) -> tuple[list[_Event | Unreadable], int | None]:
        pk, sk = keys.event_key(subject_id, after)
        items, last = page_of(
            lambda most, start: self._table.query(pk, prefix=keys.EVENT_PREFIX, limit=most, start=start),
            limit=limit,
            start={"pk": pk, "sk": sk} if after else None,
        )
        return [readable(item, reader) for item in items], keys.number_of(last, keys.EVENT_PREFIX) if last else None


def _event(model: type[_Event], item: Item) -> _Event:
    checked_json(item, "event")
    if whole(item, "sequence") != keys.number_of(item, keys.EVENT_PREFIX):
        message = "sequence is not that of its key"
        raise ValueError(message)
    return model.model_validate({name: value for name, value in item.items() if name not in _OF_ITEM})


def newest_sequence(table: Table, subject_id: str) -> int:
    """Return the sequence of the newest event of a history, 0 where there is none."""
    page = table.query(keys.history_partition(subject_id), prefix=keys.EVENT_PREFIX, limit=1, forward=False)
    return keys.number_of(page.items[0], keys.EVENT_PREFIX) if page.items else 0


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
