"""What is known of a type of node before any node of it runs: its settings, its input, its outputs."""

from typing import ClassVar, Generic, TypeVar

from edge_agent.flows.language.nodes.base import NodeSettings

SettingsT = TypeVar("SettingsT", bound=NodeSettings)


class NodeKind(Generic[SettingsT]):
    """One type of node, as flows name and connect it. How it runs is a runtime's affair."""

    settings_type: ClassVar[type[NodeSettings]]
    takes_messages: ClassVar[bool] = True

    @classmethod
    def ports(cls, settings: SettingsT) -> frozenset[int]:  # noqa: ARG003  some types have as many as they are told
        """Return the outputs that a node with these settings has; connections may start at no others."""
        return frozenset({0})
