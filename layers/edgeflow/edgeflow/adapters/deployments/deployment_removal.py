"""Removing a deployment whatever its record holds: keys and history tell what there is of it."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from typing import Any, Final

from edgeflow.adapters import keys
from edgeflow.adapters.attributes import MAX_NUMBER
from edgeflow.adapters.deployments import open_deployments
from edgeflow.adapters.deployments.deployment_counters import end_counters, look
from edgeflow.adapters.expressions import as_read
from edgeflow.adapters.history.history_store import newest_sequence, put_event
from edgeflow.adapters.rollout.target_items import planned_wave
from edgeflow.adapters.table import ConditionFailed, Item, Table
from edgeflow.contract.ids import FLOW_ID_PATTERN
from edgeflow.domain.errors import Unavailable
from edgeflow.domain.history import Entry
from edgeflow.domain.remains import Remains
from edgeflow.domain.unreadable import Kind
from edgeflow.domain.waves import is_rollback
from edgeflow.use_cases.concurrently import for_each

_MAX_TRIES: Final = 8
_FIRST_EVENT: Final = 1
_AT_FLOW: Final = 2
"""Place of the flow's change in the transaction that removes a deployment."""


class DeploymentRemoval:
    """Finds what remains of a deployment, and removes it."""

    def __init__(self, table: Table) -> None:
        """Remove from this table."""
        self._table = table

    def remains(self, deployment_id: str) -> Remains:
        """Return what is known of a deployment. Raises NotFound."""
        item, _ = look(self._table, deployment_id)
        devices: list[str] = []
        planned: Counter[int] = Counter()
        returns: defaultdict[int, Counter[int]] = defaultdict(Counter)
        waves, attempts = [_number(item.get("current_wave"))], [_number(item.get("rollbacks"))]
        for found in self._table.query_all(keys.deployment_partition(deployment_id), projection="pk, sk, lsi1sk"):
            kind, name, _ = keys.record_of(found)
            match kind:
                case Kind.TARGET:
                    devices.append(name)
                    planned[planned_wave(found)] += 1
                case Kind.WAVE if is_rollback(name):
                    attempts.append(_number_in(name))
                case Kind.WAVE:
                    waves.append(_number_in(name))
                case Kind.RETURN:
                    attempt, group, _ = keys.returning(found)
                    attempts.append(attempt)
                    returns[attempt][group] += 1
                case _:
                    continue
        rollbacks = max(attempts)
        return Remains(
            deployment_id=deployment_id,
            flow_id=self._flow_id(item),
            devices=tuple(devices),
            planned=planned,
            current_wave=max(waves),
            rollbacks=rollbacks,
            returns=returns[rollbacks],
        )

    def remove(self, remains: Remains, *, entry: Entry) -> None:
        """Remove its items, strike it off its flow and tell its history, which stays. Repeatable.

        The deployment's own item goes last, with its counters: as long as it is there, removing again finds the rest.

        Raises:
            Unavailable: it changes all the time.
        """
        partition = keys.deployment_partition(remains.deployment_id)
        last, counters = keys.deployment_key(remains.deployment_id), keys.counters_key(remains.deployment_id)
        every = ((item["pk"], item["sk"]) for item in self._table.query_all(partition, projection="pk, sk"))
        for_each(self._table.delete, [key for key in every if key not in {last, counters}])
        for _ in range(_MAX_TRIES):
            item = self._table.get(last)
            if item is None:
                return
            if self._removed(item, remains, entry):
                return
        message = f"deployment {remains.deployment_id} changes too fast; try again"
        raise Unavailable(message)

    def _removed(self, item: Item, remains: Remains, entry: Entry) -> bool:
        """Remove the deployment's own item as it was read, and its counters. False: it, or its history, has changed."""
        unchanged = as_read(item, "status")
        delete = self._table.delete_action(
            keys.deployment_key(remains.deployment_id),
            values=unchanged.values,
            names=unchanged.names,
            condition=f"attribute_exists(pk) AND {unchanged.expression}",
        )
        sequence = newest_sequence(self._table, remains.deployment_id) + 1
        stands = {name: _text(item.get(name)) for name in ("status", "status_reason")}
        event = put_event(self._table, remains.deployment_id, sequence, entry, **stands)

        def write(*at_flow: dict[str, Any]) -> None:
            self._table.transact([delete, event, *at_flow, end_counters(self._table, remains.deployment_id)])

        try:
            if remains.flow_id is None:
                write()
            else:
                strike_off = open_deployments.strike_off(self._table, remains.flow_id, remains.deployment_id)
                _write_with_flow(write, strike_off)
        except ConditionFailed:
            return False
        return True

    def _flow_id(self, item: Item) -> str | None:
        """Return the deployment's flow, by its record or by the first event of its history."""
        created = self._table.get(keys.event_key(keys.record_of(item)[1], _FIRST_EVENT)) or {}
        details = created.get("details")
        candidates = [item.get("flow_id"), details.get("flow_id") if isinstance(details, Mapping) else None]
        named = [each for each in candidates if isinstance(each, str) and re.fullmatch(FLOW_ID_PATTERN, each)]
        return named[0] if named else None


def _write_with_flow(write: Callable[..., None], strike_off: dict[str, Any]) -> None:
    try:
        write(strike_off)
    except ConditionFailed as failed:
        if failed.position != _AT_FLOW:
            raise
        write()  # the flow is gone, or damaged


def _number(value: object) -> int:
    """Return a number of waves or attempts, 0 where it cannot be one."""
    return value if isinstance(value, int) and 0 <= value <= MAX_NUMBER else 0


def _number_in(name: str) -> int:
    digits = name.removeprefix("R")
    return int(digits) if digits.isdecimal() else 0


def _text(value: object) -> str:
    return value if isinstance(value, str) else "unreadable"
