"""``inject``: sends a fixed payload, once at the start, at an interval, or both."""

import json
from typing import ClassVar, Self

from pydantic import JsonValue, field_validator, model_validator

from edge_agent.runtime.messages import Message
from edge_agent.runtime.nodes.base import Emit, Interval, Node, NodeSettings, Schedule


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


class InjectNode(Node[InjectSettings]):
    """Sends its payload."""

    settings_type: ClassVar[type[NodeSettings]] = InjectSettings
    takes_messages: ClassVar[bool] = False

    def start(self, emit: Emit, schedule: Schedule) -> None:
        """Arrange when the payload is sent."""
        message = Message(payload=self.settings.payload, source=self.environment.node_id)
        interval = self.settings.interval

        def send() -> None:
            emit(message)

        def send_and_repeat() -> None:
            schedule.every(seconds, send)

        if interval is None:
            schedule.after(0, send)
            return
        seconds = interval.total_seconds()
        if self.settings.once:
            schedule.every(seconds, send)
        else:
            schedule.after(seconds, send_and_repeat)
