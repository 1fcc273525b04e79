"""What every event of a history says: who did it, and the base of what each type says beside."""

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field


class Actor(BaseModel):
    """Who did it: a caller, by the token's ``sub`` and the name that ``created_by`` has, or a part of the system."""

    model_config = ConfigDict(frozen=True)

    kind: Annotated[
        Literal["caller", "system"],
        Field(description="Whether somebody asked for it, or EdgeFlow did it by itself"),
    ]
    name: Annotated[str, Field(description="Of a caller what `created_by` has; of the system the part")]
    subject: Annotated[str | None, Field(description="The `sub` of the caller's token; null of the system")] = None

    def __str__(self) -> str:
        """Return the name, as sentences have it."""
        return self.name


class Details(BaseModel):
    """What one type of event says beside who, when and where the subject stands then."""

    model_config = ConfigDict(frozen=True)

    type: ClassVar[str]
