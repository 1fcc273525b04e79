"""Archiving a flow: it leaves the default lists and can no longer be deployed."""

from typing import ClassVar

from edgeflow.domain.flows import Action
from edgeflow.use_cases.move_flow import MoveFlow


class ArchiveFlow(MoveFlow):
    """Archive a flow."""

    __slots__ = ()

    action: ClassVar[Action] = Action.ARCHIVE
