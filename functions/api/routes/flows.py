"""``/v1/flows``: parse, call one use case, answer."""

import re
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Final, Protocol

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayRouter

from api import flow_content
from api.answers import Answer, empty, ok, respond
from api.bodies import read_body, read_json_body
from api.idempotency import once
from api.requests import actor, etag, if_match, none_match, read_position, read_query, read_sequence
from api.views.events import listed_event
from api.views.flows import listed, listed_version, version_summary, view
from edgeflow.bootstrap import flows, history
from edgeflow.contract.history.details import Actor
from edgeflow.contract.ids import FLOW_ID_PATTERN, VERSION_PATTERN
from edgeflow.contract.rest import flows as rest
from edgeflow.contract.rest.events import FlowEventPage
from edgeflow.contract.rest.merge_patch import MERGE_PATCH_CONTENT_TYPE
from edgeflow.contract.rest.paging import PageQuery, write_cursor
from edgeflow.domain.errors import NotFound
from edgeflow.domain.flows import Flow, FlowContent, FlowState

router = APIGatewayRouter()  # type: ignore[no-untyped-call]  # powertools leaves it untyped

_LIST: Final = "flows"
_VERSIONS: Final = "versions"


@router.post("/v1/flows")
def create() -> Response[str]:
    """Create a draft."""
    event = router.current_event
    body = read_body(event, rest.CreateFlow)

    def operation() -> Answer:
        flow = flows.create_flow()(
            name=body.name,
            description=body.description,
            tags=body.tags,
            definition=body.definition.as_definition(),
            caller=actor(event),
        )
        return _answer(flow, status=HTTPStatus.CREATED, headers={"Location": f"/api/v1/flows/{flow.id}"})

    return once(event, router.lambda_context, operation)


@router.get("/v1/flows")
def find() -> Response[str]:
    """List flows, newest first."""
    query = read_query(router.current_event, rest.ListFlows)
    filters = {"status": query.status, "tag": query.tag, "name": query.name}
    found, position = flows.read_flows().page(
        limit=query.limit,
        after=read_position(_LIST, query.cursor, filters),
        state=FlowState(query.status) if query.status else None,
        tag=query.tag,
        name=query.name,
    )
    cursor = write_cursor(_LIST, position, filters) if position else None
    return ok(rest.FlowPage(flows=[listed(flow) for flow in found], next_cursor=cursor))


@router.get("/v1/flows/<flow_id>")
def read(flow_id: str) -> Response[str]:
    """Show one flow."""
    flow = flows.read_flows().one(_checked(flow_id))
    if not none_match(router.current_event, etag(flow.revision)):
        return empty(HTTPStatus.NOT_MODIFIED, headers={"ETag": etag(flow.revision)})
    return respond(_answer(flow))


@router.put("/v1/flows/<flow_id>")
def update(flow_id: str) -> Response[str]:
    """Replace a draft's content."""
    body = read_body(router.current_event, rest.UpdateFlow)
    return _edit(flow_id, partial(flow_content.put, body))


@router.patch("/v1/flows/<flow_id>")
def patch(flow_id: str) -> Response[str]:
    """Change some of a draft's content, by a merge patch."""
    body = read_json_body(router.current_event, also=MERGE_PATCH_CONTENT_TYPE)
    return _edit(flow_id, partial(flow_content.patch, body))


@router.delete("/v1/flows/<flow_id>")
def delete(flow_id: str) -> Response[str]:
    """Delete a flow with its versions."""
    event = router.current_event
    flows.delete_flow()(_checked(flow_id), caller=actor(event), expected=if_match(event))
    return empty()


@router.post("/v1/flows/<flow_id>/publish")
def publish(flow_id: str) -> Response[str]:
    """Freeze the draft as the next version."""
    return _move(flow_id, flows.publish_flow())


@router.post("/v1/flows/<flow_id>/draft")
def draft(flow_id: str) -> Response[str]:
    """Open the next draft of a published flow."""
    return _move(flow_id, flows.draft_flow())


@router.post("/v1/flows/<flow_id>/archive")
def archive(flow_id: str) -> Response[str]:
    """Archive a flow."""
    return _move(flow_id, flows.archive_flow())


@router.post("/v1/flows/<flow_id>/restore")
def restore(flow_id: str) -> Response[str]:
    """Bring an archived flow back."""
    return _move(flow_id, flows.restore_flow())


@router.get("/v1/flows/<flow_id>/versions")
def versions(flow_id: str) -> Response[str]:
    """List published versions, newest first."""
    query = read_query(router.current_event, PageQuery)
    name = f"{_VERSIONS} {_checked(flow_id)}"
    found, after = flows.read_flows().versions(
        flow_id, limit=query.limit, after=read_sequence(name, query.cursor) or None
    )
    cursor = write_cursor(name, str(after)) if after else None
    return ok(rest.VersionPage(versions=[listed_version(record) for record in found], next_cursor=cursor))


@router.get("/v1/flows/<flow_id>/events")
def events(flow_id: str) -> Response[str]:
    """List what happened to it, oldest first; also when it was deleted."""
    query = read_query(router.current_event, PageQuery)
    name = f"events {_checked(flow_id)}"
    found, position = history.read_history().of_flow(
        flow_id, limit=query.limit, after=read_sequence(name, query.cursor)
    )
    cursor = write_cursor(name, str(position)) if position else None
    return ok(FlowEventPage(events=[listed_event(event) for event in found], next_cursor=cursor))


@router.get("/v1/flows/<flow_id>/versions/<version>")
def version(flow_id: str, version: str) -> Response[str]:
    """Show one published version with its definition."""
    record, definition = flows.read_flows().version(_checked(flow_id), _number(version))
    return ok(rest.VersionView(**version_summary(record).model_dump(), definition=definition))


def _checked(flow_id: str) -> str:
    """Refuse what cannot be a flow's id, before it becomes a key."""
    if not re.fullmatch(FLOW_ID_PATTERN, flow_id):
        message = f"there is no flow {flow_id[:64]}"
        raise NotFound(message)
    return flow_id


def _number(version: str) -> int:
    if not re.fullmatch(VERSION_PATTERN, version):
        message = f"there is no version {version[:64]}; versions are numbered from 1"
        raise NotFound(message)
    return int(version)


def _edit(flow_id: str, content: Callable[[Flow], FlowContent]) -> Response[str]:
    """Answer with the draft as it is with other content."""
    event = router.current_event
    update = flows.update_flow()
    return respond(_answer(update(_checked(flow_id), content, caller=actor(event), expected=if_match(event))))


class _Move(Protocol):
    def __call__(self, flow_id: str, *, caller: Actor, expected: frozenset[int] | None) -> Flow: ...


def _move(flow_id: str, move: _Move) -> Response[str]:
    """Answer with the flow as it is after a move to another state."""
    event = router.current_event
    checked = _checked(flow_id)
    expected = if_match(event)
    return once(event, router.lambda_context, lambda: _answer(move(checked, caller=actor(event), expected=expected)))


def _answer(flow: Flow, *, status: int = HTTPStatus.OK, headers: dict[str, str] | None = None) -> Answer:
    tagged = {"ETag": etag(flow.revision), **(headers or {})}
    return Answer(status, view(flow).model_dump(mode="json"), tagged)
