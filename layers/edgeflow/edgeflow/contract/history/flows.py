"""What each type of event says of a flow."""

from typing import ClassVar

from edgeflow.contract.history.details import Details


class FlowCreated(Details):
    """As a draft."""

    type: ClassVar[str] = "created"

    name: str


class FlowUpdated(Details):
    """Its draft's content was replaced; ``changed`` names the parts that differ."""

    type: ClassVar[str] = "updated"

    changed: list[str]


class FlowPublished(Details):
    """The draft is frozen as this version, with the SHA-256 and the size (bytes) of what devices download."""

    type: ClassVar[str] = "published"

    version: int
    sha256: str
    size: int


class DraftOpened(Details):
    """The next draft, with the definition of this version."""

    type: ClassVar[str] = "draft_opened"

    from_version: int | None


class FlowArchived(Details):
    """Hidden, and no longer deployable."""

    type: ClassVar[str] = "archived"


class FlowRestored(Details):
    """Back as it was."""

    type: ClassVar[str] = "restored"


class FlowDeleted(Details):
    """With all its versions; its history stays."""

    type: ClassVar[str] = "deleted"


FlowDetails = FlowCreated | FlowUpdated | FlowPublished | DraftOpened | FlowArchived | FlowRestored | FlowDeleted
