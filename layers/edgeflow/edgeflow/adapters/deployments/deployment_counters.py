"""The counters of a deployment, in an item of their own, which no index copies and no function is woken by.

So a batch of targets that have ended costs one small write, and stands in nobody's way: whoever changes the deployment
writes another item. A deployment is read with its counters; its own item has a copy of them from when its status last
changed, which is what the event of that change tells.

The first count makes it. Until then the counters of a deployment are those in its own item: none, or what a release
before this one has counted there.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from edgeflow.adapters import keys
from edgeflow.adapters.deployments.counters import (
    CHECKPOINT,
    COUNTERS,
    NOT_COUNTED_YET,
    adding,
    counted_up_to,
    counting,
    read_counts,
)
from edgeflow.adapters.deployments.deployment_items import read_deployment
from edgeflow.adapters.expressions import as_read, change
from edgeflow.adapters.readable import readable, require
from edgeflow.adapters.table import ConditionFailed, Item, Table
from edgeflow.domain.deployments import Deployment
from edgeflow.domain.errors import NotFound, Unavailable
from edgeflow.domain.unreadable import Unreadable
from edgeflow.domain.waves import Deltas

KIND: Final = "counters"
MAX_TRIES: Final = 4
"""Of a count that finds no counters: each time it makes them, or somebody else has made them meanwhile."""


def end_counters(table: Table, deployment_id: str) -> dict[str, Any]:
    """Return the action of a transaction that removes a deployment's counters, where it has some."""
    return table.delete_action(keys.counters_key(deployment_id))


def look(table: Table, deployment_id: str) -> tuple[Item, Item | None]:
    """Return a deployment's own item and its counters', None where it has none yet, in one query.

    DynamoDB reads them in this order, and the tally counts before it wakes who changes a status: so the counters are
    never older than the status.

    Raises:
        NotFound: there is no such deployment.
    """
    page = table.query(keys.deployment_partition(deployment_id), prefix=keys.DEPLOYMENT_SORT_KEY)
    items = {item["sk"]: item for item in page.items}
    if keys.DEPLOYMENT_SORT_KEY not in items:
        raise NotFound(no_deployment(deployment_id))
    return items[keys.DEPLOYMENT_SORT_KEY], items.get(keys.COUNTERS_SORT_KEY)


def with_counters(counters: Item | None) -> Callable[[Item], Deployment]:
    """Return the reader of a deployment whose counters' item this is; None where it has none yet."""

    def read(deployment: Item) -> Deployment:
        found = read_deployment(deployment)
        return found if counters is None else replace(found, counts=read_counts(counters))

    return read


def counted_deployments(table: Table, deployments: Sequence[Item]) -> Iterator[Deployment | Unreadable]:
    """Yield the deployments that these items are, in their order, with their counters, which are read here."""
    key_of = [keys.counters_key(keys.record_of(item)[1]) for item in deployments]
    found = table.get_many(key_of)
    for item, key in zip(deployments, key_of, strict=True):
        yield readable(item, with_counters(found.get(key)))


def counters_in(item: Item) -> Item:
    """Return the attributes of an item that are counters, or their checkpoint."""
    return {name: value for name, value in item.items() if name in COUNTERS}


def count(table: Table, deployment_id: str, deltas: Deltas, *, first: str, last: str) -> str | None:
    """Add to a deployment's counters unless something from ``first`` on was counted; see ``Waves.count``.

    Raises:
        NotFound: there is no such deployment.
        CannotBeRead: its counters cannot be read, or not be added to.
        Unavailable: its counters come and go, or DynamoDB throttles.
    """
    update = counting(deltas, last=last)
    for _ in range(MAX_TRIES):
        try:
            with adding():
                table.update(
                    keys.counters_key(deployment_id),
                    update.expression,
                    values={**update.values, ":first": first},
                    names=update.names,
                    condition=f"attribute_exists(pk) AND {NOT_COUNTED_YET}",
                )
        except ConditionFailed as failed:
            if failed.item:
                return require(failed.item, counted_up_to)
            _begin(table, deployment_id)
        else:
            return None
    message = "the deployment's counters are being written by another call; try again"
    raise Unavailable(message)


def no_deployment(deployment_id: str) -> str:
    """Say that there is no such deployment."""
    return f"there is no deployment {deployment_id}"


def _begin(table: Table, deployment_id: str) -> None:
    """Make a deployment's counters, of those in its own item. Raises NotFound."""
    item = table.get(keys.deployment_key(deployment_id))
    if item is None:
        raise NotFound(no_deployment(deployment_id))
    pk, sk = keys.counters_key(deployment_id)
    make = table.put_action(
        {"pk": pk, "sk": sk, "kind": KIND, **counters_in(item)}, condition="attribute_not_exists(pk)"
    )
    # A release before that counts at the same moment changes the checkpoint.
    leave, still = change(drop=(CHECKPOINT,)), as_read(item, CHECKPOINT)
    take = table.update_action(
        keys.deployment_key(deployment_id),
        leave.expression,
        values=still.values,
        names={**leave.names, **still.names},
        condition=f"attribute_exists(pk) AND {still.expression}",
    )
    with suppress(ConditionFailed):  # somebody else made them or counted, or removed the deployment: the next try sees
        table.transact([make, take])
