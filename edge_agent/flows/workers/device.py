"""What the agent lends to its workers."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from edge_agent.flows.surroundings import FlowSurroundings

Publish = Callable[[str, bytes], None]
Take = Callable[[str, bytes], None]
Subscribe = Callable[[str, Take], Callable[[], None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """What workers get of the device.

    Attributes:
        device_id: AWS IoT thing name.
        surroundings: makes what a flow sees of it, by the flow's id.
        publish: sends bytes to an MQTT topic. Raises OSError or RuntimeError when it does not.
        subscribe: hands over what comes to an MQTT topic, on any thread; returns what ends that.
        watched: entered by the thread that speaks with workers, for as long as it works.
        beat: hears from that thread, and how many seconds may pass until it does again.
        on_failure: hears when there is no such thread any more.
    """

    device_id: str
    surroundings: Callable[[str], FlowSurroundings]
    publish: Publish
    subscribe: Subscribe
    watched: Callable[[], AbstractContextManager[None]] = nullcontext
    beat: Callable[[float], None] = lambda _: None
    on_failure: Callable[[], None] = lambda: None

    @property
    def topics(self) -> str:
        """What each topic of the device begins with."""
        return f"edgeflow/devices/{self.device_id}"
