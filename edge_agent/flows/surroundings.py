"""The device as one of its flows sees it: plain values, which can be handed to another process."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edge_agent.flows.language.messages import MAX_MESSAGE_BYTES
from edge_agent.flows.language.secrets import NO_SECRETS, Secrets


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowSurroundings:
    """What a flow is told of the device.

    Attributes:
        device_id: AWS IoT thing name.
        flow_id: id of the flow; outputs carry it in their default topic.
        hardware: the agent's ``[hardware]`` table, such as ``{"dht_model": "DHT22"}``.
        overrides: this device's own values of the flow's variables, by name.
        programs: absolute paths of the programs that a flow's health checks may run here.
        files: the one folder below which the flow's nodes may read and write files; none when absent.
        message_limit: bytes that a message of the flow may have; what is larger is dropped.
        allow_loopback: whether the flow's nodes may ask the device itself by HTTP.
        secrets: those that the flow names, and no others.
    """

    device_id: str
    flow_id: str
    hardware: Mapping[str, Any] = field(default_factory=dict)
    overrides: Mapping[str, Any] = field(default_factory=dict)
    programs: frozenset[str] = frozenset()
    files: Path | None = None
    message_limit: int = MAX_MESSAGE_BYTES
    allow_loopback: bool = False
    secrets: Secrets = NO_SECRETS
