"""Whether the built-in runtime can run a flow, said before anything of it runs."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from edge_agent.flows.builtin.nodes import NODE_TYPES
from edge_agent.flows.language.check import check_flow
from edge_agent.flows.language.secrets import NO_SECRETS, Secrets
from edgeflow.contract.flow import FlowArtifact


def check_for_builtin(
    artifact: FlowArtifact, overrides: Mapping[str, Any] = MappingProxyType({}), secrets: Secrets = NO_SECRETS
) -> None:
    """Check a flow against the agent's own node types and those of installed packages.

    ``overrides`` are the device's own values of the flow's variables, ``secrets`` all that it has.

    Raises:
        FlowRejected: see :func:`~edge_agent.flows.language.check.check_flow`.
    """
    check_flow(artifact, NODE_TYPES, overrides, secrets)


class BuiltinCheck:
    """See :class:`~edge_agent.flows.runtime.FlowCheck`."""

    def __init__(self, overrides: Callable[[str], Mapping[str, Any]], secrets: Callable[[], Secrets]) -> None:
        """Check with what ``overrides`` returns by a flow's id, the device's own values of its variables.

        ``secrets`` returns those that the device has now.
        """
        self._overrides = overrides
        self._secrets = secrets

    def trouble(self) -> str | None:
        """Return None: the runtime is the agent."""
        return None

    def check(self, flow_id: str, artifact: FlowArtifact) -> None:
        """See :func:`check_for_builtin`."""
        check_for_builtin(artifact, self._overrides(flow_id), self._secrets())
