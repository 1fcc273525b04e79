"""Restoring an archived flow to the state it was archived in."""

from typing import ClassVar

from edgeflow.domain.flows import Action
from edgeflow.use_cases.move_flow import MoveFlow


class RestoreFlow(MoveFlow):
    """Bring a flow back."""

    __slots__ = ()

    action: ClassVar[Action] = Action.RESTORE
