"""``link_out`` and ``link_in``: messages from one flow of the device to others, by a name both know, or within one."""

from collections.abc import Callable
from dataclasses import replace

from edge_agent.flows.builtin.nodes.base import Emit, Node, NodeEnvironment, NodeError, Schedule
from edge_agent.flows.language.messages import Message
from edgeflow.contract.nodes.link import HOPS, MAX_HOPS, LinkInKind, LinkOutKind, LinkSettings


class LinkOutNode(LinkOutKind, Node[LinkSettings]):
    """Sends each message to every ``link_in`` of that name on the device; without a name, to those of its own flow."""

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
            counted = replace(message, metadata={**message.metadata, HOPS: str(hops)})
            context.links.send(self.settings.joins(context.flow_id), counted)


class LinkInNode(LinkInKind, Node[LinkSettings]):
    """Sends on what comes by the link. A version that stands by gets it, too."""

    def __init__(self, settings: LinkSettings, environment: NodeEnvironment) -> None:
        super().__init__(settings, environment)
        self._end: Callable[[], None] | None = None

    def start(self, emit: Emit, schedule: Schedule) -> None:
        """Begin to listen."""

        def take(message: Message) -> None:
            schedule.soon(lambda: emit(message))  # on this flow's thread: its faults are not the sender's

        context = self.environment.context
        self._end = context.links.listen(self.settings.joins(context.flow_id), take)

    def stop(self) -> None:
        """Listen no longer."""
        if self._end is not None:
            self._end()
