"""``debug``: keeps the last messages and writes them to the log, at debug level."""

import dataclasses
import logging
from collections import deque

from edge_agent.flows.builtin.nodes.base import Node, NodeEnvironment
from edge_agent.flows.language.messages import Message
from edgeflow.contract.nodes.debug import DebugKind, DebugSettings

_log = logging.getLogger(__name__)


class DebugNode(DebugKind, Node[DebugSettings]):
    """Keeps and logs what it gets; has no output. ``messages`` holds the kept ones, oldest first.

    No secret of the flow is kept or logged, also where somebody who was asked has repeated it.
    """

    def __init__(self, settings: DebugSettings, environment: NodeEnvironment) -> None:
        super().__init__(settings, environment)
        self.messages: deque[Message] = deque(maxlen=settings.keep)

    def receive(self, message: Message) -> None:
        """Keep the message, in place of the oldest when there are enough."""
        payload = self.environment.redact.tree(message.payload)
        metadata = self.environment.redact.tree(dict(message.metadata))
        self.messages.append(dataclasses.replace(message, payload=payload, metadata=metadata))
        flow_id, node_id = self.environment.context.flow_id, self.environment.node_id
        _log.debug("flow %s, node %s got %s from %s", flow_id, node_id, payload, message.source)
