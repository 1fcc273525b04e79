"""What flows between nodes."""

from edge_agent.flows.language.messages import Message

__all__ = ["Message"]
