"""What happens to the nodes of a flow, for the nodes of the same flow that want to know: ``catch`` and ``status``."""

from collections.abc import Callable
from dataclasses import dataclass

from edge_agent.flows.language.messages import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One failure of a node. ``message`` is what it was at, absent when it was a timer of its own."""

    node_id: str
    error: str
    message: Message | None


Handle = Callable[[Fault], bool]
"""Takes a failure; true: somebody takes care of it, so the node does not count as unhealthy."""
Notice = Callable[[str, str | None], None]
"""Takes a node's id and what is wrong with it now, None when it works again."""


class FlowEvents:
    """Who wants to know. All calls come from the flow's thread."""

    def __init__(self) -> None:
        self._handlers: list[Handle] = []
        self._notices: list[Notice] = []

    def on_fault(self, handle: Handle) -> None:
        """Hand every failure in the flow to this."""
        self._handlers.append(handle)

    def on_health(self, notice: Notice) -> None:
        """Hand every change of a node's health to this."""
        self._notices.append(notice)

    def fault(self, fault: Fault) -> bool:
        """Tell of a failure; returns whether somebody takes care of it."""
        handled = False
        for handle in self._handlers:
            handled = handle(fault) or handled
        return handled

    def health(self, node_id: str, error: str | None) -> None:
        """Tell of a node's health."""
        for notice in self._notices:
            notice(node_id, error)
