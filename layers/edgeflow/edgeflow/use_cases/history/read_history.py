"""Reading what happened to a deployment or a flow."""

from dataclasses import dataclass

from edgeflow.contract.history.events import DeploymentEvent, FlowEvent
from edgeflow.domain.unreadable import Unreadable
from edgeflow.use_cases.flows.ports import DeployableFlows
from edgeflow.use_cases.history.ports import History
from edgeflow.use_cases.rollout.ports import Deployments


@dataclass(frozen=True, slots=True)
class ReadHistory:
    """Look at histories, oldest event first."""

    history: History
    deployments: Deployments
    flows: DeployableFlows

    def of_deployment(
        self, deployment_id: str, *, limit: int, after: int = 0
    ) -> tuple[list[DeploymentEvent | Unreadable], int | None]:
        """Return events with a greater sequence than ``after``, and the sequence to go on from. Raises NotFound."""
        found, position = self.history.of_deployment(deployment_id, limit=limit, after=after)
        if not found:
            self.deployments.get(deployment_id)
        return found, position

    def of_flow(self, flow_id: str, *, limit: int, after: int = 0) -> tuple[list[FlowEvent | Unreadable], int | None]:
        """Return events with a greater sequence than ``after``, and the sequence to go on from; a deleted flow's, too.

        Raises:
            NotFound: there never was such a flow.
        """
        found, position = self.history.of_flow(flow_id, limit=limit, after=after)
        if not found and not after:
            self.flows.get(flow_id)
        return found, position
