"""``debug``: keeps the last messages and writes them to the log, at debug level."""

from typing import ClassVar

from pydantic import Field

from edgeflow.contract.nodes.base import NodeSettings
from edgeflow.contract.nodes.kind import NodeKind


class DebugSettings(NodeSettings):
    """How many messages are kept."""

    keep: int = Field(default=100, ge=1, le=1_000)


class DebugKind(NodeKind[DebugSettings]):
    """``debug``, as a flow names and connects it."""

    settings_type: ClassVar[type[NodeSettings]] = DebugSettings

    @classmethod
    def ports(cls, settings: DebugSettings) -> frozenset[int]:  # noqa: ARG003  none, whatever the settings
        """Return no output."""
        return frozenset()
