"""A flow: its states, which state may follow which, and what a graph must be to be published.

draft → published → archived
  ↑________│ (the next draft)   an archived flow is restored to the state it was archived in
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, assert_never

from edgeflow.contract import graph
from edgeflow.contract.flow import Definition, FlowArtifact
from edgeflow.contract.rest.problem import pointer_to
from edgeflow.domain.errors import Conflict, Fault, InvalidRequest, PreconditionFailed
from edgeflow.domain.node_settings import setting_faults


class FlowState(StrEnum):
    """Where a flow stands in its life."""

    DRAFT = "draft"
    """It is being edited. Versions published before stay deployable by their number."""
    PUBLISHED = "published"
    """The definition is that of the newest version, and frozen."""
    ARCHIVED = "archived"
    """Hidden from default lists; nothing of it can be deployed."""


class Action(StrEnum):
    """What moves a flow on, or edits it."""

    UPDATE = "update"
    PUBLISH = "publish"
    DRAFT = "draft"
    ARCHIVE = "archive"
    RESTORE = "restore"


_ALLOWED: Final[Mapping[Action, frozenset[FlowState]]] = {
    Action.UPDATE: frozenset({FlowState.DRAFT}),
    Action.PUBLISH: frozenset({FlowState.DRAFT}),
    Action.DRAFT: frozenset({FlowState.PUBLISHED}),
    Action.ARCHIVE: frozenset({FlowState.DRAFT, FlowState.PUBLISHED}),
    Action.RESTORE: frozenset({FlowState.ARCHIVED}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowContent:
    """What an author writes of a flow."""

    name: str
    description: str
    tags: tuple[str, ...]
    definition: Definition
    slug: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A flow at rest. ``revision`` grows with every change of it and is its ETag. Times are ISO 8601 UTC."""

    id: str
    name: str
    description: str
    tags: tuple[str, ...]
    state: FlowState
    definition: Definition
    revision: int
    created_at: str
    created_by: str
    updated_at: str
    slug: str | None = None
    """A name that no other flow has."""
    latest_version: int | None = None
    archived_from: FlowState | None = None
    """The state that restoring brings back."""
    open_deployments: frozenset[str] = frozenset()
    """Unfinished deployments; they keep the flow from being deleted."""

    @property
    def content(self) -> FlowContent:
        """What its author wrote."""
        return FlowContent(
            name=self.name,
            description=self.description,
            tags=self.tags,
            definition=self.definition,
            slug=self.slug,
        )


UNARCHIVED: Final = frozenset(FlowState) - {FlowState.ARCHIVED}


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowFilter:
    """Which flows are looked for; None is any. Archived ones only where ``states`` has that."""

    states: frozenset[FlowState] = UNARCHIVED
    tag: str | None = None
    """Matched whole."""
    name: str | None = None
    """A part of the name, whatever the case."""
    created_from: datetime | None = None
    created_to: datetime | None = None
    """Created before this moment, in UTC as ``created_from``."""


CURRENT_FLOWS: Final = FlowFilter()


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Says who vouches for something, by the name of the key; see ``edgeflow.contract.signing``."""

    key: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowVersion:
    """A published version. ``sha256`` and ``size`` (bytes) are those of its artifact.

    Versions that were published before there were signatures have none.
    """

    flow_id: str
    version: int
    sha256: str
    size: int
    published_at: str
    published_by: str
    signature: Signature | None = None


def unique_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Return each tag once, in the order first given."""
    return tuple(dict.fromkeys(tags))


def require_revision(flow: Flow, expected: frozenset[int] | None) -> None:
    """Refuse to go on when the caller read another revision; None means any.

    Raises:
        PreconditionFailed: the flow has changed since.
    """
    if expected is not None and flow.revision not in expected:
        message = f'flow {flow.id} has changed since it was read: its ETag is "{flow.revision}" now; read it again'
        raise PreconditionFailed(message)


