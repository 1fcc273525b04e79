"""Changing ``/v1/deployments``: parse, call one use case, answer."""

from functools import partial
from http import HTTPStatus
from typing import Protocol

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayRouter

from api.answers import Answer, empty
from api.bodies import read_json_body, read_optional_body
from api.idempotency import once
from api.ids import deployment_id_in, device_id_in
from api.requests import actor
from api.shown import shown
from api.views.deployments import target_view
from edgeflow.bootstrap import deployments, rollout
from edgeflow.contract.history.details import Actor
from edgeflow.contract.rest import deployments as rest
from edgeflow.domain.deployments import Deployment

router = APIGatewayRouter()  # type: ignore[no-untyped-call]  # powertools leaves it untyped


@router.post("/v1/deployments")
def create() -> Response[str]:
    """Create a deployment; it waits to be started."""
    event = router.current_event
    told = read_json_body(event)
    body = told.read_as(rest.create_model(told.document))

    def operation() -> Answer:
        return _created(deployments.create_deployment()(rest.known(body), by=actor(event)))

    return once(event, router.lambda_context, operation)


@router.delete("/v1/deployments/<deployment_id>")
def delete(deployment_id: str) -> Response[str]:
    """Remove a deployment that never started, or whose record cannot be read."""
    deployments.delete_deployment()(deployment_id_in(deployment_id), by=actor(router.current_event))
    return empty()


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
        return Answer(HTTPStatus.OK, shown(action(checked, by=actor(event))).model_dump(mode="json"))

    return once(event, router.lambda_context, operation)


def _created(deployment: Deployment) -> Answer:
    headers = {"Location": f"/api/v1/deployments/{deployment.id}"}
    return Answer(HTTPStatus.CREATED, shown(deployment).model_dump(mode="json"), headers)
