"""Changing ``/v1/flows``: parse, call one use case, answer."""

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Protocol

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayRouter

from api import flow_content
from api.answers import Answer, empty, respond
from api.bodies import read_body, read_json_body
from api.idempotency import once
from api.ids import flow_id_in, flow_named_in
from api.requests import actor, if_match
from api.views.flows import answer_of
from edgeflow.bootstrap import flows, names
from edgeflow.contract.history.details import Actor
from edgeflow.contract.rest import flows as rest
from edgeflow.contract.rest.merge_patch import MERGE_PATCH_CONTENT_TYPE
from edgeflow.domain.flows import Flow, FlowContent

router = APIGatewayRouter()  # type: ignore[no-untyped-call]  # powertools leaves it untyped


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
            slug=body.slug,
            definition=body.definition.as_definition(),
            caller=actor(event),
        )
        return answer_of(flow, status=HTTPStatus.CREATED, headers={"Location": f"/api/v1/flows/{flow.id}"})

    return once(event, router.lambda_context, operation)


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
    flows.delete_flow()(flow_id_in(flow_id), caller=actor(event), expected=if_match(event))
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


def _edit(flow_id: str, content: Callable[[Flow], FlowContent]) -> Response[str]:
    """Answer with the draft as it is with other content."""
    event = router.current_event
    update = flows.update_flow()
    return respond(answer_of(update(flow_id_in(flow_id), content, caller=actor(event), expected=if_match(event))))


class _Move(Protocol):
    def __call__(self, flow_id: str, *, caller: Actor, expected: frozenset[int] | None) -> Flow: ...


def _move(flow_id: str, move: _Move) -> Response[str]:
    """Answer with the flow as it is after a move to another state."""
    event = router.current_event
    named = flow_named_in(flow_id)
    expected = if_match(event)

    def operation() -> Answer:
        return answer_of(move(names.find_flow()(named), caller=actor(event), expected=expected))

    return once(event, router.lambda_context, operation)
