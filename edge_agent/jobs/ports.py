"""What the engine needs of the cloud. The transport is the implementation; tests have their own."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

IN_PROGRESS: Final = "IN_PROGRESS"
OPEN: Final = frozenset({"QUEUED", IN_PROGRESS})
"""Statuses of an execution that somebody still wants done."""


class Offline(Exception):
    """The cloud cannot be reached now; whatever was asked is asked again later."""


class UpdateRefused(Exception):
    """The cloud does not take this update; ``status`` is what the execution is, None when it is not known."""

    def __init__(self, code: str, status: str | None) -> None:
        """Keep AWS IoT's code, and the status it told."""
        super().__init__(f"{code}: the execution is {status or 'unknown'}")
        self.code = code
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """A job for this device. ``document`` is as it came: it may be of a schema that this agent does not know.

    ``told_at`` is when it was told by the cloud's clock, None when the cloud did not say.
    """

    job_id: str
    status: str
    document: Mapping[str, Any]
    told_at: datetime | None = None


class Jobs(Protocol):
    """AWS IoT Jobs, for one device."""

    def next(self) -> Execution | None:
        """Return the job to do next: the one in progress, else the oldest queued. Raises Offline."""

    def update(self, job_id: str, status: str, details: Mapping[str, str]) -> None:
        """Tell how far a job is. Raises Offline, UpdateRefused."""

    def is_open(self, job_id: str) -> bool:
        """Tell whether somebody still wants the job done; not when it has ended or is gone. Raises Offline."""
