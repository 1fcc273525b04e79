"""``link_out`` and ``link_in``: messages from one flow of the device to others, by a name both know."""

from typing import Annotated, ClassVar, Final

from pydantic import StringConstraints

from edgeflow.contract.nodes.base import NodeSettings
from edgeflow.contract.nodes.kind import NodeKind

LinkName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:/-]{1,64}$")]
MAX_HOPS: Final = 16
"""Links that one message may take: two flows that link to each other would send it round for ever."""
HOPS: Final = "hops"
"""Metadata: the links that a message has taken."""


class LinkSettings(NodeSettings):
    """The link's name, the same at both of its ends. Without one it joins nodes of one flow alone."""

    link: LinkName | None = None

    def joins(self, flow_id: str) -> str:
        """Return what a node of this flow has in common with those it is linked to: the name, or the flow.

        Only who names a link takes part in it: a flow must not reach another one that did not ask for that.
        """
        return self.link if self.link is not None else f"within {flow_id}"  # no name has a blank


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

    @classmethod
    def seconds_to_begin(cls, settings: LinkSettings, *, switched: bool) -> None:
        """Return None: what goes into the link decides."""
