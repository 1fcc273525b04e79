"""Reading flows and their versions."""

from collections.abc import Iterable
from dataclasses import dataclass

from edgeflow.contract.flow import Definition, FlowArtifact
from edgeflow.domain.flows import Flow, FlowState, FlowVersion
from edgeflow.use_cases.ports_flows import Artifacts, FlowRecords


@dataclass(frozen=True, slots=True)
class ReadFlows:
    """Look at flows."""

    flows: FlowRecords
    artifacts: Artifacts

    def one(self, flow_id: str) -> Flow:
        """Return a flow. Raises NotFound."""
        return self.flows.get(flow_id)

    def page(
        self,
        *,
        limit: int,
        after: str | None = None,
        state: FlowState | None = None,
        tag: str | None = None,
        name: str | None = None,
    ) -> tuple[list[Flow], str | None]:
        """Return flows, newest first, and the position to go on from; archived ones only when asked for."""
        states: Iterable[FlowState] = (state,) if state else (FlowState.DRAFT, FlowState.PUBLISHED)
        return self.flows.page(limit=limit, after=after, states=states, tag=tag, name=name)

    def versions(self, flow_id: str, *, limit: int, after: int | None = None) -> tuple[list[FlowVersion], int | None]:
        """Return a flow's published versions, newest first, and the number to go on from. Raises NotFound."""
        self.flows.get(flow_id)
        return self.flows.versions(flow_id, limit=limit, after=after)

    def version(self, flow_id: str, version: int) -> tuple[FlowVersion, Definition]:
        """Return one published version with its definition. Raises NotFound."""
        self.flows.get(flow_id)
        record = self.flows.get_version(flow_id, version)
        artifact = FlowArtifact.model_validate_json(self.artifacts.read(record.sha256))
        return record, artifact.definition
