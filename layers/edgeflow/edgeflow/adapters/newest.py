"""Keeping the newest word of a device, in one item, whatever the order in which its words arrive.

Each write is on a condition, so two that meet leave the later one. What mostly comes, the next word of the same device,
costs one write; only where the condition does not tell which is the later one, the item that refused it is looked at.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from edgeflow.adapters.expressions import Change, change, names
from edgeflow.adapters.keys import Key
from edgeflow.adapters.table import ConditionFailed, Item, Table
from edgeflow.domain.errors import Unavailable
from edgeflow.domain.order import Said

MAX_TRIES: Final = 8
"""Of a word that finds the item changed since it was looked at."""
ANYWAY: Final = Change("")
"""No guard: whatever item is there takes it, and where there is none it is made."""
_ORDER: Final = ("epoch", "sequence", "received_ms")


def read_said(item: Mapping[str, Any]) -> Said | None:
    """Return the place of what an item holds; None when it holds nothing that has one."""
    epoch, sequence, received_ms = (item.get(name) for name in _ORDER)
    if not isinstance(sequence, int):
        return None
    return Said(
        epoch=epoch if isinstance(epoch, str) else None,
        sequence=sequence,
        received_ms=received_ms if isinstance(received_ms, int) else None,
    )


def write_newest(
    table: Table,
    key: Key,
    said: Said,
    *,
    put: Mapping[str, Any],
    takes: Callable[[Item], bool] = lambda _: True,
    guard: Change = ANYWAY,
) -> Item | None:
    """Write ``put`` unless the item holds something later, or is none that takes it.

    Returns the item as it is now; None: it was not written.

    ``guard`` is the condition, in DynamoDB's words, that ``takes`` tells of an item.

    Raises:
        Unavailable: others write the item all the time, or DynamoDB throttles.
    """
    update = change(put={**put, "epoch": said.epoch, "sequence": said.sequence, "received_ms": said.received_ms})
    unless = _surely_later(said)
    values: dict[str, Any] = {}
    for _ in range(MAX_TRIES):
        whole = f"({unless}) AND {guard.expression}" if guard.expression else unless
        try:
            item = table.update(
                key,
                update.expression,
                values=update.values | values | guard.values,
                names=update.names | names(*_ORDER) | guard.names,
                condition=whole,
            )
        except ConditionFailed as refusal:
            known = read_said(refusal.item)
            if not takes(refusal.item) or (known is not None and not said.is_after(known)):
                return None
            unless, values = _as_looked_at(refusal.item)
        else:
            return item
    message = "the record changes too fast; try again"
    raise Unavailable(message)


def _surely_later(said: Said) -> str:
    """Return a condition that holds only where what the item holds is earlier, and mostly does."""
    if said.epoch is not None:
        return "attribute_not_exists(#sequence) OR (#epoch = :epoch AND #sequence < :sequence)"
    earlier = "attribute_not_exists(#epoch) AND #sequence < :sequence AND #received_ms < :received_ms"
    return f"attribute_not_exists(#sequence) OR ({earlier})"


def _as_looked_at(item: Item) -> tuple[str, dict[str, Any]]:
    """Return the condition that the place of what the item holds is still this one."""
    parts = [f"#{name} = :known_{name}" if name in item else f"attribute_not_exists(#{name})" for name in _ORDER]
    return " AND ".join(parts), {f":known_{name}": item[name] for name in _ORDER if name in item}
