"""Pages of lists: DynamoDB reads what a filter leaves out as well, so how much one page reads is bounded."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from edgeflow.adapters.table import Item, Page

LOOKED_AT_A_QUERY: Final = 100
"""Items that one query of a filtered list looks at, at the least."""
MAX_QUERIES: Final = 20
"""Queries of one page, so that a filter which fits little cannot hold a request up; the cursor goes on from there."""

Start = Mapping[str, Any] | None


def page_of(
    query: Callable[[int, Start], Page], *, limit: int, start: Start, at_a_time: int = 1
) -> tuple[list[Item], Mapping[str, Any] | None]:
    """Return at most ``limit`` items, and the item, by its keys at least, that the list goes on after; None: the end.

    ``query`` takes how many items to look at and the keys to start after. It is asked for ``at_a_time``, or one more
    than ``limit``, which tells whether there is more: a list ends with an empty page only where a filter leaves out
    very much.
    """
    found: list[Item] = []
    for _ in range(MAX_QUERIES):
        page = query(max(limit + 1, at_a_time), start)
        found += page.items
        if len(found) > limit:
            return found[:limit], found[limit - 1]
        start = page.last_key
        if start is None:
            return found, None
    return found, start
