"""What the settings of every node type are made of."""

from datetime import timedelta
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from edgeflow.contract.durations import parse_duration

MIN_INTERVAL: Final = timedelta(seconds=1)
MAX_INTERVAL: Final = timedelta(days=7)
ACKNOWLEDGED_WITHIN_SECONDS: Final = 30.0
"""A message of QoS 1 that is not acknowledged by then has failed, until another one of its topic is."""
MAX_WAITING: Final = 1_000
"""Messages that may wait for one node."""


def _read_interval(value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    if not isinstance(value, str):
        message = "write it like '1s', '5m' or '1h30m'"
        raise ValueError(message)  # noqa: TRY004  pydantic turns a ValueError, not a TypeError, into a fault
    interval = parse_duration(value)
    if not MIN_INTERVAL <= interval <= MAX_INTERVAL:
        message = "must be from 1s to 7d"
        raise ValueError(message)
    return interval


_WRITTEN: Final = Annotated[str, Field(json_schema_extra={"format": "interval"})]

Interval = Annotated[timedelta, BeforeValidator(_read_interval, json_schema_input_type=_WRITTEN)]
"""A time between two messages, from one second to seven days, written as a duration."""


class NodeSettings(BaseModel):
    """A node's ``config``: unknown keys are faults, and so are values of another type."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
