"""``delay``: sends messages on later, or no more often than so many in a time."""

from datetime import timedelta
from typing import ClassVar, Final, Literal, Self

from pydantic import Field, model_validator

from edgeflow.contract.nodes.base import Interval, NodeSettings
from edgeflow.contract.nodes.kind import NodeKind
from edgeflow.contract.nodes.paths import PathSetting

MAX_WAITING: Final = 10_000
"""The flow's own queue takes as many: see ``edge_agent.flows.builtin.loop.MAX_QUEUED``."""


class DelaySettings(NodeSettings):
    """How messages are held up, how many may wait, and which message drops those that do."""

    mode: Literal["fixed", "random", "rate"] = "fixed"
    time: Interval = timedelta(seconds=1)
    at_most: Interval | None = None
    messages: int = Field(default=1, ge=1, le=1_000)
    excess: Literal["wait", "drop"] = "wait"
    keep: int = Field(default=1_000, ge=1, le=MAX_WAITING)
    reset: PathSetting | None = None

    @model_validator(mode="after")
    def _belongs_together(self) -> Self:
        if (self.at_most is None) == (self.mode == "random"):
            message = "random takes from time to at_most, so it needs at_most, and no other mode takes it"
            raise ValueError(message)
        if self.at_most is not None and self.at_most < self.time:
            message = "at_most is shorter than time"
            raise ValueError(message)
        if self.mode != "rate" and not {"messages", "excess"}.isdisjoint(self.model_fields_set):
            message = "messages and excess say how mode rate works, so they need it"
            raise ValueError(message)
        return self


class DelayKind(NodeKind[DelaySettings]):
    """``delay``, as a flow names and connects it."""

    settings_type: ClassVar[type[NodeSettings]] = DelaySettings

    @classmethod
    def seconds_to_fail(cls, settings: DelaySettings) -> float:
        """Return how long it holds a message; by ``rate`` the first one goes on at once."""
        longest = settings.time if settings.at_most is None else settings.at_most
        return 0.0 if settings.mode == "rate" else longest.total_seconds()
