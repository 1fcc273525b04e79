"""What reading histories needs of the outside. The stores write them, each event in its change's transaction."""

from typing import Protocol

from edgeflow.contract.history.events import DeploymentEvent, FlowEvent
from edgeflow.domain.unreadable import Unreadable


class History(Protocol):
    """Events at rest, which nobody changes or removes."""

    def of_deployment(
        self, deployment_id: str, *, limit: int, after: int = 0
    ) -> tuple[list[DeploymentEvent | Unreadable], int | None]:
        """Return events with a greater sequence than ``after``, oldest first, and the sequence to go on from."""

    def of_flow(self, flow_id: str, *, limit: int, after: int = 0) -> tuple[list[FlowEvent | Unreadable], int | None]:
        """Return events with a greater sequence than ``after``, oldest first, and the sequence to go on from."""
