"""What the use cases of flows, and those that deploy them, need of the outside."""

from typing import Protocol

from edgeflow.contract.flow import Definition
from edgeflow.contract.rest.node_types import NodeTypeList
from edgeflow.domain.deployments import Artifact
from edgeflow.domain.flows import CURRENT_FLOWS, Flow, FlowFilter, FlowVersion, Signature
from edgeflow.domain.history import Entry
from edgeflow.domain.unreadable import Unreadable


class FlowRecords(Protocol):
    """Flows and their versions at rest. Every write is conditional on the revision that was read.

    A change writes its ``entry`` to the flow's history in the same transaction, under the revision that it makes.
    """

    def get(self, flow_id: str) -> Flow:
        """Return it. Raises NotFound, CannotBeRead."""

    def find(self, reference: str) -> str:
        """Return the id of the flow that a reference means: itself, or that of the flow which has the slug.

        An id is not looked for. Raises NotFound, CannotBeRead.
        """

    def create(self, flow: Flow, *, entry: Entry) -> None:
        """Write a new flow. Raises Conflict when another one has its slug."""

    def page(
        self,
        *,
        limit: int,
        after: str | None = None,
        wanted: FlowFilter = CURRENT_FLOWS,
        oldest_first: bool = False,
    ) -> tuple[list[Flow | Unreadable], str | None]:
        """Return flows that are wanted, the newest first or the oldest, and the position to go on from.

        A page may be shorter than ``limit`` although there is more. Raises InvalidRequest for a position that no page
        of these gave.
        """

    def save(self, flow: Flow, *, entry: Entry) -> None:
        """Write a change of a flow, which is not of its slug.

        Raises Conflict when another one came first, NotFound when it is gone.
        """

    def edit(self, before: Flow, after: Flow, *, entry: Entry) -> None:
        """Write other content of a flow; a slug that it had and has no longer is free from then on.

        Raises as ``save``, and Conflict when another flow has the slug.
        """

    def publish(self, flow: Flow, version: FlowVersion, *, entry: Entry) -> None:
        """Write the published flow and its version's record, both or neither. Raises as ``save``."""

    def delete(self, flow_id: str, *, revisions: frozenset[int] | None, entry: Entry) -> None:
        """Delete the flow, if no deployment of it is unfinished, and all its versions, also where they cannot be read.

        Repeatable until it is done.

        Raises:
            NotFound: there is no such flow.
            Conflict: unfinished deployments, which are named.
            PreconditionFailed: it has none of these revisions; None means any.
            Unavailable: somebody else changes it all the time.
        """

    def get_version(self, flow_id: str, version: int) -> FlowVersion:
        """Return a published version. Raises NotFound, CannotBeRead."""

    def versions(
        self, flow_id: str, *, limit: int, after: int | None = None
    ) -> tuple[list[FlowVersion | Unreadable], int | None]:
        """Return published versions, newest first, and the number to go on from."""


class Signer(Protocol):
    """Signs in the name of the stack."""

    def sign(self, statement: bytes) -> Signature:
        """Return the signature of a statement (``edgeflow.contract.signing``). Two of one statement may differ.

        Raises Unavailable.
        """


class Artifacts(Protocol):
    """The bytes of published versions, by their SHA-256."""

    def write(self, sha256: str, content: bytes) -> None:
        """Keep the bytes. Repeatable."""

    def definition(self, sha256: str) -> Definition:
        """Return the definition that the bytes hold. Raises NotFound, CannotBeRead."""


class NodeTypes(Protocol):
    """What is known of each type of node, to whoever draws flows."""

    def all(self) -> NodeTypeList:
        """Return every type, by name."""


class Flows(Protocol):
    """Published versions."""

    def artifact(self, flow_id: str, version: int) -> Artifact:
        """Return a published version's bytes. Raises NotFound, CannotBeRead."""


class DeployableFlows(Flows, Protocol):
    """Flows with their published versions, as far as deploying them goes."""

    def find(self, reference: str) -> str:
        """Return the id of the flow that a reference means. Raises NotFound, CannotBeRead."""

    def get(self, flow_id: str) -> Flow:
        """Return it. Raises NotFound, CannotBeRead."""
