"""How flows and their versions look in answers."""

from http import HTTPStatus

from api.answers import Answer
from api.requests import etag
from edgeflow.contract.rest.flows import FlowSummary, FlowView, VersionSummary
from edgeflow.contract.rest.unreadable import UnreadableFlow, UnreadableVersion
from edgeflow.domain.flows import Flow, FlowVersion
from edgeflow.domain.unreadable import Unreadable


def listed(flow: Flow | Unreadable) -> FlowSummary | UnreadableFlow:
    """Return a flow in a list."""
    return UnreadableFlow(id=flow.id) if isinstance(flow, Unreadable) else _summary(flow)


def view(flow: Flow) -> FlowView:
    """Return a flow with its definition."""
    return FlowView(
        **_summary(flow).model_dump(), definition=flow.definition, open_deployments=sorted(flow.open_deployments)
    )


def answer_of(flow: Flow, *, status: int = HTTPStatus.OK, headers: dict[str, str] | None = None) -> Answer:
    """Return the answer that shows a flow, with its ETag."""
    tagged = {"ETag": etag(flow.revision), **(headers or {})}
    return Answer(status, view(flow).model_dump(mode="json"), tagged)


def listed_version(record: FlowVersion | Unreadable) -> VersionSummary | UnreadableVersion:
    """Return a version in a list."""
    if isinstance(record, Unreadable):
        return UnreadableVersion(flow_id=record.of, version=int(record.id))
    return version_summary(record)


def version_summary(record: FlowVersion) -> VersionSummary:
    """Return a version without its definition."""
    return VersionSummary(
        flow_id=record.flow_id,
        version=record.version,
        sha256=record.sha256,
        size=record.size,
        published_at=record.published_at,
        published_by=record.published_by,
    )


def _summary(flow: Flow) -> FlowSummary:
    return FlowSummary(
        id=flow.id,
        name=flow.name,
        description=flow.description,
        tags=list(flow.tags),
        slug=flow.slug,
        status=flow.state.value,
        latest_version=flow.latest_version,
        created_at=flow.created_at,
        created_by=flow.created_by,
        updated_at=flow.updated_at,
    )
