"""Reading flows and their versions."""

from dataclasses import dataclass

from edgeflow.contract.flow import Definition
from edgeflow.domain.flows import CURRENT_FLOWS, Flow, FlowFilter, FlowVersion
from edgeflow.domain.unreadable import Unreadable
from edgeflow.use_cases.flows.ports import Artifacts, FlowRecords


@dataclass(frozen=True, slots=True)
class ReadFlows:
    """Look at flows."""

    flows: FlowRecords
    artifacts: Artifacts

    def one(self, flow_id: str) -> Flow:
        """Return a flow. Raises NotFound, CannotBeRead."""
        return self.flows.get(flow_id)

    def page(
        self,
        *,
        limit: int,
        after: str | None = None,
        wanted: FlowFilter = CURRENT_FLOWS,
        oldest_first: bool = False,
    ) -> tuple[list[Flow | Unreadable], str | None]:
        """Return one page of the list, and the position to go on from. Raises InvalidRequest."""
        return self.flows.page(limit=limit, after=after, wanted=wanted, oldest_first=oldest_first)

    def versions(
        self, flow_id: str, *, limit: int, after: int | None = None
    ) -> tuple[list[FlowVersion | Unreadable], int | None]:
        """Return published versions, newest first, and the number to go on from. Raises NotFound, CannotBeRead."""
        self.flows.get(flow_id)
        return self.flows.versions(flow_id, limit=limit, after=after)

    def version(self, flow_id: str, version: int) -> tuple[FlowVersion, Definition]:
        """Return one published version with its definition. Raises NotFound, CannotBeRead."""
        self.flows.get(flow_id)
        record = self.flows.get_version(flow_id, version)
        return record, self.artifacts.definition(record.sha256)
