"""Whether the built-in runtime can run a flow, said before anything of it runs."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from edge_agent.flows.builtin.nodes import NODE_TYPES
from edge_agent.flows.language.check import check_flow
from edgeflow.contract.flow import FlowArtifact


def check_for_builtin(artifact: FlowArtifact, overrides: Mapping[str, Any] = MappingProxyType({})) -> None:
    """Check a flow against the agent's own node types and those of installed packages.

    ``overrides`` are the device's own values of the flow's variables.

    Raises:
        FlowRejected: see :func:`~edge_agent.flows.language.check.check_flow`.
    """
    check_flow(artifact, NODE_TYPES, overrides)


class BuiltinCheck:
    """See :class:`~edge_agent.flows.runtime.FlowCheck`."""

    def __init__(self, overrides: Callable[[str], Mapping[str, Any]]) -> None:
        """Check with what ``overrides`` returns by a flow's id: the device's own values of its variables."""
        self._overrides = overrides

    def trouble(self) -> str | None:
        """Return None: the runtime is the agent."""
        return None

    def check(self, flow_id: str, artifact: FlowArtifact) -> None:
        """See :func:`check_for_builtin`."""
        check_for_builtin(artifact, self._overrides(flow_id))
