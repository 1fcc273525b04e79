"""``debug``: keeps the last messages and writes them to the log, at debug level."""

import logging
from collections import deque
from typing import ClassVar

from pydantic import Field

from edge_agent.runtime.messages import Message
from edge_agent.runtime.nodes.base import Node, NodeEnvironment, NodeSettings

_log = logging.getLogger(__name__)


class DebugSettings(NodeSettings):
    """How many messages are kept."""

    keep: int = Field(default=100, ge=1, le=1_000)


class DebugNode(Node[DebugSettings]):
    """Keeps and logs what it gets; has no output. ``messages`` holds the kept ones, oldest first."""

    settings_type: ClassVar[type[NodeSettings]] = DebugSettings

    def __init__(self, settings: DebugSettings, environment: NodeEnvironment) -> None:
        super().__init__(settings, environment)
        self.messages: deque[Message] = deque(maxlen=settings.keep)

    @classmethod
    def ports(cls, settings: DebugSettings) -> frozenset[int]:  # noqa: ARG003  none, whatever the settings
        """Return no output."""
        return frozenset()

    def receive(self, message: Message) -> None:
        """Keep the message, in place of the oldest when there are enough."""
        self.messages.append(message)
        flow_id, node_id = self.environment.context.flow_id, self.environment.node_id
        _log.debug("flow %s, node %s got %s from %s", flow_id, node_id, message.payload, message.source)
