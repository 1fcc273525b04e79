"""What a running flow gets from the device it runs on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from edge_agent.flows.builtin.io import IoLoop
from edge_agent.flows.builtin.links import Links
from edge_agent.flows.builtin.sensors import SensorFactory, open_simulated_sensor
from edge_agent.flows.language.messages import MAX_MESSAGE_BYTES
from edge_agent.flows.publishing import Publish
from edge_agent.flows.surroundings import FlowSurroundings

Take = Callable[[str, bytes], None]
"""Takes an MQTT topic and what came there."""


def _not_connected(topic: str, take: Take) -> Callable[[], None]:  # noqa: ARG001  see FlowContext.subscribe
    message = "this agent has no connection by which messages could come"
    raise OSError(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowContext:
    """The device as a flow sees it.

    Attributes:
        device_id: AWS IoT thing name.
        flow_id: id of the flow; outputs carry it in their default topic.
        hardware: the agent's ``[hardware]`` table, such as ``{"dht_model": "DHT22"}``.
        publish: takes bytes for an MQTT topic on their way by the device's connection. Raises OSError or RuntimeError
            when it does not.
        subscribe: has everything that comes to a topic (wildcards allowed) handed over, also after the connection was
            lost and is back; returns what ends that. It comes on a thread of the connection. Raises OSError when there
            is no connection that could be used.
        muted: tells whether the flow only stands by; what it publishes then goes nowhere, and whatever else acts on the
            world must not act.
        open_sensor: gives the reader of a humidity sensor; without a driver it is simulated.
        overrides: this device's own values of the flow's variables, by name.
        programs: absolute paths of the programs that a flow's health checks may run here.
        files: the one folder below which the flow's nodes may read and write files; none when absent.
        message_limit: bytes that a message of the flow may have; what is larger is dropped.
        secrets: values of the secrets that the flow names, and of no others, by name.
        allow_loopback: whether the flow's nodes may ask the device itself by HTTP.
        io: where nodes that wait for the world run; all flows share it.
        links: the links between the flows of the device.
    """

    device_id: str
    flow_id: str
    hardware: Mapping[str, Any]
    publish: Publish
    subscribe: Callable[[str, Take], Callable[[], None]] = _not_connected
    muted: Callable[[], bool] = lambda: False
    open_sensor: SensorFactory = open_simulated_sensor
    overrides: Mapping[str, Any] = field(default_factory=dict)
    programs: frozenset[str] = frozenset()
    files: Path | None = None
    message_limit: int = MAX_MESSAGE_BYTES
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    allow_loopback: bool = False
    io: IoLoop = field(default_factory=IoLoop)
    links: Links = field(default_factory=Links)

    @classmethod
    def within(cls, surroundings: FlowSurroundings, *, publish: Publish, **others: Any) -> Self:  # noqa: ANN401  attributes
        """Return the context of a flow that has these surroundings; ``others`` are what no plain value can be."""
        return cls(
            device_id=surroundings.device_id,
            flow_id=surroundings.flow_id,
            hardware=surroundings.hardware,
            overrides=surroundings.overrides,
            programs=surroundings.programs,
            files=surroundings.files,
            message_limit=surroundings.message_limit,
            secrets=surroundings.secrets.values,
            allow_loopback=surroundings.allow_loopback,
            publish=publish,
            **others,
        )
