"""Targets of deployments in the table, and the plans of their way back.

A target's places in indexes are written once, with the item: the order of a deployment's stream records, which the
tally rests on, depends on the one in the local index.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from edgeflow.adapters import keys
from edgeflow.adapters.attributes import optional_whole
from edgeflow.adapters.deployments.deployment_changes import DeploymentChanges
from edgeflow.adapters.expressions import Change, as_read, change, names, one_of
from edgeflow.adapters.pages import page_of
from edgeflow.adapters.readable import readable
from edgeflow.adapters.rollout.target_items import KIND, PLACES, mended_target, places_of, read_target, write_target
from edgeflow.adapters.table import BY_WAVE, ConditionFailed, Item, Table
from edgeflow.domain.deployments import UNBEGUN, Return, Target, TargetStatus
from edgeflow.domain.errors import NotFound
from edgeflow.domain.history import Entry
from edgeflow.domain.unreadable import Unreadable
from edgeflow.use_cases.concurrently import for_each
from edgeflow.use_cases.rollout.ports import TargetOutcome

TARGET_KIND: Final = KIND
RETURN_KIND: Final = "return"

LOOKED_AT_A_QUERY: Final = 1_000
"""Targets that one query of a filtered page looks at: half a megabyte, so ten of them see the largest deployment."""

_EXISTS: Final = "attribute_exists(pk)"


class TargetStore:
    """Targets at rest in the table; implements ``Targets``."""

    def __init__(self, table: Table) -> None:
        """Keep them in this table."""
        self._table = table
        self._changes = DeploymentChanges(table)

    def get(self, deployment_id: str, device_id: str) -> Target | Unreadable | None:
        """Return it, or None."""
        item = self._table.get(keys.target_key(deployment_id, device_id))
        return readable(item, read_target) if item else None

    def add(self, deployment_id: str, target: Target, *, created_at: str) -> None:
        """Write it unless it is there. ``created_at`` is when the deployment was created: ISO 8601 UTC."""
        item = write_target(deployment_id, target) | places_of(deployment_id, target, created_at=created_at)
        try:
            self._table.put(item, condition="attribute_not_exists(pk)")
        except ConditionFailed:
            return  # planning came here before; what has happened to the target since stays

    def mend(self, deployment_id: str, device_id: str, *, at: str) -> None:
        """Write a target whose record cannot be read anew, with what can be read of it. Repeatable."""
        item = self._table.get(keys.target_key(deployment_id, device_id))
        damaged = readable(item, read_target) if item else None
        if item is None or not isinstance(damaged, Unreadable):
            return
        unchanged = as_read(item, *(name for name in item if name not in {"pk", "sk"}))
        places = {name: item.get(name) for name in PLACES}
        mended = write_target(deployment_id, mended_target(item, damaged, at=at)) | places
        try:
            self._table.put(mended, condition=unchanged.expression, values=unchanged.values, names=unchanged.names)
        except ConditionFailed:
            return  # it was written meanwhile; what it is now is looked at the next time

    def all(self, deployment_id: str) -> Iterator[Target | Unreadable]:
        """Yield every target, by device id."""
        for item in self._table.query_all(keys.deployment_partition(deployment_id), prefix=keys.TARGET_PREFIX):
            yield readable(item, read_target)

    def page(
        self,
        deployment_id: str,
        *,
        limit: int,
        after: str | None,
        status: TargetStatus | None = None,
        wave: int | None = None,
    ) -> tuple[list[Target | Unreadable], str | None]:
        """Return at most ``limit`` targets after this device id, and the device id to go on from.

        Filters go by the target's own attributes: the index of waves tells in which one it was planned, not in which
        it is.
        """
        wanted = {name: value for name, value in {"status": status, "wave": wave}.items() if value is not None}
        start: dict[str, str] | None = None
        if after is not None:
            pk, sk = keys.target_key(deployment_id, after)
            start = {"pk": pk, "sk": sk}
        items, last = page_of(
            lambda most, start: self._table.query(
                keys.deployment_partition(deployment_id),
                prefix=keys.TARGET_PREFIX,
                limit=most,
                start=start,
                filtering=" AND ".join(f"#{name} = :{name}" for name in wanted) or None,
                values={f":{name}": value for name, value in wanted.items()},
                names=names(*wanted) or None,
            ),
            limit=limit,
            start=start,
            at_a_time=LOOKED_AT_A_QUERY if wanted else 1,
        )
        return [readable(item, read_target) for item in items], keys.device_of(last) if last else None

    def members(self, deployment_id: str, wave: int) -> list[str]:
        """Return the device ids of a wave, by device id."""
        items = self._table.query_all(
            keys.deployment_partition(deployment_id), index=BY_WAVE, prefix=keys.wave_members_prefix(wave)
        )
        return [keys.device_of(item) for item in items]

    def many(self, deployment_id: str, device_ids: Iterable[str]) -> dict[str, Target | Unreadable]:
        """Return those that exist, by device id."""
        found = self._table.get_many(keys.target_key(deployment_id, device_id) for device_id in device_ids)
        return {keys.device_of(item): readable(item, read_target) for item in found.values()}

    def of_device(self, device_id: str, deployment_ids: Iterable[str]) -> dict[str, Target | Unreadable]:
        """Return a device's targets in those deployments, by deployment id."""
        found = self._table.get_many(keys.target_key(deployment_id, device_id) for deployment_id in deployment_ids)
        return {keys.record_of(item)[2]: readable(item, read_target) for item in found.values()}

    def mark_deploying(self, deployment_id: str, device_ids: Sequence[str], *, wave: int, at: str) -> list[str]:
        """Move pending targets on, some at a time; returns those of the wave that are deploying, in the order given."""
        update = change(put={"status": TargetStatus.DEPLOYING.value, "started_at": at})

        def mark(device_id: str) -> bool:
            present = self._move(deployment_id, device_id, update, TargetStatus.PENDING)
            return present is None or (present.get("status"), present.get("wave")) == (TargetStatus.DEPLOYING, wave)

        marked = for_each(mark, device_ids)
        return [device_id for device_id, deploying in zip(device_ids, marked, strict=True) if deploying]

    def enter(self, deployment_id: str, device_ids: Sequence[str], *, wave: int, at: str) -> list[str]:
        """Move staged targets to this wave, deploying; returns those that are in it, whatever became of them since.

        The place in the local index stays: it is where the target was planned.
        """
        update = change(put={"status": TargetStatus.DEPLOYING.value, "wave": wave, "started_at": at})

        def move(device_id: str) -> bool:
            present = self._move(deployment_id, device_id, update, TargetStatus.STAGED)
            return present is None or present.get("wave") == wave

        moved = for_each(move, device_ids)
        return [device_id for device_id, inside in zip(device_ids, moved, strict=True) if inside]

    def settle(self, deployment_id: str, device_id: str, outcome: TargetOutcome, *, wave: int, at: str) -> bool:
        """Write how a pending or deploying target ended in a wave, once. False: it had ended, or is in another wave."""
        still_open, values = one_of("status", {TargetStatus.PENDING, TargetStatus.DEPLOYING})
        update = _settled(outcome, at)
        return self._write_once(
            deployment_id, device_id, update, f"{still_open} AND wave = :wave", values={**values, ":wave": wave}
        )

    def give_up(
        self, deployment_id: str, device_id: str, outcome: TargetOutcome, *, wave: int, at: str, entry: Entry
    ) -> bool:
        """Settle a target that is deploying in a wave, and tell of it, in one transaction. False: as ``settle``.

        Raises:
            NotFound: there is no such deployment.
        """
        at_work, values = one_of("status", {TargetStatus.DEPLOYING})
        update = _settled(outcome, at)
        settling = self._table.update_action(
            keys.target_key(deployment_id, device_id),
            update.expression,
            values={**update.values, **values, ":wave": wave},
            names=update.names,
            condition=f"{at_work} AND wave = :wave",
        )
        try:
            self._changes.tell(deployment_id, entry, beside=[settling])
        except ConditionFailed:
            return False
        return True

    def skip(
        self,
        deployment_id: str,
        device_id: str,
        outcome: TargetOutcome,
        *,
        at: str,
        unbegun: frozenset[TargetStatus] = UNBEGUN,
    ) -> bool:
        """Settle a target whose turn did not come. False: it had come, or the target has ended."""
        still_unbegun, values = one_of("status", unbegun)
        return self._write_once(deployment_id, device_id, _settled(outcome, at), still_unbegun, values=values)

    def fail_late(
        self, deployment_id: str, device_id: str, *, was: TargetStatus, reason: str, message: str, at: str
    ) -> bool:
        """Turn a success (or ``staged``) into a failure, once. False: it was not so, or is being rolled back."""
        put = {
            "status": TargetStatus.FAILED.value,
            "reason": reason,
            "message": message,
            "reported": False,
            "finished_at": at,
        }
        condition, values = one_of("status", {was})
        return self._write_once(deployment_id, device_id, change(put=put), condition, values=values)

    def reach_late(self, deployment_id: str, target: Target, *, runs_version: int | None, entry: Entry) -> bool:
        """Note that a target had succeeded although it was given up, and tell of it, in one transaction, once.

        False: it was noted before, or the target has changed since it was read.

        Raises:
            NotFound: there is no such deployment.
        """
        update = change(put={"reached": True, "reached_late": True, "runs_version": runs_version})
        noting = self._table.update_action(
            keys.target_key(deployment_id, target.device_id),
            update.expression,
            values={**update.values, ":was": target.status.value, ":wave": target.wave},
            names={**update.names, "#status": "status"},
            condition="#status = :was AND wave = :wave AND attribute_not_exists(#reached_late)",
        )
        try:
            self._changes.tell(deployment_id, entry, beside=[noting])
        except ConditionFailed:
            return False
        return True

    def return_late(
        self, deployment_id: str, device_id: str, *, attempt: int, runs_version: int | None, at: str, entry: Entry
    ) -> bool:
        """Note that a device returned which this attempt had counted as one that did not, and tell of it, once.

        Raises:
            NotFound: there is no such deployment.
        """
        put = {
            "status": TargetStatus.ROLLED_BACK.value,
            "reason": None,
            "message": None,
            "reported": True,
            "runs_version": runs_version,
            "finished_at": at,
        }
        update = change(put=put)
        returning = self._table.update_action(
            keys.target_key(deployment_id, device_id),
            update.expression,
            values={**update.values, ":stuck": TargetStatus.ROLLBACK_FAILED.value, ":attempt": attempt},
            names=update.names,
            condition="#status = :stuck AND rollback_attempt = :attempt",
        )
        try:
            self._changes.tell(deployment_id, entry, beside=[returning])
        except ConditionFailed:
            return False
        return True

    def settle_return(
        self, deployment_id: str, device_id: str, outcome: TargetOutcome, *, attempt: int, at: str
    ) -> bool:
        """Write how a rollback attempt ended on a device, once. False: this attempt, or a later one, was written.

        A reason or message that the outcome does not have stays as it was: why the target had failed. Why it did not
        return at an earlier attempt does not stay.
        """
        put: dict[str, Any] = {
            "status": outcome.status.value,
            "rollback_attempt": attempt,
            "reported": outcome.reported,
            "runs_version": outcome.runs_version,
            "finished_at": at,
        }
        if outcome.reason is not None:
            put["reason"] = outcome.reason
        if outcome.message is not None:
            put["message"] = outcome.message
        if outcome.reached:
            put["reached"] = True  # never back to false: the device may have acted on the deployment's job
        condition = f"{_EXISTS} AND (attribute_not_exists(#rollback_attempt) OR #rollback_attempt < :rollback_attempt)"
        if outcome.reason is None:
            again = f"{condition} AND #status = :stuck"
            values = {":stuck": TargetStatus.ROLLBACK_FAILED.value}
            forget = change(put={"reason": None, "message": None, **put})
            if self._write_once(deployment_id, device_id, forget, again, values=values):
                return True
        return self._write_once(deployment_id, device_id, change(put=put), condition)

    def note(self, deployment_id: str, device_id: str, *, reason: str, message: str) -> None:
        """Say something of a target whose status stays. Raises NotFound."""
        update = change(put={"reason": reason, "message": message})
        if not self._write_once(deployment_id, device_id, update, _EXISTS):
            missing = f"deployment {deployment_id} has no target {device_id}"
            raise NotFound(missing)

    def plan_return(self, deployment_id: str, attempt: int, entry: Return) -> None:
        """Write one device of a rollback's plan; repeatable."""
        pk, sk = keys.return_key(deployment_id, attempt, entry.group, entry.device_id)
        self._table.put(
            {
                "pk": pk,
                "sk": sk,
                "kind": RETURN_KIND,
                "deployment_id": deployment_id,
                "attempt": attempt,
                "group": entry.group,
                "device_id": entry.device_id,
                "version_before": entry.version_before,
            }
        )

    def returns(self, deployment_id: str, attempt: int) -> list[Return]:
        """Return the plan of a rollback, by group and device id; keys alone say who is in it."""
        items = self._table.query_all(keys.deployment_partition(deployment_id), prefix=keys.returns_prefix(attempt))
        return [_read_return(item) for item in items]

    def is_to_return(self, deployment_id: str, attempt: int, group: int, device_id: str) -> bool:
        """Tell whether the plan of a rollback has a device in this group."""
        return self._table.get(keys.return_key(deployment_id, attempt, group, device_id)) is not None

    def first_returns(self, deployment_id: str, attempt: int, *, most: int) -> list[Return]:
        """Return so many of the plan of a rollback, in its order, and look at no more."""
        page = self._table.query(
            keys.deployment_partition(deployment_id), prefix=keys.returns_prefix(attempt), limit=most
        )
        return [_read_return(item) for item in page.items]

    def _move(self, deployment_id: str, device_id: str, update: Change, present: TargetStatus) -> Item | None:
        """Write the update to a target of this status; returns None, or the target that has another one."""
        try:
            self._table.update(
                keys.target_key(deployment_id, device_id),
                update.expression,
                values={**update.values, ":present": present.value},
                names=update.names,
                condition="#status = :present",
            )
        except ConditionFailed as failed:
            return failed.item
        return None

    def _write_once(
        self,
        deployment_id: str,
        device_id: str,
        update: Change,
        condition: str,
        *,
        values: dict[str, Any] | None = None,
    ) -> bool:
        try:
            self._table.update(
                keys.target_key(deployment_id, device_id),
                update.expression,
                values={**update.values, **(values or {})},
                names=update.names,
                condition=condition,
            )
        except ConditionFailed:
            return False
        return True


def _read_return(item: Item) -> Return:
    _, group, device_id = keys.returning(item)
    before = readable(item, lambda stored: optional_whole(stored, "version_before", least=1))
    if isinstance(before, Unreadable):
        return Return(device_id=device_id, group=group, version_before=None, known=False)
    return Return(device_id=device_id, group=group, version_before=before)


def _settled(outcome: TargetOutcome, at: str) -> Change:
    put: dict[str, Any] = {
        "status": outcome.status.value,
        "reason": outcome.reason,
        "message": outcome.message,
        "reported": outcome.reported,
        "runs_version": outcome.runs_version,
        "finished_at": at,
    }
    if outcome.reached:
        put["reached"] = True  # never back to false: the device may have acted on an earlier wave's job
    return change(put=put)
