"""Telling the world of deployments."""

from functools import cache
from typing import TYPE_CHECKING

import boto3

from edgeflow.adapters.rollout.event_bus import EventBridge
from edgeflow.bootstrap.clients import PATIENT
from edgeflow.bootstrap.dead_letters import dead_letters
from edgeflow.settings import setting
from edgeflow.use_cases.rollout.notify_status import NotifyStatus

if TYPE_CHECKING:
    from types_boto3_events.client import EventBridgeClient


@cache
def notify_status() -> NotifyStatus:
    """Return the operation of functions/notify_status."""
    events: EventBridgeClient = boto3.client("events", config=PATIENT)
    return NotifyStatus(EventBridge(events, bus_name=setting("EVENT_BUS_NAME")), dead_letters())
