"""Where nodes wait for the world."""

from edge_agent.flows.builtin.threads import in_thread

__all__ = ["in_thread"]
