"""What is known of a type of node before any node of it runs: its settings, its input, its outputs."""

from typing import ClassVar, Generic, TypeVar

from edgeflow.contract.nodes.base import NodeSettings

SettingsT = TypeVar("SettingsT", bound=NodeSettings)


class NodeKind(Generic[SettingsT]):
    """One type of node, as flows name and connect it. How it runs is a runtime's affair."""

    settings_type: ClassVar[type[NodeSettings]]
    takes_messages: ClassVar[bool] = True

    @classmethod
    def ports(cls, settings: SettingsT) -> frozenset[int]:  # noqa: ARG003  some types have as many as they are told
        """Return the outputs that a node with these settings has; connections may start at no others."""
        return frozenset({0})

    @classmethod
    def seconds_to_fail(cls, settings: SettingsT) -> float:  # noqa: ARG003  most types are done at once
        """Return for how many seconds, at the longest, a node is at its first message before it is seen to have failed.

        A node that has not failed by then has sent the message on, or never will.
        """
        return 0.0

    @classmethod
    def seconds_to_begin(cls, settings: SettingsT, *, switched: bool) -> float | None:  # noqa: ARG003  as above
        """Return how many seconds after its start a node that takes no messages has sent its first one.

        With ``switched`` the node may run already, as the other slot's does before a switch: then it is how long its
        next message may take, and never less than from its start. None: whatever comes from outside decides, so nobody
        can say.
        """
        return 0.0
