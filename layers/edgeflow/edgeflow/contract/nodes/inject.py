"""``inject``: sends a fixed payload, once at the start, at an interval, or both."""

import json
from typing import ClassVar, Self

from pydantic import JsonValue, field_validator, model_validator

from edgeflow.contract.nodes.base import Interval, NodeSettings
from edgeflow.contract.nodes.kind import NodeKind


class InjectSettings(NodeSettings):
    """What is sent, how often (never again, when absent), and whether also when the flow starts."""

    payload: JsonValue = None
    interval: Interval | None = None
    once: bool = True

    @field_validator("payload")
    @classmethod
    def _is_json(cls, value: JsonValue) -> JsonValue:
        json.dumps(value, allow_nan=False)  # Python would take NaN for JSON; raises ValueError
        return value

    @model_validator(mode="after")
    def _sends_something(self) -> Self:
        if self.interval is None and not self.once:
            message = "without an interval and with once false it would never send anything"
            raise ValueError(message)
        return self


class InjectKind(NodeKind[InjectSettings]):
    """``inject``, as a flow names and connects it."""

    settings_type: ClassVar[type[NodeSettings]] = InjectSettings
    takes_messages: ClassVar[bool] = False

    @classmethod
    def seconds_to_begin(cls, settings: InjectSettings, *, switched: bool) -> float:
        """Return 0 where it sends at its start, else the interval."""
        if settings.interval is None or (settings.once and not switched):
            return 0.0
        return settings.interval.total_seconds()
