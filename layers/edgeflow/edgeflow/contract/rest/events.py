"""Answers of ``GET /v1/deployments/{deployment_id}/events`` and ``GET /v1/flows/{flow_id}/events``."""

from pydantic import BaseModel

from edgeflow.contract.history.events import DeploymentEvent, FlowEvent
from edgeflow.contract.rest.unreadable import UnreadableEvent


class DeploymentEventPage(BaseModel):
    """Answer of ``GET /v1/deployments/{deployment_id}/events``, oldest first."""

    events: list[DeploymentEvent | UnreadableEvent]
    next_cursor: str | None


class FlowEventPage(BaseModel):
    """Answer of ``GET /v1/flows/{flow_id}/events``, oldest first."""

    events: list[FlowEvent | UnreadableEvent]
    next_cursor: str | None
