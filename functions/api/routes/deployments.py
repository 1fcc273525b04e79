"""``/v1/deployments``: parse, call one use case, answer."""

from functools import partial
from http import HTTPStatus
from typing import Final, Protocol

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayRouter

from api.answers import Answer, empty, ok, unless_known
from api.bodies import read_json_body, read_optional_body
from api.idempotency import once
from api.ids import deployment_id_in, device_id_in
from api.requests import actor, read_position, read_query, read_sequence
from api.views.deployments import listed, listed_target, target_view, view
from api.views.events import listed_event
from edgeflow.bootstrap import deployments, history, rollout
from edgeflow.contract.history.details import Actor
from edgeflow.contract.rest import deployments as rest
from edgeflow.contract.rest.deployment_queries import ListDeployments, ReadDeployment
from edgeflow.contract.rest.events import DeploymentEventPage
from edgeflow.contract.rest.paging import DEFAULT_LIMIT, PageQuery, write_cursor
from edgeflow.contract.rest.targets import ListTargets
from edgeflow.domain.deployments import Deployment, DeploymentFilter, DeploymentStatus, TargetStatus
from edgeflow.domain.strategies import Strategy

router = APIGatewayRouter()  # type: ignore[no-untyped-call]  # powertools leaves it untyped

_LIST: Final = "deployments"


@router.post("/v1/deployments")
def create() -> Response[str]:
    """Create a deployment; it waits to be started."""
    event = router.current_event
    told = read_json_body(event)
    body = told.read_as(rest.create_model(told.document))

    def operation() -> Answer:
        return _created(deployments.create_deployment()(rest.known(body), by=actor(event)))

    return once(event, router.lambda_context, operation)


@router.get("/v1/deployments")
def find() -> Response[str]:
    """List deployments, newest or oldest first."""
    query = read_query(router.current_event, ListDeployments)
    filters = query.model_dump(mode="json", exclude={"limit", "cursor"})
    found, position = deployments.read_deployments().page(
        limit=query.limit,
        after=read_position(_LIST, query.cursor, filters),
        wanted=DeploymentFilter(
            statuses=frozenset(map(DeploymentStatus, query.status or ())),
            flow_id=query.flow_id,
            strategy=Strategy(query.strategy) if query.strategy else None,
            created_from=query.created_from,
            created_to=query.created_to,
        ),
        oldest_first=query.sort == "oldest",
    )
    cursor = write_cursor(_LIST, position, filters) if position else None
    page = rest.DeploymentPage(deployments=[listed(deployment) for deployment in found], next_cursor=cursor)
    return unless_known(router.current_event, page)


@router.get("/v1/deployments/<deployment_id>")
def read(deployment_id: str) -> Response[str]:
    """Show one deployment with the first page of its targets."""
    checked = deployment_id_in(deployment_id)
    query = read_query(router.current_event, ReadDeployment)
    if query.wait and query.unless:
        deployment = deployments.await_status()(checked, unless=DeploymentStatus(query.unless), wait=query.wait)
    else:
        deployment = deployments.read_deployments().get(checked)
    return unless_known(router.current_event, _view(deployment))


@router.delete("/v1/deployments/<deployment_id>")
def delete(deployment_id: str) -> Response[str]:
    """Remove a deployment that never started, or whose record cannot be read."""
    deployments.delete_deployment()(deployment_id_in(deployment_id), by=actor(router.current_event))
    return empty()


@router.get("/v1/deployments/<deployment_id>/targets")
def targets(deployment_id: str) -> Response[str]:
    """List the targets by device id."""
    query = read_query(router.current_event, ListTargets)
    name = _targets_list(deployment_id_in(deployment_id))
    filters = {"status": query.status, "wave": str(query.wave) if query.wave else None}
    reads = deployments.read_deployments()
    deployment = reads.get(deployment_id)
    found, position = reads.targets_page(
        deployment,
        limit=query.limit,
        after=read_position(name, query.cursor, filters),
        status=TargetStatus(query.status) if query.status else None,
        wave=query.wave,
    )
    cursor = write_cursor(name, position, filters) if position else None
    waits = deployments.read_waits().of_targets(deployment, found)
    page = rest.TargetPage(targets=[listed_target(target, waits) for target in found], next_cursor=cursor)
    return unless_known(router.current_event, page)


