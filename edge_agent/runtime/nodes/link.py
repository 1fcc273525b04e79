"""``link_out`` and ``link_in``: messages from one flow of the device to others, by a name both know."""

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, ClassVar, Final

from pydantic import StringConstraints

from edge_agent.runtime.messages import Message
from edge_agent.runtime.nodes.base import Emit, Node, NodeEnvironment, NodeError, NodeSettings, Schedule

LinkName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:/-]{1,64}$")]
MAX_HOPS: Final = 16
"""Links that one message may take: two flows that link to each other would send it round for ever."""
HOPS: Final = "hops"
"""Metadata: the links that a message has taken."""


class LinkSettings(NodeSettings):
    """The link's name, the same at both of its ends."""

    link: LinkName = "default"


class LinkOutNode(Node[LinkSettings]):
    """Sends each message to every ``link_in`` of that name on the device, also of its own flow."""

    settings_type: ClassVar[type[NodeSettings]] = LinkSettings

    @classmethod
    def ports(cls, settings: LinkSettings) -> frozenset[int]:  # noqa: ARG003  none, whatever the settings
        """Return no output."""
        return frozenset()

    def receive(self, message: Message) -> None:
        """Pass the message on, unless the flow only stands by.

        Raises:
            NodeError: the message has been through too many links; it goes round.
        """
        hops = int(message.metadata.get(HOPS, "0")) + 1
        if hops > MAX_HOPS:
            text = f"A message came through more than {MAX_HOPS} links, as if flows linked to each other in a circle."
            raise NodeError(text)
        context = self.environment.context
        if not context.muted():
            context.links.send(self.settings.link, replace(message, metadata={**message.metadata, HOPS: str(hops)}))


class LinkInNode(Node[LinkSettings]):
    """Sends on what comes by the link. A version that stands by gets it, too."""

    settings_type: ClassVar[type[NodeSettings]] = LinkSettings
    takes_messages: ClassVar[bool] = False

    def __init__(self, settings: LinkSettings, environment: NodeEnvironment) -> None:
        super().__init__(settings, environment)
        self._end: Callable[[], None] | None = None

    def start(self, emit: Emit, schedule: Schedule) -> None:
        """Begin to listen."""

        def take(message: Message) -> None:
            schedule.soon(lambda: emit(message))  # on this flow's thread: its faults are not the sender's

        self._end = self.environment.context.links.listen(self.settings.link, take)

    def stop(self) -> None:
        """Listen no longer."""
        if self._end is not None:
            self._end()
