"""Which runtime runs the flows of a device: the agent's own, or a Node-RED beside it. Here alone both are known."""

from collections.abc import Callable

from edge_agent.config import AgentConfig
from edge_agent.disk.store import ArtifactStore
from edge_agent.flows.builtin.check import BuiltinCheck
from edge_agent.flows.builtin.context import FlowContext
from edge_agent.flows.builtin.io import IoLoop
from edge_agent.flows.builtin.on_behalf import prepare_checks_with, start_fault
from edge_agent.flows.builtin.supervisor import Supervisor
from edge_agent.flows.language.secrets import NO_SECRETS, Secrets
from edge_agent.flows.runtime import FlowCheck, Runtime


def open_runtime(
    config: AgentConfig,
    store: ArtifactStore,
    context: Callable[[str], FlowContext],
    *,
    on_change: Callable[[], None],
    io: IoLoop,
    secrets: Callable[[], Secrets] = lambda: NO_SECRETS,
) -> Runtime:
    """Return the runtime that the settings name; nothing runs yet. ``io`` is the loop that ``context`` hands to flows.

    ``secrets`` returns those of the device as they are now.

    Raises:
        ConfigError: the token of the Node-RED cannot be read.
    """
    if config.runtime == "builtin":
        return Supervisor(store, context, on_change=on_change, io=io, secrets=secrets)
    from edge_agent.flows.node_red.client import NodeRedClient  # noqa: PLC0415  only who has a Node-RED needs it in memory
    from edge_agent.flows.node_red.draft import Surroundings  # noqa: PLC0415
    from edge_agent.flows.node_red.supervisor import NodeRedSupervisor  # noqa: PLC0415

    settings = config.node_red
    client = NodeRedClient(settings.url, settings.read_token(), settings.timeout)
    surroundings = Surroundings(
        start_fault=start_fault,
        device_id=config.device_id,
        hardware=config.hardware,
        broker=(settings.broker_host, settings.broker_port),
        overrides=lambda flow_id: context(flow_id).overrides,
        secrets=secrets,
    )
    return NodeRedSupervisor(store, client, surroundings, prepare_checks_with(context), on_change=on_change, io=io)


def open_check(config: AgentConfig, secrets: Callable[[], Secrets] = lambda: NO_SECRETS) -> FlowCheck:
    """Return what the runtime that the settings name says of flows, also while no agent runs.

    ``secrets`` returns those that the device has now.

    Raises:
        ConfigError: the token of the Node-RED cannot be read.
    """
    if config.runtime == "builtin":
        return BuiltinCheck(config.overrides, secrets)
    from edge_agent.flows.node_red.check import NodeRedCheck  # noqa: PLC0415  as above
    from edge_agent.flows.node_red.client import NodeRedClient  # noqa: PLC0415

    settings = config.node_red
    return NodeRedCheck(NodeRedClient(settings.url, settings.read_token(), settings.timeout), config.overrides, secrets)
