"""Reading ``/v1/flows``: parse, call one use case, answer."""

from http import HTTPStatus
from typing import Final

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayRouter

from api.answers import empty, ok, respond, unless_known
from api.ids import flow_id_in, version_in
from api.requests import etag, none_match, read_position, read_query, read_sequence
from api.views.events import listed_event
from api.views.flows import answer_of, listed, listed_version, version_summary
from edgeflow.bootstrap import reads
from edgeflow.contract.rest import flows as rest
from edgeflow.contract.rest.events import FlowEventPage
from edgeflow.contract.rest.paging import PageQuery, write_cursor
from edgeflow.domain.flows import UNARCHIVED, FlowFilter, FlowState

router = APIGatewayRouter()  # type: ignore[no-untyped-call]  # powertools leaves it untyped

_LIST: Final = "flows"
_VERSIONS: Final = "versions"


@router.get("/v1/flows")
def find() -> Response[str]:
    """List flows, newest or oldest first."""
    query = read_query(router.current_event, rest.ListFlows)
    filters = query.model_dump(mode="json", exclude={"limit", "cursor"})
    found, position = reads.read_flows().page(
        limit=query.limit,
        after=read_position(_LIST, query.cursor, filters),
        wanted=FlowFilter(
            states=frozenset(map(FlowState, query.status)) if query.status else UNARCHIVED,
            tag=query.tag,
            name=query.name,
            created_from=query.created_from,
            created_to=query.created_to,
        ),
        oldest_first=query.sort == "oldest",
    )
    cursor = write_cursor(_LIST, position, filters) if position else None
    page = rest.FlowPage(flows=[listed(flow) for flow in found], next_cursor=cursor)
    return unless_known(router.current_event, page)


@router.get("/v1/flows/<flow_id>")
def read(flow_id: str) -> Response[str]:
    """Show one flow."""
    flow = reads.read_flows().one(flow_id_in(flow_id))
    if not none_match(router.current_event, etag(flow.revision)):
        return empty(HTTPStatus.NOT_MODIFIED, headers={"ETag": etag(flow.revision)})
    return respond(answer_of(flow))


@router.get("/v1/flows/<flow_id>/versions")
def versions(flow_id: str) -> Response[str]:
    """List published versions, newest first."""
    query = read_query(router.current_event, PageQuery)
    found_id = flow_id_in(flow_id)
    name = f"{_VERSIONS} {found_id}"
    found, after = reads.read_flows().versions(
        found_id, limit=query.limit, after=read_sequence(name, query.cursor) or None
    )
    cursor = write_cursor(name, str(after)) if after else None
    page = rest.VersionPage(versions=[listed_version(record) for record in found], next_cursor=cursor)
    return unless_known(router.current_event, page)


@router.get("/v1/flows/<flow_id>/events")
def events(flow_id: str) -> Response[str]:
    """List what happened to it, oldest first; also when it was deleted."""
    query = read_query(router.current_event, PageQuery)
    found_id = flow_id_in(flow_id)
    name = f"events {found_id}"
    found, position = reads.read_history().of_flow(found_id, limit=query.limit, after=read_sequence(name, query.cursor))
    cursor = write_cursor(name, str(position)) if position else None
    return ok(FlowEventPage(events=[listed_event(event) for event in found], next_cursor=cursor))


@router.get("/v1/flows/<flow_id>/versions/<version>")
def version(flow_id: str, version: str) -> Response[str]:
    """Show one published version with its definition."""
    record, definition = reads.read_flows().version(flow_id_in(flow_id), version_in(version))
    return ok(rest.VersionView(**version_summary(record).model_dump(), definition=definition))
