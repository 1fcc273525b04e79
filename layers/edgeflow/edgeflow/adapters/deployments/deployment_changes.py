"""Changes of deployments that their histories tell of: change and event are one transaction, so both happen or neither.

A deployment's item holds the sequence of its newest event, and every change told of here is on the condition that it is
still the one that was read. So the events of a deployment are numbered without a gap, in the order of its changes, and
what an event says of the deployment's status is how it stood then.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from edgeflow.adapters import keys
from edgeflow.adapters.deployments.deployment_counters import counters_in, look, with_counters
from edgeflow.adapters.deployments.deployment_items import CHANGED_AT, LAST_EVENT, mark_of
from edgeflow.adapters.expressions import as_read, change, names
from edgeflow.adapters.history.history_store import put_event
from edgeflow.adapters.readable import require
from edgeflow.adapters.table import ConditionFailed, Item, Table
from edgeflow.domain.deployments import Deployment
from edgeflow.domain.errors import Unavailable
from edgeflow.domain.history import Entry

MAX_TRIES: Final = 16
"""Of a change that finds the history grown since it looked."""


class DeploymentChanges:
    """Writes changes of one deployment, each with its event."""

    def __init__(self, table: Table) -> None:
        """Write to this table."""
        self._table = table

    def tell(  # noqa: PLR0913  one keyword per part of the change
        self,
        deployment_id: str,
        entry: Entry,
        *,
        put: Mapping[str, Any] | None = None,
        once: Mapping[str, Any] | None = None,
        drop: Iterable[str] = (),
        condition: str | None = None,
        values: Mapping[str, Any] | None = None,
        also: Sequence[str] = (),
        beside: Sequence[Mapping[str, Any]] = (),
        before: Entry | None = None,
        pinned: Sequence[str] = (),
    ) -> Deployment:
        """Change the item as ``put``, ``once`` and ``drop`` say, do what is ``beside``, write the event and note when.

        With ``before`` there are two events: that one first, of how the deployment stood until then.

        Returns the deployment as it was written. What others write without an event (counters, and tokens of executions
        that wait) may be newer in the table, but for the attributes in ``pinned``, which hold the change up until they
        are as they were read.

        ``condition`` is on the deployment's item; it may use ``values``, and the attributes in ``also`` as ``#name``.

        Raises:
            NotFound: there is no such deployment.
            CannotBeRead: the deployment's item is damaged.
            ConditionFailed: ``condition`` does not hold (position 0), or one of ``beside`` is refused (1 and on).
            Unavailable: it changes too fast, or DynamoDB throttles.
        """
        dropped = tuple(drop)
        put = {**(put or {}), **(mark_of(str(put["status"])) if put and "status" in put else {})}
        for _ in range(MAX_TRIES):
            item, counters = look(self._table, deployment_id)
            read = with_counters(counters)
            require(item, read)
            last = item.get(LAST_EVENT, 0)
            newest = last + (1 if before is None else 2)
            copied = counters_in(counters) if counters is not None and "status" in put else {}
            puts = {**put, **copied, LAST_EVENT: newest, CHANGED_AT: entry.at}
            update = change(put=puts, once=once, drop=dropped)
            unchanged = as_read(item, LAST_EVENT, *pinned)
            move = self._table.update_action(
                keys.deployment_key(deployment_id),
                update.expression,
                values={**update.values, **(values or {}), **unchanged.values},
                names={**update.names, **names(*also), **unchanged.names},
                condition="attribute_exists(pk) AND "
                + unchanged.expression
                + (f" AND ({condition})" if condition else ""),
            )
            written = _written(item, puts, once or {}, dropped)
            stands = {name: str(written[name]) for name in ("status", "status_reason")}
            events = [put_event(self._table, deployment_id, newest, entry, **stands)]
            if before is not None:
                stood = {name: str(item[name]) for name in stands}
                events.insert(0, put_event(self._table, deployment_id, last + 1, before, **stood))
            try:
                self._table.transact([move, *beside, *events])
            except ConditionFailed as failed:
                if 0 < failed.position <= len(beside):
                    raise
                if failed.position == 0 and _are_alike(item, look(self._table, deployment_id)[0], LAST_EVENT, *pinned):
                    raise
            else:
                return require(written, read)
        message = "the deployment changes too fast; try again"
        raise Unavailable(message)


def _written(item: Item, put: Mapping[str, Any], once: Mapping[str, Any], dropped: Iterable[str]) -> Item:
    """Return what an item is after a change, as ``change`` has it."""
    gone = {*(name for name, value in put.items() if value is None), *dropped}
    return {name: value for name, value in {**once, **item, **put}.items() if name not in gone}


def _are_alike(one: Item, other: Item, *attributes: str) -> bool:
    return all(one.get(name) == other.get(name) for name in attributes)
