"""Operations of ``/v1/deployments``."""

from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import Final

from api.operations.operation import Operation, Scope
from edgeflow.contract.rest import deployments as rest
from edgeflow.contract.rest.deployment_queries import ListDeployments, ReadDeployment
from edgeflow.contract.rest.events import DeploymentEventPage
from edgeflow.contract.rest.paging import PageQuery
from edgeflow.contract.rest.targets import ListTargets

_READ: Final = partial(Operation, scope=Scope.READ)
_WATCH: Final = partial(_READ, conditions=("If-None-Match",), tagged=True)
_ACT: Final = partial(Operation, scope=Scope.DEPLOY, once=True, answer=rest.DeploymentView)
_MAKE: Final = partial(_ACT, status=HTTPStatus.CREATED, located=True)

OPERATIONS: Final[Mapping[str, Mapping[str, Operation]]] = {
    "/v1/deployments": {
        "GET": _WATCH(
            id="listDeployments",
            summary="List deployments, newest or oldest first",
            query=ListDeployments,
            answer=rest.DeploymentPage,
        ),
        "POST": _MAKE(
            id="createDeployment",
            summary="Create a deployment, which waits to be started",
            body=rest.CreateDeployment,
        ),
    },
    "/v1/deployments/<deployment_id>": {
        "DELETE": Operation(
            id="deleteDeployment",
            summary="Remove a deployment that never started, or whose record cannot be read",
            scope=Scope.DEPLOY,
            status=HTTPStatus.NO_CONTENT,
        ),
        "GET": _WATCH(
            id="readDeployment",
            summary="Show a deployment with a first page of its targets",
            query=ReadDeployment,
            waits=True,
            answer=rest.DeploymentView,
        ),
    },
    "/v1/deployments/<deployment_id>/targets": {
        "GET": _WATCH(
            id="listTargets",
            summary="List a deployment's targets by device id",
            query=ListTargets,
            answer=rest.TargetPage,
        ),
    },
    "/v1/deployments/<deployment_id>/targets/<device_id>/skip": {
        "POST": _ACT(
            id="skipTarget",
            summary="Give up on one device that is waited for; the answer is the target",
            answer=rest.TargetView,
        ),
    },
    "/v1/deployments/<deployment_id>/events": {
        "GET": _READ(
            id="listDeploymentEvents",
            summary="List what happened to a deployment, oldest first",
            query=PageQuery,
            answer=DeploymentEventPage,
        ),
    },
    "/v1/deployments/<deployment_id>/start": {
        "POST": _ACT(id="startDeployment", summary="Start a pending deployment"),
    },
    "/v1/deployments/<deployment_id>/pause": {
        "POST": _ACT(id="pauseDeployment", summary="Let no new wave start"),
    },
    "/v1/deployments/<deployment_id>/resume": {
        "POST": _ACT(
            id="resumeDeployment",
            summary="Go on with a paused deployment",
            body=rest.ResumeDeployment,
            body_may_be_left_out=True,
        ),
    },
    "/v1/deployments/<deployment_id>/promote": {
        "POST": _ACT(id="promoteDeployment", summary="End the wait between two waves now"),
    },
    "/v1/deployments/<deployment_id>/cancel": {
        "POST": _ACT(id="cancelDeployment", summary="Stop a deployment where it is, without a rollback"),
    },
    "/v1/deployments/<deployment_id>/rollback": {
        "POST": _ACT(id="rollbackDeployment", summary="Return every device that a deployment touched"),
    },
    "/v1/deployments/<deployment_id>/retry": {
        "POST": _MAKE(
            id="retryDeployment",
            summary=(
                "Deploy once more, as a new deployment, to targets that failed, were skipped as offline, "
                "or were rolled back"
            ),
            body=rest.RetryDeployment,
            body_may_be_left_out=True,
        ),
    },
}
