"""What a running flow gets from the device it runs on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from edge_agent.runtime.sensors import SensorFactory, open_simulated_sensor


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowContext:
    """The device as a flow sees it.

    Attributes:
        device_id: AWS IoT thing name.
        flow_id: id of the flow; outputs carry it in their default topic.
        hardware: the agent's ``[hardware]`` table, such as ``{"dht_model": "DHT22"}``.
        publish: sends bytes to an MQTT topic by the device's connection. Raises OSError or RuntimeError when offline.
        muted: tells whether the flow only stands by; what it publishes then goes nowhere, and whatever else acts on the
            world must not act.
        open_sensor: gives the reader of a humidity sensor; without a driver it is simulated.
    """

    device_id: str
    flow_id: str
    hardware: Mapping[str, Any]
    publish: Callable[[str, bytes], None]
    muted: Callable[[], bool] = lambda: False
    open_sensor: SensorFactory = open_simulated_sensor
