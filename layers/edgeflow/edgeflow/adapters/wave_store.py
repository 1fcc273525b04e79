"""Waves in the table: counters of one wave's targets, and the token of the execution that waits for them."""

from typing import Any, Final

from edgeflow.adapters import keys
from edgeflow.adapters.counters import CHECKPOINT, NOT_COUNTED_YET, adding, counted_up_to, counting, read_counts
from edgeflow.adapters.damage import number, text, whole
from edgeflow.adapters.deployment_changes import DeploymentChanges
from edgeflow.adapters.expressions import change, names
from edgeflow.adapters.table import ConditionFailed, Item, Table
from edgeflow.domain.history import Entry
from edgeflow.domain.waves import Awaits, Deltas, Wave, WaveMark

KIND: Final = "wave"


class WaveStore:
    """Waves at rest in the table; implements ``ports.Waves``."""

    def __init__(self, table: Table) -> None:
        """Keep them in this table."""
        self._table = table
        self._changes = DeploymentChanges(table)

    def get(self, deployment_id: str, name: str) -> Wave | None:
        """Return it, or None."""
        item = self._table.get(keys.wave_key(deployment_id, name))
        return _read(item) if item else None

    def open(
        self, deployment_id: str, name: str, *, total: int, tolerated: int, task_token: str | None, awaits: Awaits
    ) -> Wave:
        """Set what is waited for and by whom; counters stay, also those that came before the wave was opened.

        A wave that is being closed is not opened for a verdict again. Returns the wave as it stands.
        """
        put: dict[str, Any] = {
            **_identity(deployment_id, name),
            "total": total,
            "tolerated": tolerated,
            "task_token": task_token,
            "awaits": awaits.value,
        }
        update = change(put=put)
        condition = None
        if awaits is Awaits.VERDICT:
            condition = "attribute_not_exists(#awaits) OR #awaits = :awaits"
        try:
            item = self._table.update(
                keys.wave_key(deployment_id, name),
                update.expression,
                values=update.values,
                names=update.names,
                condition=condition,
            )
        except ConditionFailed as failed:
            return _read(failed.item)
        return _read(item)

    def tolerate(self, deployment_id: str, name: str, failures: int) -> None:
        """Raise the number of failures that a wave may have; a number that is as high already stays."""
        update = change(put={"tolerated": failures})
        try:
            self._table.update(
                keys.wave_key(deployment_id, name),
                update.expression,
                values=update.values,
                names=update.names,
                condition="#tolerated < :tolerated",
            )
        except ConditionFailed:
            return

    def tell(self, deployment_id: str, name: str, mark: WaveMark, *, entry: Entry, level: int = 1) -> bool:
        """Mark the wave and write the event, once for each level. False: it was marked so, or higher, before.

        Raises:
            NotFound: there is no such deployment.
        """
        update = change(put={**_identity(deployment_id, name), mark.value: level})
        marking = self._table.update_action(
            keys.wave_key(deployment_id, name),
            update.expression,
            values=update.values,
            names=update.names,
            condition=f"attribute_not_exists(#{mark}) OR #{mark} < :{mark}",
        )
        try:
            self._changes.tell(deployment_id, entry, beside=[marking])
        except ConditionFailed:
            return False
        return True

    def count(self, deployment_id: str, name: str, deltas: Deltas, *, first: str, last: str) -> tuple[Wave, str | None]:
        """Add to the counters if nothing from ``first`` on was counted before; a wave may be counted before it opens.

        Returns the wave as it stands, and None when counted, else the position up to which it was
        counted already.

        Raises:
            Damaged: the wave's item cannot be read, or not be added to.
        """
        update = counting(deltas, last=last, put=_identity(deployment_id, name))
        try:
            with adding():
                item = self._table.update(
                    keys.wave_key(deployment_id, name),
                    update.expression,
                    values={**update.values, ":first": first},
                    names={**update.names, **names(CHECKPOINT)},
                    condition=NOT_COUNTED_YET,
                )
        except ConditionFailed as failed:
            return _read(failed.item), counted_up_to(failed.item)
        return _read(item), None


def _identity(deployment_id: str, name: str) -> dict[str, str]:
    return {"kind": KIND, "deployment_id": deployment_id, "name": name}


@whole(KIND)
def _read(item: Item) -> Wave:
    awaits = item.get("awaits")
    return Wave(
        name=text(item, "name"),
        total=number(item, "total") if "total" in item else None,
        tolerated=number(item, "tolerated", 0),
        counts=read_counts(item),
        task_token=text(item, "task_token") if "task_token" in item else None,
        awaits=Awaits(awaits) if awaits else None,
        marks={mark: number(item, mark.value) for mark in WaveMark if mark.value in item},
    )
