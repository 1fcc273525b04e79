"""What an unfinished deployment, and a target that is deploying, wait for, as REST shows it. Times are ISO 8601 UTC."""

from typing import Literal

from pydantic import BaseModel

WaitCode = Literal[
    "start",
    "plan",
    "dispatch",
    "reports",
    "cancelled_jobs",
    "breach",
    "batch_delay",
    "canary_delay",
    "switch_delay",
    "resume",
    "rollback_plan",
    "rollback_reports",
    "conclusion",
]
TargetWaitCode = Literal["offline", "job", "health_window", "unknown"]


class WaitDevices(BaseModel):
    """``count`` devices are waited for; ``first`` names at most 20 of them."""

    count: int
    first: list[str]


class WaitView(BaseModel):
    """``until`` is null only where a person decides, and for what began before EdgeFlow kept when it did."""

    what: WaitCode
    wave: int | None
    devices: WaitDevices | None
    until: str | None
    then: str
    overdue: bool
    sentence: str


class TargetWaitView(BaseModel):
    """What a target that is deploying is at; ``since`` and ``until`` are null where they are not known."""

    what: TargetWaitCode
    since: str | None
    until: str | None
    sentence: str
