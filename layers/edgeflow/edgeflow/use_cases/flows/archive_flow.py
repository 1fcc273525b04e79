"""Archiving a flow: it leaves the default lists and can no longer be deployed."""

from typing import ClassVar

from edgeflow.contract.history.details import Details
from edgeflow.contract.history.flows import FlowArchived
from edgeflow.domain.flows import Action, Flow
from edgeflow.use_cases.flows.move_flow import MoveFlow


class ArchiveFlow(MoveFlow):
    """Archive a flow."""

    __slots__ = ()

    action: ClassVar[Action] = Action.ARCHIVE

    def details(self, flow: Flow) -> Details:  # noqa: ARG002  part of the interface
        """Return what the history tells of it."""
        return FlowArchived()
