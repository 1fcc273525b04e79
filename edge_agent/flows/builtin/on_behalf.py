"""What the built-in runtime does for flows that run elsewhere: their health checks, and saying which node cannot start.

To it, the checks are a flow of checks alone.
"""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from edge_agent.flows.builtin.context import FlowContext
from edge_agent.flows.builtin.flow import RunningFlow
from edge_agent.flows.builtin.nodes import NODE_TYPES
from edge_agent.flows.builtin.nodes.base import Action, NodeEnvironment, NodeError
from edge_agent.flows.language.messages import Message
from edge_agent.flows.ports import PrepareChecks, RunningChecks, Sent
from edgeflow.contract.flow import Definition, FlowArtifact, Node


def prepare_checks_with(context: Callable[[str], FlowContext]) -> PrepareChecks:
    """Return what makes health checks ready; ``context`` makes the surroundings of a flow, by its id."""

    def prepare(
        flow_id: str,
        definition: Definition,
        sent: Mapping[str, Sent],
        *,
        secrets: Mapping[str, str],
        on_change: Callable[[], None],
    ) -> RunningChecks:
        artifact = FlowArtifact(definition=definition.model_copy(update={"nodes": (), "connections": ()}))
        surroundings = dataclasses.replace(context(flow_id), secrets=secrets)
        return RunningFlow(artifact, surroundings, on_change=on_change, elsewhere=sent)

    return prepare


def start_fault(
    node: Node, *, device_id: str, flow_id: str, hardware: Mapping[str, Any], variables: Mapping[str, Any]
) -> str | None:
    """See :class:`~edge_agent.flows.ports.StartFault`."""
    node_type = NODE_TYPES[node.type]
    context = FlowContext(
        device_id=device_id,
        flow_id=flow_id,
        hardware=hardware,
        publish=lambda *_, **__: None,
        subscribe=lambda *_: lambda: None,
    )
    environment = NodeEnvironment(node_id=node.id, context=context, variables=variables, now=lambda: 0.0)
    tried = node_type(node_type.settings_type.model_validate(node.config), environment)
    try:
        tried.start(lambda *_, **__: None, _NoTimers())
    except NodeError as error:
        return str(error)
    finally:
        tried.stop()
    return None


class _NoTimers:
    """A schedule by which nothing ever happens."""

    def soon(self, action: Action) -> None:
        """See Schedule.soon."""

    def handle(self, message: Message) -> None:
        """See Schedule.handle."""

    def after(self, seconds: float, action: Action) -> None:
        """See Schedule.after."""

    def every(self, seconds: float, action: Action) -> None:
        """See Schedule.every."""