@router.get("/v1/deployments/<deployment_id>/events")
def events(deployment_id: str) -> Response[str]:
    """List what happened to it, oldest first."""
    query = read_query(router.current_event, PageQuery)
    name = f"events {deployment_id_in(deployment_id)}"
    found, position = history.read_history().of_deployment(
        deployment_id, limit=query.limit, after=read_sequence(name, query.cursor)
    )
    cursor = write_cursor(name, str(position)) if position else None
    return ok(DeploymentEventPage(events=[listed_event(event) for event in found], next_cursor=cursor))


@router.post("/v1/deployments/<deployment_id>/start")
def start(deployment_id: str) -> Response[str]:
    """Start a pending deployment."""
    return _act(deployment_id, deployments.start_deployment())


@router.post("/v1/deployments/<deployment_id>/pause")
def pause(deployment_id: str) -> Response[str]:
    """Pause a running deployment."""
    return _act(deployment_id, deployments.pause_deployment())


@router.post("/v1/deployments/<deployment_id>/resume")
def resume(deployment_id: str) -> Response[str]:
    """Go on with a paused deployment; after a breach only where the body accepts its failures."""
    checked = deployment_id_in(deployment_id)
    body = read_optional_body(router.current_event, rest.ResumeDeployment)
    return _act(checked, partial(deployments.resume_deployment(), accept_failures=body.accept_failures))


@router.post("/v1/deployments/<deployment_id>/promote")
def promote(deployment_id: str) -> Response[str]:
    """End the wait between two waves now."""
    return _act(deployment_id, deployments.promote_deployment())


@router.post("/v1/deployments/<deployment_id>/targets/<device_id>/skip")
def skip(deployment_id: str, device_id: str) -> Response[str]:
    """Give up on one device; the answer is the target."""
    event = router.current_event
    checked = deployment_id_in(deployment_id)
    device = device_id_in(device_id)

    def operation() -> Answer:
        target = deployments.give_up_target()(checked, device, by=actor(event))
        return Answer(HTTPStatus.OK, target_view(target).model_dump(mode="json"))

    return once(event, router.lambda_context, operation)


@router.post("/v1/deployments/<deployment_id>/cancel")
def cancel(deployment_id: str) -> Response[str]:
    """Stop a deployment where it is."""
    return _act(deployment_id, deployments.cancel_deployment())


@router.post("/v1/deployments/<deployment_id>/rollback")
def rollback(deployment_id: str) -> Response[str]:
    """Return every device to what it ran before."""
    return _act(deployment_id, rollout.rollback_deployment())


@router.post("/v1/deployments/<deployment_id>/retry")
def retry(deployment_id: str) -> Response[str]:
    """Deploy once more to targets that failed, or were rolled back; the answer is the new deployment."""
    event = router.current_event
    checked = deployment_id_in(deployment_id)
    only = read_optional_body(event, rest.RetryDeployment).only

    def operation() -> Answer:
        return _created(deployments.retry_deployment()(checked, by=actor(event), only=only))

    return once(event, router.lambda_context, operation)


class _Action(Protocol):
    def __call__(self, deployment_id: str, *, by: Actor) -> Deployment: ...


def _act(deployment_id: str, action: _Action) -> Response[str]:
    """Answer with the deployment as it is after an operator's action on it."""
    event = router.current_event
    checked = deployment_id_in(deployment_id)

    def operation() -> Answer:
        return Answer(HTTPStatus.OK, _view(action(checked, by=actor(event))).model_dump(mode="json"))

    return once(event, router.lambda_context, operation)


def _created(deployment: Deployment) -> Answer:
    headers = {"Location": f"/api/v1/deployments/{deployment.id}"}
    return Answer(HTTPStatus.CREATED, _view(deployment).model_dump(mode="json"), headers)


def _targets_list(deployment_id: str) -> str:
    return f"targets {deployment_id}"


def _view(deployment: Deployment) -> rest.DeploymentView:
    found, position = deployments.read_deployments().targets_page(deployment, limit=DEFAULT_LIMIT)
    cursor = write_cursor(_targets_list(deployment.id), position) if position else None
    return view(deployment, found, cursor, deployments.read_waits().of(deployment, found))
