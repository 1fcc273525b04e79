"""What the agent lends to its workers."""

import dataclasses
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from edge_agent.flows.language.secrets import NO_SECRETS, Secrets
from edge_agent.flows.publishing import Publish
from edge_agent.flows.surroundings import FlowSurroundings
from edgeflow.contract.flow import FlowArtifact

Take = Callable[[str, bytes], None]
Subscribe = Callable[[str, Take], Callable[[], None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """What workers get of the device.

    Attributes:
        device_id: AWS IoT thing name.
        surroundings: makes what a flow sees of it, by the flow's id.
        secrets: returns those of the device as they are now.
        publish: takes bytes for an MQTT topic on their way. Raises OSError or RuntimeError when it does not.
        subscribe: hands over what comes to an MQTT topic, on any thread; returns what ends that.
        watched: entered by the thread that speaks with workers, for as long as it works.
        beat: hears from that thread, and how many seconds may pass until it does again.
        on_failure: hears when there is no such thread any more.
    """

    device_id: str
    surroundings: Callable[[str], FlowSurroundings]
    publish: Publish
    subscribe: Subscribe
    secrets: Callable[[], Secrets] = lambda: NO_SECRETS
    watched: Callable[[], AbstractContextManager[None]] = nullcontext
    beat: Callable[[float], None] = lambda _: None
    on_failure: Callable[[], None] = lambda: None

    def surroundings_of(self, flow_id: str, artifact: FlowArtifact) -> FlowSurroundings:
        """Return what one version of a flow sees of the device, with the secrets that it names and no others."""
        secrets = self.secrets().for_flow(artifact.definition)
        return dataclasses.replace(self.surroundings(flow_id), secrets=secrets)

    @property
    def topics(self) -> str:
        """What each topic of the device begins with."""
        return f"edgeflow/devices/{self.device_id}"
