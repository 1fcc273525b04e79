"""Opening the next draft of a published flow; its published versions stay deployable."""

from typing import ClassVar

from edgeflow.domain.flows import Action
from edgeflow.use_cases.move_flow import MoveFlow


class DraftFlow(MoveFlow):
    """Open the next draft, with the definition that was published last."""

    __slots__ = ()

    action: ClassVar[Action] = Action.DRAFT
