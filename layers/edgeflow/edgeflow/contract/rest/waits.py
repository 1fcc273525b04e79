"""What an unfinished deployment, and a target that is deploying, wait for, as REST shows it. Times are ISO 8601 UTC."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

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

    count: Annotated[int, Field(description="How many are waited for")]
    first: Annotated[list[str], Field(description="The first 20 of them, by id")]


class WaitView(BaseModel):
    """``until`` is null only where a person decides, and for what began before EdgeFlow kept when it did."""

    what: Annotated[WaitCode, Field(description="A stable code")]
    wave: Annotated[int | None, Field(description="The wave that it is about; null where it is none, or a rollback")]
    devices: Annotated[WaitDevices | None, Field(description="Who is waited for; null where it is not devices")]
    until: Annotated[
        str | None,
        Field(
            description="When that ends by itself at the latest; null where a person decides, and for what began "
            "before EdgeFlow kept when it did"
        ),
    ]
    then: Annotated[str, Field(description="What happens then")]
    overdue: Annotated[bool, Field(description="Whether even the last deadline has passed")]
    sentence: Annotated[str, Field(description="All of it in a sentence")]


class TargetWaitView(BaseModel):
    """What a target that is deploying is at; ``since`` and ``until`` are null where they are not known."""

    what: Annotated[TargetWaitCode, Field(description="A stable code")]
    since: Annotated[str | None, Field(description="Since when; null where it is not known")]
    until: Annotated[str | None, Field(description="When it ends by itself at the latest; null where it is not known")]
    sentence: Annotated[str, Field(description="All of it in a sentence")]
