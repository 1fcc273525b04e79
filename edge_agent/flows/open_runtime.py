"""Which runtime runs the flows of a device: the agent's workers, or a Node-RED beside it. Here alone both are known."""

from collections.abc import Callable

from edge_agent.config import AgentConfig
from edge_agent.disk.crashes import CrashFile
from edge_agent.disk.store import ArtifactStore
from edge_agent.flows.language.secrets import NO_SECRETS, Secrets
from edge_agent.flows.runtime import FlowCheck, Runtime
from edge_agent.flows.workers.device import Device
from edge_agent.flows.workers.orders import Limits
from edge_agent.flows.workers.runtime import WorkerRuntime


def open_runtime(
    config: AgentConfig, store: ArtifactStore, device: Device, crashes: CrashFile, *, on_change: Callable[[], None]
) -> Runtime:
    """Return the runtime that the settings name; nothing runs yet. ``device`` is what it lends to flows.

    Raises:
        ConfigError: the token of the Node-RED cannot be read.
    """
    if config.runtime == "builtin":
        limits = Limits(memory=config.worker_memory, silence=config.worker_silence)
        return WorkerRuntime(store, device, crashes, on_change=on_change, limits=limits)
    # Only who has a Node-RED needs it in memory, and what carries out health checks for it.
    from edge_agent.flows.builtin.context import FlowContext  # noqa: PLC0415
    from edge_agent.flows.builtin.io import IoLoop  # noqa: PLC0415
    from edge_agent.flows.builtin.on_behalf import prepare_checks_with, start_fault  # noqa: PLC0415
    from edge_agent.flows.node_red.client import NodeRed, NodeRedClient  # noqa: PLC0415
    from edge_agent.flows.node_red.draft import Surroundings  # noqa: PLC0415
    from edge_agent.flows.node_red.isolation import Isolation  # noqa: PLC0415
    from edge_agent.flows.node_red.restart import RestartCommand, RestartedNodeRed  # noqa: PLC0415
    from edge_agent.flows.node_red.supervisor import NodeRedSupervisor  # noqa: PLC0415

    settings = config.node_red
    node_red: NodeRed = NodeRedClient(settings.url, settings.read_token(), settings.timeout)
    if settings.restart_command:
        node_red = RestartedNodeRed(node_red, RestartCommand(settings.restart_command), after=settings.restart_after)
    io = IoLoop()

    def context(flow_id: str) -> FlowContext:
        return FlowContext.within(
            device.surroundings(flow_id), publish=device.publish, subscribe=device.subscribe, io=io
        )

    return NodeRedSupervisor(
        store,
        node_red,
        Surroundings(
            start_fault=start_fault,
            device_id=config.device_id,
            hardware=config.hardware,
            broker=(settings.broker_host, settings.broker_port),
            overrides=lambda flow_id: device.surroundings(flow_id).overrides,
            secrets=device.secrets,
        ),
        prepare_checks_with(context),
        Isolation(crashes),
        on_change=on_change,
        io=io,
    )


def open_check(config: AgentConfig, secrets: Callable[[], Secrets] = lambda: NO_SECRETS) -> FlowCheck:
    """Return what the runtime that the settings name says of flows, also while no agent runs.

    ``secrets`` returns those that the device has now.

    Raises:
        ConfigError: the token of the Node-RED cannot be read.
    """
    if config.runtime == "builtin":
        from edge_agent.flows.builtin.check import BuiltinCheck  # noqa: PLC0415  for commands alone: it loads nodes

        return BuiltinCheck(config.overrides, secrets)
    from edge_agent.flows.node_red.check import NodeRedCheck  # noqa: PLC0415  as above
    from edge_agent.flows.node_red.client import NodeRedClient  # noqa: PLC0415

    settings = config.node_red
    return NodeRedCheck(NodeRedClient(settings.url, settings.read_token(), settings.timeout), config.overrides, secrets)
