"""Lists of what was created when, the newest first or the oldest, from the table's index of lists."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from edgeflow.adapters.expressions import names
from edgeflow.adapters.keys import Key
from edgeflow.adapters.pages import page_of
from edgeflow.adapters.table import BY_LIST, Item, Table
from edgeflow.domain.clock import bound
from edgeflow.domain.errors import Fault, InvalidRequest

_FIRST: Final = "0"
_LAST: Final = "~"
"""Before and after every position: one begins with the time of creation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Times of creation: at ``since`` or later, and before ``until``, both in UTC; None is no end."""

    since: datetime | None = None
    until: datetime | None = None


def position(created_at: str, record_id: str) -> str:
    """Return the place of a record in its list: the sort key of the index."""
    return f"{created_at}#{record_id}"


def bounds_of(created: Span) -> tuple[str, str]:
    """Return the least and the greatest position of what was created then."""
    return bound(created.since) if created.since else _FIRST, bound(created.until) if created.until else _LAST


def record_at(place: str, between: tuple[str, str], *, of: str) -> str:
    """Return the id of the record at a position between these two, of a list of what ``of`` says.

    Raises:
        InvalidRequest: it is no position, or of another time.
    """
    least, most = between
    created_at, mark, record_id = place.partition("#")
    if not (created_at and mark and record_id and least <= place <= most):
        raise InvalidRequest([Fault("cursor", f"is not one that a list of {of} gave")])
    return record_id


@dataclass(frozen=True, slots=True)
class CreationList:
    """One such list: its partition of the index, the key of a record by its id, and what the records are called."""

    partition: str
    key_of: Callable[[str], Key]
    of: str

    def page(
        self,
        table: Table,
        *,
        limit: int,
        after: str | None,
        created: Span,
        oldest_first: bool,
        conditions: Mapping[str, str],
        values: Mapping[str, Any],
        at_a_time: int,
    ) -> tuple[list[Item], str | None]:
        """Return one page of the items created then, and the position that the next one goes on after; None: the end.

        ``conditions`` are on attributes by their names, and ``values`` those that they use. ``at_a_time`` is as
        ``page_of`` takes it.

        Raises:
            InvalidRequest: ``after`` is no position of this list, or of another time.
        """
        between = bounds_of(created)
        items, last = page_of(
            lambda looked_at, start: table.query(
                self.partition,
                index=BY_LIST,
                between=between,
                limit=looked_at,
                start=start,
                forward=oldest_first,
                filtering=" AND ".join(conditions.values()) or None,
                values=values,
                names=names(*conditions) or None,
            ),
            limit=limit,
            start=self._start_key(after, between) if after is not None else None,
            at_a_time=at_a_time,
        )
        return items, last["gsi1sk"] if last else None

    def _start_key(self, after: str, between: tuple[str, str]) -> dict[str, str]:
        pk, sk = self.key_of(record_at(after, between, of=self.of))
        return {"pk": pk, "sk": sk, "gsi1pk": self.partition, "gsi1sk": after}
