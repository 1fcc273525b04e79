"""What runs the flows of a device: the agent itself, or a Node-RED beside it."""

from collections.abc import Callable, Mapping
from typing import Protocol

from edge_agent.config import AgentConfig
from edge_agent.ports import Flows
from edge_agent.runtime.context import FlowContext
from edge_agent.runtime.io import IoLoop
from edge_agent.slots import Slots
from edge_agent.store import ArtifactStore
from edge_agent.supervisor import Supervisor
from edge_agent.watch import Patients
from edgeflow.contract.report import FlowHealth


class Runtime(Flows, Patients, Protocol):
    """What the agent asks of whatever runs its flows."""

    def bring_up(self, flows: Mapping[str, Slots]) -> None:
        """Run what the device ran before it was switched off."""

    def running(self, *, standby: bool = False) -> dict[str, int]:
        """Return the version of each flow that really runs now: the live one, or the one that stands by."""

    def report(self) -> tuple[FlowHealth, ...]:
        """Return how every flow is in every slot."""

    def stop(self) -> None:
        """Let go of the flows."""


def open_runtime(
    config: AgentConfig,
    store: ArtifactStore,
    context: Callable[[str], FlowContext],
    *,
    on_change: Callable[[], None],
    io: IoLoop,
) -> Runtime:
    """Return the runtime that the settings name; nothing runs yet. ``io`` is the loop that ``context`` hands to flows.

    Raises:
        ConfigError: the token of the Node-RED cannot be read.
    """
    if config.runtime == "builtin":
        return Supervisor(store, context, on_change=on_change, io=io)
    from edge_agent.node_red.client import NodeRedClient  # noqa: PLC0415  only who has a Node-RED needs it in memory
    from edge_agent.node_red.draft import Surroundings  # noqa: PLC0415
    from edge_agent.node_red.supervisor import NodeRedSupervisor  # noqa: PLC0415

    settings = config.node_red
    client = NodeRedClient(settings.url, settings.read_token(), settings.timeout)
    surroundings = Surroundings(
        device_id=config.device_id,
        hardware=config.hardware,
        broker=(settings.broker_host, settings.broker_port),
        overrides=lambda flow_id: context(flow_id).overrides,
    )
    return NodeRedSupervisor(store, client, surroundings, context, on_change=on_change, io=io)
