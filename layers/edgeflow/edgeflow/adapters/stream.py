"""Records of the table's stream as changes of targets."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeVar

from edgeflow.adapters.counters import SEQUENCE_DIGITS
from edgeflow.adapters.damage import UNREADABLE, fault, number, text
from edgeflow.adapters.table import Item, from_attributes
from edgeflow.adapters.target_store import TARGET_KIND
from edgeflow.domain.deployments import TargetStatus
from edgeflow.domain.jobs import MAX_ATTEMPT, MAX_WAVE
from edgeflow.domain.waves import TargetChange
from edgeflow.use_cases.set_aside import SetAside

FIRST_WAVE: Final = 1

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
        except UNREADABLE as error:
            told = record["dynamodb"]
            partition = str(told.get("Keys", {}).get("pk", {}).get("S", ""))
            return SetAside(record=told["SequenceNumber"], pk=partition, fault=fault(error))

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
    before: Item = from_attributes(told["OldImage"]) if "OldImage" in told else {}
    change = TargetChange(
        deployment_id=text(after, "deployment_id"),
        wave=_wave(after),
        wave_before=_wave(before) if before else _wave(after),
        before=TargetStatus(before.get("status", TargetStatus.PENDING)),
        after=TargetStatus(after["status"]),
        attempt_before=_attempt(before),
        attempt_after=_attempt(after),
        sequence=position(record),
    )
    moved = change.before != change.after or change.attempt_before != change.attempt_after
    return change if moved else None


def _wave(item: Item) -> int:
    return _within(number(item, "wave"), FIRST_WAVE, MAX_WAVE)


def _attempt(item: Item) -> int:
    return _within(number(item, "rollback_attempt", 0), 0, MAX_ATTEMPT)


def _within(value: int, least: int, most: int) -> int:
    if not least <= value <= most:
        message = f"{value} is not from {least} to {most}"
        raise ValueError(message)
    return value
