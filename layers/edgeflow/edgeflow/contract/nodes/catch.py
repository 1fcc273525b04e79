"""``catch``: sends a message for each failure of a node in the same flow."""

from typing import ClassVar, Final

from pydantic import Field

from edgeflow.contract.flow import NodeId
from edgeflow.contract.nodes.base import NodeSettings
from edgeflow.contract.nodes.kind import NodeKind

CAUGHT: Final = "caught"
"""Metadata of what a catch sends, and of what comes of it: failing on that is not caught again, or it never ended."""


class CatchSettings(NodeSettings):
    """Which nodes are meant (every other one, when absent), and whether their failures then count as taken care of."""

    nodes: list[NodeId] | None = Field(default=None, min_length=1, max_length=1_000)
    handled: bool = False


class CatchKind(NodeKind[CatchSettings]):
    """``catch``, as a flow names and connects it."""

    settings_type: ClassVar[type[NodeSettings]] = CatchSettings
    takes_messages: ClassVar[bool] = False

    @classmethod
    def seconds_to_begin(cls, settings: CatchSettings, *, switched: bool) -> None:
        """Return None: failures decide."""
