"""Opening the next draft of a published flow; its published versions stay deployable."""

from typing import ClassVar

from edgeflow.contract.history.details import Details
from edgeflow.contract.history.flows import DraftOpened
from edgeflow.domain.flows import Action, Flow
from edgeflow.use_cases.flows.move_flow import MoveFlow


class DraftFlow(MoveFlow):
    """Open the next draft, with the definition that was published last."""

    __slots__ = ()

    action: ClassVar[Action] = Action.DRAFT

    def details(self, flow: Flow) -> Details:
        """Return what the history tells of it."""
        return DraftOpened(from_version=flow.latest_version)
