"""Health checks that a flow's definition carries: what must be true on the device for the flow to be healthy.

They are in force for as long as the flow runs, live or standing by: in a job's health window and after it.
"""

from abc import ABC, abstractmethod
from datetime import timedelta
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from edgeflow.contract.durations import parse_duration

MAX_HEALTH_CHECKS: Final = 20
MAX_COMMAND_WORDS: Final = 32
_MIN: Final = timedelta(seconds=1)
_MAX: Final = timedelta(hours=1)  # contract.job.MAX_HEALTH_WINDOW_SECONDS: no window is longer


def _is_between(text: str) -> str:
    if not _MIN <= parse_duration(text) <= _MAX:
        message = "must be from 1s to 1h"
        raise ValueError(message)
    return text


CheckDuration = Annotated[str, StringConstraints(max_length=32), AfterValidator(_is_between)]
"""A duration as written, such as ``"30s"``; from a second to an hour."""
CheckName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,48}$")]
_Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/]+\S*$", max_length=2_048)]
_Word = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=1_024)]


def health_check_id(name: str) -> str:
    """Return the id under which a health check is reported among the nodes of its flow."""
    return f"check:{name}"


def seconds(duration: str) -> float:
    """Return a duration in seconds."""
    return parse_duration(duration).total_seconds()


class _Check(BaseModel, ABC):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: CheckName

    @property
    @abstractmethod
    def grace_seconds(self) -> float:
        """How long after the flow's start the check may take until it passes for the first time."""


class EmittedCheck(_Check):
    """A node of the flow sends a message at least every ``within``."""

    type: Literal["emitted"]
    node: str = Field(min_length=1, max_length=64)
    within: CheckDuration = "30s"

    @property
    def grace_seconds(self) -> float:
        """See the base: it has this time for its first message, too."""
        return seconds(self.within)


class _Repeated(_Check):
    interval: CheckDuration = "10s"
    timeout: CheckDuration = "5s"
    grace: CheckDuration = "30s"

    @property
    def grace_seconds(self) -> float:
        """See the base."""
        return seconds(self.grace)


class HttpCheck(_Repeated):
    """A GET of ``url``, made on the device, answers with ``status``; with any from 200 to 399 when that is absent."""

    type: Literal["http"]
    url: _Url
    status: int | None = Field(default=None, ge=100, le=599)


class CommandCheck(_Repeated):
    """A program on the device ends with 0. Each device says itself which programs flows may run there."""

    type: Literal["command"]
    command: tuple[_Word, ...] = Field(min_length=1, max_length=MAX_COMMAND_WORDS)


HealthCheckDefinition = Annotated[EmittedCheck | HttpCheck | CommandCheck, Field(discriminator="type")]
