"""``link_out`` and ``link_in``: messages from one flow of the device to others, by a name both know."""

from typing import Annotated, ClassVar, Final

from pydantic import StringConstraints

from edge_agent.flows.language.nodes.base import NodeSettings
from edge_agent.flows.language.nodes.kind import NodeKind

LinkName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:/-]{1,64}$")]
MAX_HOPS: Final = 16
"""Links that one message may take: two flows that link to each other would send it round for ever."""
HOPS: Final = "hops"
"""Metadata: the links that a message has taken."""


class LinkSettings(NodeSettings):
    """The link's name, the same at both of its ends."""

    link: LinkName = "default"


class LinkOutKind(NodeKind[LinkSettings]):
    """``link_out``, as a flow names and connects it."""

    settings_type: ClassVar[type[NodeSettings]] = LinkSettings

    @classmethod
    def ports(cls, settings: LinkSettings) -> frozenset[int]:  # noqa: ARG003  none, whatever the settings
        """Return no output."""
        return frozenset()


class LinkInKind(NodeKind[LinkSettings]):
    """``link_in``, as a flow names and connects it."""

    settings_type: ClassVar[type[NodeSettings]] = LinkSettings
    takes_messages: ClassVar[bool] = False
