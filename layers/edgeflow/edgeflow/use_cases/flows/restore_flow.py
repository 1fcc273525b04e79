"""Restoring an archived flow to the state it was archived in."""

from typing import ClassVar

from edgeflow.contract.history.details import Details
from edgeflow.contract.history.flows import FlowRestored
from edgeflow.domain.flows import Action, Flow
from edgeflow.use_cases.flows.move_flow import MoveFlow


class RestoreFlow(MoveFlow):
    """Bring a flow back."""

    __slots__ = ()

    action: ClassVar[Action] = Action.RESTORE

    def details(self, flow: Flow) -> Details:  # noqa: ARG002  part of the interface
        """Return what the history tells of it."""
        return FlowRestored()
