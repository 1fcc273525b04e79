"""Counters of targets by status, each added to once per stream position. Deployments and waves both have them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from botocore.exceptions import ClientError

from edgeflow.adapters.attributes import MAX_NUMBER, Item, optional_text, text, whole
from edgeflow.adapters.aws_errors import error_code
from edgeflow.adapters.expressions import Change, change
from edgeflow.domain.deployments import SETTLED, TargetStatus
from edgeflow.domain.errors import Damaged
from edgeflow.domain.waves import Deltas

SEQUENCE_DIGITS: Final = 40  # DynamoDB Streams: SequenceNumber has at most 40 digits
CHECKPOINT: Final = "checkpoint"
NOT_COUNTED_YET: Final = f"(attribute_not_exists(#{CHECKPOINT}) OR #{CHECKPOINT} < :first)"
"""Nothing from position ``:first`` on was counted before."""


def _attribute(status: TargetStatus) -> str:
    return f"count_{status.value}"


COUNTERS: Final = frozenset({CHECKPOINT, *map(_attribute, SETTLED)})
"""Attributes that are counters, or what the next count goes by."""


@contextmanager
def adding() -> Iterator[None]:
    """Turn DynamoDB's refusal to add to a counter that is no number into Damaged: the request itself is well formed."""
    try:
        yield
    except ClientError as error:
        if error_code(error) != "ValidationException":
            raise
        message = f"a counter cannot be added to ({error}); roll the deployment back, or let it end"
        raise Damaged(message) from error


def read_counts(item: Item) -> Mapping[TargetStatus, int]:
    """Return an item's counters; statuses that never occurred are left out. Raises ValueError."""
    optional_text(item, CHECKPOINT)  # what the next count goes by
    counted = [status for status in SETTLED if item.get(_attribute(status)) is not None]
    return {status: whole(item, _attribute(status), least=-MAX_NUMBER) for status in counted}


def counted_up_to(item: Item) -> str:
    """Return the stream position up to which an item's counters have counted. Raises ValueError."""
    return text(item, CHECKPOINT)


def counting(deltas: Deltas, *, last: str, put: Mapping[str, Any] | None = None) -> Change:
    """Return the update that adds these deltas and notes that all up to ``last`` is counted."""
    return change(
        put={**(put or {}), CHECKPOINT: last},
        add={_attribute(status): delta for status, delta in deltas.items() if delta},
    )
