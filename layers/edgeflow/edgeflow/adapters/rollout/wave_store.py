"""Waves in the table: counters of one wave's targets, and the token of the execution that waits for them."""

from typing import Any, Final

from edgeflow.adapters import keys
from edgeflow.adapters.attributes import Item, optional_text, optional_whole
from edgeflow.adapters.deployments.counters import (
    CHECKPOINT,
    NOT_COUNTED_YET,
    adding,
    counted_up_to,
    counting,
    read_counts,
)
from edgeflow.adapters.deployments.deployment_changes import DeploymentChanges
from edgeflow.adapters.expressions import change, names
from edgeflow.adapters.readable import require
from edgeflow.adapters.table import ConditionFailed, Table
from edgeflow.domain.history import Entry
from edgeflow.domain.waves import Awaits, Deltas, Wave, WaveMark

KIND: Final = "wave"


class WaveStore:
    """Waves at rest in the table; implements ``Waves``."""

    def __init__(self, table: Table) -> None:
        """Keep them in this table."""
        self._table = table
        self._changes = DeploymentChanges(table)

    def get(self, deployment_id: str, name: str) -> Wave | None:
        """Return it, or None. Raises CannotBeRead."""
        item = self._table.get(keys.wave_key(deployment_id, name))
        return require(item, _read) if item else None

    def open(
        self,
        deployment_id: str,
        name: str,
        *,
        total: int,
        tolerated: int,
        task_token: str | None,
        awaits: Awaits,
        since: str | None = None,
    ) -> Wave:
        """Set what is waited for, by whom and since when; counters stay, also those from before the wave was opened.

        A wave that is being closed is not opened for a verdict again. Returns the wave as it stands.
        """
        put: dict[str, Any] = {
            **_identity(deployment_id, name),
            "total": total,
            "tolerated": tolerated,
            "task_token": task_token,
            "awaits": awaits.value,
            "since": since,
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
            return require(failed.item, _read)
        return require(item, _read)

    def cancelling(self, deployment_id: str, name: str, *, at: str) -> str:
        """Note when its jobs were cancelled, once; returns the moment that is noted. Raises CannotBeRead."""
        update = change(put=_identity(deployment_id, name), once={"cancelled_at": at})
        item = self._table.update(
            keys.wave_key(deployment_id, name), update.expression, values=update.values, names=update.names
        )
        return require(item, _read).cancelled_at or at

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
            CannotBeRead: the wave's item cannot be read.
            Damaged: the wave's item cannot be added to.
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
            return require(failed.item, _read), require(failed.item, counted_up_to)
        return require(item, _read), None


def _identity(deployment_id: str, name: str) -> dict[str, str]:
    return {"kind": KIND, "deployment_id": deployment_id, "name": name}


def _read(item: Item) -> Wave:
    awaits = optional_text(item, "awaits")
    marks = {mark: optional_whole(item, mark.value) for mark in WaveMark}
    return Wave(
        name=keys.record_of(item)[1],
        total=optional_whole(item, "total"),
        tolerated=optional_whole(item, "tolerated") or 0,
        counts=read_counts(item),
        task_token=optional_text(item, "task_token"),
        awaits=Awaits(awaits) if awaits else None,
        since=optional_text(item, "since"),
        marks={mark: level for mark, level in marks.items() if level is not None},
        cancelled_at=optional_text(item, "cancelled_at"),
    )
