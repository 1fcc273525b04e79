"""``edgeflow deployments``."""

from typing import Annotated, get_args

import typer

from edgeflow.cli.list_options import NEWEST, CreatedFrom, CreatedTo, Sort, one_of_several, query_of
from edgeflow.cli.lookup import DeploymentId, flow_id_of
from edgeflow.cli.picture import line
from edgeflow.cli.profiles import DEFAULT
from edgeflow.cli.screen import Screen
from edgeflow.cli.surroundings import Json, ProfileName, surroundings
from edgeflow.contract.rest.deployment_queries import ListDeployments
from edgeflow.contract.rest.deployments import StatusName
from edgeflow.contract.rest.targets import ListTargets, TargetStatusName

app = typer.Typer(no_args_is_help=True, help="Deployments: what was rolled out, and how far it is.")

_LISTED = ("id", "flow_id", "flow_version", "strategy", "status", "total_targets", "created_at")
_OF_DEVICE = (
    "id",
    "flow_id",
    "flow_version",
    "strategy",
    "status",
    "target.status",
    "target.wave",
    "target.reason",
    "created_at",
)
_TARGET = ("device_id", "wave", "status", "reason", "message")


@app.command("list")
def list_deployments(
    ctx: typer.Context,
    *,
    status: Annotated[
        str | None,
        typer.Option(
            help="Only deployments in one of these statuses, such as running,paused.",
            autocompletion=one_of_several(get_args(StatusName)),
        ),
    ] = None,
    flow: Annotated[str | None, typer.Option(help="Only deployments of this flow.")] = None,
    strategy: Annotated[str | None, typer.Option(help="Only deployments by this strategy.")] = None,
    device: Annotated[
        str | None, typer.Option(help="Only deployments that were planned for this device, with what became of it.")
    ] = None,
    created_from: CreatedFrom = None,
    created_to: CreatedTo = None,
    sort: Sort = NEWEST,
    as_json: Json = False,
    profile: ProfileName = DEFAULT,
) -> None:
    """List deployments."""
    with surroundings(ctx).client(profile) as client:
        query = query_of(
            ListDeployments,
            status=status,
            flow_id=flow and flow_id_of(client, flow),
            strategy=strategy,
            device_id=device,
            created_from=created_from,
            created_to=created_to,
            sort=sort,
        )
        columns = _LISTED if device is None else _OF_DEVICE
        Screen(as_json=as_json).entries("deployments", client.deployments.list(query), columns)


@app.command()
def show(
    ctx: typer.Context, deployment: DeploymentId, *, as_json: Json = False, profile: ProfileName = DEFAULT
) -> None:
    """Show a deployment, what it waits for, and its first targets."""
    screen = Screen(as_json=as_json)
    with surroundings(ctx).client(profile) as client:
        view = client.deployments.get(deployment)
    if as_json:
        screen.document(view)
        return
    screen.line(line(view))
    screen.entries("targets", view.targets, _TARGET)


@app.command()
def targets(
    ctx: typer.Context,
    deployment: DeploymentId,
    *,
    status: Annotated[TargetStatusName | None, typer.Option(help="Only targets in this status.")] = None,
    wave: Annotated[int | None, typer.Option(help="Only targets of this wave, from 1.")] = None,
    as_json: Json = False,
    profile: ProfileName = DEFAULT,
) -> None:
    """List all targets of a deployment."""
    query = query_of(ListTargets, status=status, wave=wave)
    with surroundings(ctx).client(profile) as client:
        Screen(as_json=as_json).entries("targets", client.deployments.targets(deployment, query), _TARGET)
