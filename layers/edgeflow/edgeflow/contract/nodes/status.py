"""``status``: sends a message whenever a node of the same flow becomes unhealthy, or healthy again."""

from typing import ClassVar

from pydantic import Field

from edgeflow.contract.flow import NodeId
from edgeflow.contract.nodes.base import NodeSettings
from edgeflow.contract.nodes.kind import NodeKind


class StatusSettings(NodeSettings):
    """Which nodes are meant; every other one, when absent. Health checks are named ``check:{name}``."""

    nodes: list[NodeId] | None = Field(default=None, min_length=1, max_length=1_000)


class StatusKind(NodeKind[StatusSettings]):
    """``status``, as a flow names and connects it."""

    settings_type: ClassVar[type[NodeSettings]] = StatusSettings
    takes_messages: ClassVar[bool] = False

    @classmethod
    def seconds_to_begin(cls, settings: StatusSettings, *, switched: bool) -> None:
        """Return None: changes of health decide."""
