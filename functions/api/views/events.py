"""How events of histories look in answers."""

from typing import TypeVar

from edgeflow.contract.history.events import DeploymentEvent, FlowEvent
from edgeflow.contract.rest.unreadable import UnreadableEvent
from edgeflow.domain.unreadable import Unreadable

_Event = TypeVar("_Event", DeploymentEvent, FlowEvent)


def listed_event(event: _Event | Unreadable) -> _Event | UnreadableEvent:
    """Return one event."""
    return UnreadableEvent(sequence=int(event.id)) if isinstance(event, Unreadable) else event
