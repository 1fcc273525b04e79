"""Reading ``/v1/deployments``: parse, call one use case, answer."""

from typing import Final

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayRouter

from api.answers import ok, unless_known
from api.ids import deployment_id_in, flow_asked_for
from api.requests import read_position, read_query, read_sequence
from api.shown import shown, targets_list
from api.views.deployments import listed, listed_of_device, listed_target
from api.views.events import listed_event
from edgeflow.bootstrap import reads
from edgeflow.contract.rest import deployments as rest
from edgeflow.contract.rest.deployment_queries import ListDeployments, ReadDeployment
from edgeflow.contract.rest.events import DeploymentEventPage
from edgeflow.contract.rest.paging import PageQuery, write_cursor
from edgeflow.contract.rest.targets import ListTargets
from edgeflow.contract.rest.unreadable import UnreadableDeployment
from edgeflow.domain.deployments import DeploymentFilter, DeploymentStatus, TargetStatus
from edgeflow.domain.strategies import Strategy

router = APIGatewayRouter()  # type: ignore[no-untyped-call]  # powertools leaves it untyped

_LIST: Final = "deployments"


@router.get("/v1/deployments")
def find() -> Response[str]:
    """List deployments, all or a device's, newest or oldest first."""
    query = read_query(router.current_event, ListDeployments)
    flow_id = flow_asked_for(query.flow_id)
    filters = query.model_dump(mode="json", exclude={"limit", "cursor"}) | {"flow_id": flow_id}
    wanted = DeploymentFilter(
        statuses=frozenset(map(DeploymentStatus, query.status or ())),
        flow_id=flow_id,
        strategy=Strategy(query.strategy) if query.strategy else None,
        created_from=query.created_from,
        created_to=query.created_to,
    )
    deployments, position = _page(
        query.device_id,
        limit=query.limit,
        after=read_position(_LIST, query.cursor, filters),
        wanted=wanted,
        oldest_first=query.sort == "oldest",
    )
    cursor = write_cursor(_LIST, position, filters) if position else None
    return unless_known(router.current_event, rest.DeploymentPage(deployments=deployments, next_cursor=cursor))


def _page(
    device_id: str | None, *, limit: int, after: str | None, wanted: DeploymentFilter, oldest_first: bool
) -> tuple[list[rest.ListedDeployment | UnreadableDeployment], str | None]:
    """Return a page of all deployments, or of a device's, and the position to go on from."""
    if device_id is None:
        every, position = reads.read_deployments().page(
            limit=limit, after=after, wanted=wanted, oldest_first=oldest_first
        )
        return [listed(each) for each in every], position
    found, position = reads.read_device_deployments().page(
        device_id, limit=limit, after=after, wanted=wanted, oldest_first=oldest_first
    )
    return [listed_of_device(each) for each in found], position


@router.get("/v1/deployments/<deployment_id>")
def read(deployment_id: str) -> Response[str]:
    """Show one deployment with the first page of its targets."""
    checked = deployment_id_in(deployment_id)
    query = read_query(router.current_event, ReadDeployment)
    if query.wait and query.unless:
        deployment = reads.await_status()(checked, unless=DeploymentStatus(query.unless), wait=query.wait)
    else:
        deployment = reads.read_deployments().get(checked)
    return unless_known(router.current_event, shown(deployment))


@router.get("/v1/deployments/<deployment_id>/targets")
def targets(deployment_id: str) -> Response[str]:
    """List the targets by device id."""
    query = read_query(router.current_event, ListTargets)
    name = targets_list(deployment_id_in(deployment_id))
    filters = {"status": query.status, "wave": str(query.wave) if query.wave else None}
    read_deployments = reads.read_deployments()
    deployment = read_deployments.get(deployment_id)
    found, position = read_deployments.targets_page(
        deployment,
        limit=query.limit,
        after=read_position(name, query.cursor, filters),
        status=TargetStatus(query.status) if query.status else None,
        wave=query.wave,
    )
    cursor = write_cursor(name, position, filters) if position else None
    waits = reads.read_waits().of_targets(deployment, found)
    page = rest.TargetPage(targets=[listed_target(target, waits) for target in found], next_cursor=cursor)
    return unless_known(router.current_event, page)


@router.get("/v1/deployments/<deployment_id>/events")
def events(deployment_id: str) -> Response[str]:
    """List what happened to it, oldest first."""
    query = read_query(router.current_event, PageQuery)
    name = f"events {deployment_id_in(deployment_id)}"
    found, position = reads.read_history().of_deployment(
        deployment_id, limit=query.limit, after=read_sequence(name, query.cursor)
    )
    cursor = write_cursor(name, str(position)) if position else None
    return ok(DeploymentEventPage(events=[listed_event(event) for event in found], next_cursor=cursor))
