"""Slugs of flows in the table: each is an item of its own, so that no two flows can have the same.

The item is written and deleted in the transaction that changes the flow, on the condition that the flow is as it was
read. So an item that names a flow changes only together with that flow.
"""

import re
from typing import Any, Final

from edgeflow.adapters.expressions import names
from edgeflow.adapters.flows.flow_items import read_slug
from edgeflow.adapters.keys import flow_key, slug_key
from edgeflow.adapters.readable import readable, require
from edgeflow.adapters.table import Item, Table
from edgeflow.contract.ids import BY_SLUG, SLUG_PATTERN
from edgeflow.domain.errors import Conflict, NotFound
from edgeflow.domain.unreadable import Unreadable

_FREE_OR_MINE: Final = "attribute_not_exists(pk) OR #flow_id IN (:mine, :gone)"


class Slugs:
    """Which flow has which slug."""

    def __init__(self, table: Table) -> None:
        """Keep them in this table."""
        self._table = table

    def flow_of(self, slug: str) -> str:
        """Return the id of the flow that has a slug. Raises NotFound, CannotBeRead."""
        item = self._table.get(slug_key(slug))
        if item is None:
            message = f"there is no flow {BY_SLUG}{slug}"
            raise NotFound(message)
        return require(item, read_slug)

    def claim(self, slug: str, flow_id: str) -> dict[str, Any]:
        """Return the action that gives a flow a slug, refused where another flow has it.

        One that a deleted flow has left, because it could not be read when it was deleted, is taken over: no id comes
        twice, so that flow does not come back.
        """
        pk, sk = slug_key(slug)
        found = self._table.get((pk, sk))
        holder = None if found is None else readable(found, read_slug)
        gone = isinstance(holder, str) and self._table.get(flow_key(holder)) is None
        return self._table.put_action(
            {"pk": pk, "sk": sk, "kind": "slug", "flow_id": flow_id},
            condition=_FREE_OR_MINE,
            values={":mine": flow_id, ":gone": holder if gone else flow_id},
            names=names("flow_id"),
        )

    def release(self, slug: object, flow_id: str) -> list[dict[str, Any]]:
        """Return the action that takes a slug from a flow; none where it is no slug, or another flow's.

        Of a record that cannot be read, the flow's own word decides.
        """
        if not isinstance(slug, str) or not re.fullmatch(SLUG_PATTERN, slug):
            return []
        found = self._table.get(slug_key(slug))
        if found is None:
            return []
        holder = readable(found, read_slug)
        if not isinstance(holder, Unreadable) and holder != flow_id:
            return []
        return [self._table.delete_action(slug_key(slug))]


def taken(slug: str, item: Item) -> Conflict:
    """Return what is told where another flow has a slug, by its item."""
    holder = readable(item, read_slug)
    whose = "a record that cannot be read" if isinstance(holder, Unreadable) else f"flow {holder}"
    return Conflict(f"the slug {slug} is taken by {whose}; choose another, or take it from that one first")
