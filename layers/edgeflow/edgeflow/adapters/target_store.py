"""Targets of deployments in the table, and the plans of their way back.

A target's place in the local index is written once, with the item: the order of a deployment's stream
records, which the tally rests on, depends on it.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from edgeflow.adapters import keys
from edgeflow.adapters.expressions import Change, change, one_of
from edgeflow.adapters.table import BY_WAVE, ConditionFailed, Item, Table
from edgeflow.domain.deployments import Return, Target, TargetStatus
from edgeflow.domain.errors import NotFound
from edgeflow.use_cases.concurrently import for_each
from edgeflow.use_cases.ports import TargetOutcome

TARGET_KIND: Final = "target"
RETURN_KIND: Final = "return"

_EXISTS: Final = "attribute_exists(pk)"


class TargetStore:
    """Targets at rest in the table; implements ``ports.Targets``."""

    def __init__(self, table: Table) -> None:
        """Keep them in this table."""
        self._table = table

    def get(self, deployment_id: str, device_id: str) -> Target | None:
        """Return it, or None."""
        item = self._table.get(keys.target_key(deployment_id, device_id))
        return _read(item) if item else None

    def add(self, deployment_id: str, target: Target) -> None:
        """Write it unless it is there."""
        try:
            self._table.put(_write(deployment_id, target), condition="attribute_not_exists(pk)")
        except ConditionFailed:
            return  # planning came here before; what has happened to the target since stays

    def all(self, deployment_id: str) -> Iterator[Target]:
        """Yield every target, by device id."""
        for item in self._table.query_all(keys.deployment_partition(deployment_id), prefix=keys.TARGET_PREFIX):
            yield _read(item)

    def page(self, deployment_id: str, *, limit: int, after: str | None) -> tuple[list[Target], str | None]:
        """Return at most ``limit`` targets after this device id, and the device id to go on from."""
        start: dict[str, str] | None = None
        if after is not None:
            pk, sk = keys.target_key(deployment_id, after)
            start = {"pk": pk, "sk": sk}
        # One more than asked for tells whether there is more, so that no list ends with an empty page.
        page = self._table.query(
            keys.deployment_partition(deployment_id), prefix=keys.TARGET_PREFIX, limit=limit + 1, start=start
        )
        targets = [_read(item) for item in page.items]
        if len(targets) > limit:
            return targets[:limit], targets[limit - 1].device_id
        if page.last_key is not None and targets:
            return targets, targets[-1].device_id
        return targets, None

    def members(self, deployment_id: str, wave: int) -> list[str]:
        """Return the device ids of a wave, by device id."""
        items = self._table.query_all(
            keys.deployment_partition(deployment_id), index=BY_WAVE, prefix=keys.wave_members_prefix(wave)
        )
        return [item["device_id"] for item in items]

    def many(self, deployment_id: str, device_ids: Iterable[str]) -> dict[str, Target]:
        """Return those that exist, by device id."""
        found = self._table.get_many(keys.target_key(deployment_id, device_id) for device_id in device_ids)
        return {item["device_id"]: _read(item) for item in found.values()}

    def mark_deploying(self, deployment_id: str, device_ids: Sequence[str], *, at: str) -> list[str]:
        """Move pending targets on, some at a time; returns those that are deploying now, in the order given."""
        update = change(put={"status": TargetStatus.DEPLOYING.value, "started_at": at})

        def mark(device_id: str) -> bool:
            try:
                self._table.update(
                    keys.target_key(deployment_id, device_id),
                    update.expression,
                    values={**update.values, ":pending": TargetStatus.PENDING.value},
                    names=update.names,
                    condition="#status = :pending",
                )
            except ConditionFailed as failed:
                return failed.item.get("status") == TargetStatus.DEPLOYING
            return True

        marked = for_each(mark, device_ids)
        return [device_id for device_id, deploying in zip(device_ids, marked, strict=True) if deploying]

    def settle(
        self, deployment_id: str, device_id: str, outcome: TargetOutcome, *, at: str, pending_only: bool = False
    ) -> bool:
        """Write how a deploying or pending target ended, once. False: it had ended already (or is not pending)."""
        update = change(
            put={
                "status": outcome.status.value,
                "reason": outcome.reason,
                "message": outcome.message,
                "reached": outcome.reached,
                "reported": outcome.reported,
                "runs_version": outcome.runs_version,
                "finished_at": at,
            }
        )
        open_statuses = {TargetStatus.PENDING} if pending_only else {TargetStatus.PENDING, TargetStatus.DEPLOYING}
        condition, values = one_of("status", open_statuses)
        return self._write_once(deployment_id, device_id, update, condition, values=values)

    def fail_late(self, deployment_id: str, device_id: str, *, reason: str, message: str, at: str) -> bool:
        """Turn a success into a failure, once. False: it was no success, or is being rolled back."""
        update = change(
            put={"status": TargetStatus.FAILED.value, "reason": reason, "message": message, "finished_at": at}
        )
        succeeded, values = one_of("status", {TargetStatus.SUCCESS})
        return self._write_once(deployment_id, device_id, update, succeeded, values=values)

    def settle_return(
        self, deployment_id: str, device_id: str, outcome: TargetOutcome, *, attempt: int, at: str
    ) -> bool:
        """Write how a rollback attempt ended on a device, once. False: this attempt, or a later one, was written.

        A reason or message that the outcome does not have stays as it was: why the target had failed.
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
        update = change(put=put)
        condition = f"{_EXISTS} AND (attribute_not_exists(#rollback_attempt) OR #rollback_attempt < :rollback_attempt)"
        return self._write_once(deployment_id, device_id, update, condition)

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
        """Return the plan of a rollback, by group and device id."""
        items = self._table.query_all(keys.deployment_partition(deployment_id), prefix=keys.returns_prefix(attempt))
        return [
            Return(device_id=item["device_id"], group=item["group"], version_before=item.get("version_before"))
            for item in items
        ]

    def _write_once(
        self,
        deployment_id: str,
        device_id: str,
        update: Change,
        condition: str,
        *,
        values: dict[str, str] | None = None,
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


def _write(deployment_id: str, target: Target) -> Item:
    pk, sk = keys.target_key(deployment_id, target.device_id)
    return {
        "pk": pk,
        "sk": sk,
        "kind": TARGET_KIND,
        "lsi1sk": f"{keys.wave_members_prefix(target.wave)}{target.device_id}",
        "deployment_id": deployment_id,
        "device_id": target.device_id,
        "wave": target.wave,
        "status": target.status.value,
        "version_before": target.version_before,
        "reason": target.reason,
        "message": target.message,
        "reached": target.reached,
        "reported": target.reported,
        "runs_version": target.runs_version,
        "rollback_attempt": target.rollback_attempt,
        "started_at": target.started_at,
        "finished_at": target.finished_at,
    }


def _read(item: Item) -> Target:
    return Target(
        device_id=item["device_id"],
        wave=item["wave"],
        status=TargetStatus(item["status"]),
        version_before=item.get("version_before"),
        reason=item.get("reason"),
        message=item.get("message"),
        reached=item["reached"],
        reported=item["reported"],
        runs_version=item.get("runs_version"),
        rollback_attempt=item["rollback_attempt"],
        started_at=item.get("started_at"),
        finished_at=item.get("finished_at"),
    )
