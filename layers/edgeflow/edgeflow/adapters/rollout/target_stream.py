"""Records of the table's stream as changes of targets."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeVar

from edgeflow.adapters.attributes import Item, optional_whole, text, whole
from edgeflow.adapters.deployments.counters import SEQUENCE_DIGITS
from edgeflow.adapters.rollout.target_items import KIND as TARGET_KIND
from edgeflow.adapters.table import from_attributes
from edgeflow.domain.deployments import TargetStatus
from edgeflow.domain.jobs import MAX_ATTEMPT, MAX_WAVE
from edgeflow.domain.waves import TargetChange
from edgeflow.use_cases.rollout.set_aside import SetAside

FIRST_WAVE: Final = 1

_UNREADABLE: Final = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""ValueError is what readers of items raise, the others are of a wire form that is none of DynamoDB's."""

_Change = TypeVar("_Change")


def read_each(
    records: Iterable[Mapping[str, Any]], read: Callable[[Mapping[str, Any]], _Change | None]
) -> list[_Change | SetAside]:
    """Return what the records of a Lambda event say, in their order, and between them what cannot be read.

    That is a status or a setting that this release does not know, or an item that somebody wrote by hand. Records that
    say nothing (``read`` returns None) are left out.
    """

    def change(record: Mapping[str, Any]) -> _Change | SetAside | None:
        try:
            return read(record)
        except _UNREADABLE as error:
            told = record["dynamodb"]
            partition = str(told.get("Keys", {}).get("pk", {}).get("S", ""))
            return SetAside(record=told["SequenceNumber"], pk=partition, fault=f"{type(error).__name__}: {error}")

    return [told for told in map(change, records) if told is not None]


def position(record: Mapping[str, Any]) -> str:
    """Return a record's place in the stream, as a string that grows.

    Numbers of different lengths compare rightly as strings only when they are padded.
    """
    return str(record["dynamodb"]["SequenceNumber"]).zfill(SEQUENCE_DIGITS)


def target_changes(records: Iterable[Mapping[str, Any]]) -> list[TargetChange | SetAside]:
    """Return the changes that may count, in the order of the records, and between them what cannot be read."""
    return read_each(records, target_change)


def target_change(record: Mapping[str, Any]) -> TargetChange | None:
    """Read one record of a Lambda event; None when it changes neither a target's status nor its rollback attempt.

    A target may be written settled at once (its device was gone when the rollout was planned): that
    counts as a change from pending.
    """
    told = record["dynamodb"]
    if "NewImage" not in told:
        return None
    after = from_attributes(told["NewImage"])
    if after.get("kind") != TARGET_KIND:
        return None
    before = from_attributes(told["OldImage"]) if "OldImage" in told else {}
    change = TargetChange(
        deployment_id=text(after, "deployment_id"),
        wave=_wave(after),
        wave_before=_wave(before) if before else _wave(after),
        before=TargetStatus(before.get("status", TargetStatus.PENDING)),
        after=TargetStatus(text(after, "status")),
        attempt_before=_attempt(before),
        attempt_after=_attempt(after),
        sequence=position(record),
    )
    moved = change.before != change.after or change.attempt_before != change.attempt_after
    return change if moved else None


def _wave(item: Item) -> int:
    return whole(item, "wave", least=FIRST_WAVE, most=MAX_WAVE)


def _attempt(item: Item) -> int:
    return optional_whole(item, "rollback_attempt", most=MAX_ATTEMPT) or 0