def require_state(flow: Flow, action: Action) -> None:
    """Refuse an action that the flow's state does not allow.

    Raises:
        Conflict: it says which state the flow is in, and what to do.
    """
    if flow.state in _ALLOWED[action]:
        return
    message = f"flow {flow.id} is {flow.state}, so it cannot {_in_words(action)}; {_way_out(flow.state)}"
    raise Conflict(message)


def _in_words(action: Action) -> str:
    match action:
        case Action.UPDATE:
            return "be changed"
        case Action.PUBLISH:
            return "be published"
        case Action.DRAFT:
            return "be opened for a next draft"
        case Action.ARCHIVE:
            return "be archived again"
        case Action.RESTORE:
            return "be restored"
        case _:
            assert_never(action)


def _way_out(state: FlowState) -> str:
    match state:
        case FlowState.DRAFT:
            return "a draft can be changed, published or archived"
        case FlowState.PUBLISHED:
            return "open its next draft with POST /v1/flows/{flow_id}/draft, or archive it"
        case FlowState.ARCHIVED:
            return "restore it first with POST /v1/flows/{flow_id}/restore"
        case _:
            assert_never(state)


def artifact_of(definition: Definition) -> bytes:
    """Return the canonical bytes that a device downloads."""
    return FlowArtifact(definition=definition).canonical_bytes()


def sha256_of(content: bytes) -> str:
    """Return the name that content goes by: its SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def require_size(definition: Definition, pointer: str = "/definition") -> None:
    """Refuse a definition that is too big to be stored and downloaded.

    Raises:
        InvalidRequest: it names the limit.
    """
    message = graph.size_fault(definition)
    if message is not None:
        raise InvalidRequest([Fault(pointer, message)])


def graph_faults(definition: Definition) -> list[Fault]:
    """Return everything that keeps this graph from being published, at JSON pointers; nothing when it is sound."""
    return [Fault(pointer_to(("definition", *place)), message) for place, message in graph.graph_faults(definition)]


def edited(flow: Flow, content: FlowContent, *, at: str) -> Flow:
    """Return the draft with this content, one revision on.

    Raises:
        Conflict: it is no draft.
        InvalidRequest: the definition is too big.
    """
    require_state(flow, Action.UPDATE)
    require_size(content.definition)
    return replace(
        flow,
        name=content.name,
        description=content.description,
        tags=unique_tags(content.tags),
        definition=content.definition,
        slug=content.slug,
        revision=flow.revision + 1,
        updated_at=at,
    )


def published(flow: Flow, *, by: str, at: str) -> tuple[Flow, FlowVersion, bytes]:
    """Return the flow published, the new version's record, and its artifact.

    Raises:
        Conflict: it is no draft.
        InvalidRequest: the graph or the settings of a node are not sound; the faults are listed.
    """
    require_state(flow, Action.PUBLISH)
    in_settings, more = setting_faults(flow.definition)
    faults = [*graph_faults(flow.definition), *in_settings]
    if faults:
        raise InvalidRequest(faults, more=more)
    content = artifact_of(flow.definition)
    number = (flow.latest_version or 0) + 1
    version = FlowVersion(
        flow_id=flow.id, version=number, sha256=sha256_of(content), size=len(content), published_at=at, published_by=by
    )
    after = replace(flow, state=FlowState.PUBLISHED, latest_version=number, revision=flow.revision + 1, updated_at=at)
    return after, version, content


def moved(flow: Flow, action: Action, *, at: str) -> Flow:
    """Return the flow after opening its next draft, archiving it or restoring it.

    Raises:
        Conflict: its state does not allow that.
    """
    require_state(flow, action)
    match action:
        case Action.DRAFT:
            state, archived_from = FlowState.DRAFT, None
        case Action.ARCHIVE:
            state, archived_from = FlowState.ARCHIVED, flow.state
        case Action.RESTORE:
            state, archived_from = flow.archived_from or FlowState.DRAFT, None
        case Action.UPDATE | Action.PUBLISH:
            message = f"{action} changes more than the state"
            raise ValueError(message)
        case _:
            assert_never(action)
    return replace(flow, state=state, archived_from=archived_from, revision=flow.revision + 1, updated_at=at)
