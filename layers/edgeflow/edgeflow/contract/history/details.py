"""What every event of a history says: who did it, and the base of what each type says beside."""

from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict


class Actor(BaseModel):
    """Who did it: a caller, by the token's ``sub`` and the name that ``created_by`` has, or a part of the system."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["caller", "system"]
    name: str
    subject: str | None = None

    def __str__(self) -> str:
        """Return the name, as sentences have it."""
        return self.name


class Details(BaseModel):
    """What one type of event says beside who, when and where the subject stands then."""

    model_config = ConfigDict(frozen=True)

    type: ClassVar[str]
