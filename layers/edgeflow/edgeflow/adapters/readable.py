"""The one way in which stored items are read: what cannot be read is a value, logged and counted, and stops nothing.

Readers raise ``ValueError`` (pydantic's faults are such, too) for what they cannot read. Where only one record is
looked at, :func:`require` makes an error of it; where many are, :func:`readable` hands the others on.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import cache
from typing import Any, Final, TypeVar

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit, single_metric
from pydantic import ValidationError

from edgeflow.adapters import keys
from edgeflow.domain.errors import CannotBeRead
from edgeflow.domain.unreadable import Kind, Unreadable

METRIC: Final = "UnreadableRecords"
NAMESPACE: Final = "EdgeFlow"
SERVICE: Final = "records"
"""The metric's dimension: one alarm is on all functions that read."""
MAX_FAULT: Final = 300

Item = dict[str, Any]

_Read = TypeVar("_Read")
_Stored = TypeVar("_Stored")


def readable(item: Item, reader: Callable[[Item], _Read]) -> _Read | Unreadable:
    """Return what an item is, or that it cannot be read."""
    kind, record_id, of = keys.record_of(item)
    return readable_as(item, reader, kind=kind, record_id=record_id, of=of)


def readable_as(
    stored: _Stored, reader: Callable[[_Stored], _Read], *, kind: Kind, record_id: str, of: str = ""
) -> _Read | Unreadable:
    """Return what something stored elsewhere than in the table is, or that it cannot be read."""
    try:
        return reader(stored)
    except ValueError as error:
        return set_aside(Unreadable(kind=kind, id=record_id, of=of, fault=_fault(error)))


def require(item: Item, reader: Callable[[Item], _Read]) -> _Read:
    """Return what an item is. Raises CannotBeRead."""
    return required(readable(item, reader))


def required(found: _Read | Unreadable) -> _Read:
    """Return what was found, if it was readable. Raises CannotBeRead."""
    if isinstance(found, Unreadable):
        raise CannotBeRead(found)
    return found


def set_aside(record: Unreadable) -> Unreadable:
    """Log and count a record that cannot be read, and return it."""
    count_unreadable(asdict(record))
    return record


def count_unreadable(record: Mapping[str, str]) -> None:
    """Log and count that something stored cannot be read, or that AWS refuses it; ``record`` is what is known of it."""
    with single_metric(
        METRIC, unit=MetricUnit.Count, value=1, namespace=NAMESPACE, default_dimensions={"service": SERVICE}
    ):
        _logger().warning("unreadable record", extra={"record": dict(record)})


@cache
def _logger() -> Logger:
    return Logger(child=True)


def _fault(error: ValueError) -> str:
    """Return what is wrong, without the values: they may be secret, or long."""
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        message = f"{place}: {first['msg']}" if place else first["msg"]
    else:
        message = str(error)
    return message.encode("utf-8", "replace").decode()[:MAX_FAULT]
