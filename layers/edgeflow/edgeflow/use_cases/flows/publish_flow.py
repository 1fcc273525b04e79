"""Publishing a draft: it is checked and frozen under the next number, and its bytes are kept and signed.

Checked are the graph, and the settings of its nodes as far as they mean the same on every device.
"""

from dataclasses import dataclass, replace

from edgeflow.contract.history.details import Actor
from edgeflow.contract.history.flows import FlowPublished
from edgeflow.contract.signing import statement
from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.errors import Conflict
from edgeflow.domain.flows import Flow, FlowState, artifact_of, published, require_revision, sha256_of
from edgeflow.domain.history import Entry
from edgeflow.use_cases.flows.ports import Artifacts, FlowRecords, Signer


@dataclass(frozen=True, slots=True)
class PublishFlow:
    """Freeze a draft as the next version."""

    flows: FlowRecords
    artifacts: Artifacts
    signer: Signer
    clock: Clock

    def __call__(self, flow_id: str, *, caller: Actor, expected: frozenset[int] | None) -> Flow:
        """Return the published flow. Publishing what is published already changes nothing.

        Raises:
            NotFound: there is no such flow.
            PreconditionFailed: it has changed since the caller read it.
            Conflict: it is archived, or somebody else changed it at the same moment.
            InvalidRequest: the graph or the settings of a node are not sound; the faults are listed.
        """
        flow = self.flows.get(flow_id)
        if flow.state is FlowState.PUBLISHED:
            return flow  # a request that is repeated because its answer was lost
        require_revision(flow, expected)
        after, version, content = published(flow, by=caller.name, at=timestamp(self.clock()))
        # The bytes come first: a version's record must never name bytes that are not there. Bytes
        # without a record are harmless, and the next try writes the same ones.
        self.artifacts.write(version.sha256, content)
        said = statement(flow_id=flow_id, version=version.version, sha256=version.sha256, size=version.size)
        signed = replace(version, signature=self.signer.sign(said))
        details = FlowPublished(version=version.version, sha256=version.sha256, size=version.size)
        try:
            self.flows.publish(after, signed, entry=Entry(at=after.updated_at, actor=caller, details=details))
        except Conflict:
            found = self.flows.get(flow_id)
            if found.state is FlowState.PUBLISHED and sha256_of(artifact_of(found.definition)) == version.sha256:
                return found  # somebody published the same at the same moment
            raise
        return after
