"""``edgeflow deploy``, ``watch`` and ``retry``: from what is wanted to how it ended."""

import json
from datetime import timedelta
from typing import Annotated, Any

import typer

from edgeflow.cli.errors import CommandFailed
from edgeflow.cli.exits import OUTCOMES, Exit
from edgeflow.cli.following import follow
from edgeflow.cli.lookup import DeploymentId, FlowName, flow_id_of
from edgeflow.cli.profiles import DEFAULT
from edgeflow.cli.screen import Screen
from edgeflow.cli.surroundings import Json, ProfileName, surroundings
from edgeflow.client import Client, EdgeFlowError, InvalidArgument
from edgeflow.client.session import checked
from edgeflow.contract.durations import parse_duration
from edgeflow.contract.rest.deployments import DeploymentView, RetryDeployment, create_model, known

SHOWN = ("id", "flow_id", "action", "flow_version", "strategy", "status", "status_reason", "total_targets")

Wait = Annotated[bool, typer.Option("--wait", help="Follow it until it has ended; the exit code says how.")]
Timeout = Annotated[
    str | None, typer.Option(metavar="DURATION", help="Wait no longer than this, such as 30m; then the exit code is 6.")
]


def deploy(
    ctx: typer.Context,
    flow: FlowName,
    *,
    strategy: Annotated[str, typer.Option(help="all_at_once, rolling, canary or blue_green.")],
    version: Annotated[int | None, typer.Option(help="A published version; the newest when left out.")] = None,
    to: Annotated[list[str] | None, typer.Option(metavar="DEVICES", help="Devices, separated by commas.")] = None,
    group: Annotated[list[str] | None, typer.Option(help="A thing group; may be given several times.")] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="A setting of the strategy, such as batch_size=5."),
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Take the flow off the devices.")] = False,
    start: Annotated[bool, typer.Option("--start/--no-start", help="Start it, or leave it pending.")] = True,
    wait: Wait = False,
    timeout: Timeout = None,
    idempotency_key: Annotated[
        str | None, typer.Option(help="The same key within a day makes no second deployment.")
    ] = None,
    as_json: Json = False,
    profile: ProfileName = DEFAULT,
) -> None:
    """Deploy a flow to devices, and start that."""
    patience = patience_of(timeout, wait=wait)
    if wait and not start:
        message = "--wait has nothing to wait for with --no-start"
        raise InvalidArgument(message)
    screen = Screen(as_json=as_json)
    document: dict[str, Any] = {
        "strategy": strategy,
        "action": "remove" if remove else "deploy",
        "target_groups": group or [],
        "target_devices": [device for each in to or [] for device in each.split(",") if device],
        "config": dict(map(_setting, setting or [])),
    }
    if version is not None:
        document["flow_version"] = version
    with surroundings(ctx).client(profile) as client:
        document["flow_id"] = flow_id_of(client, flow)
        body = known(checked(create_model(document), document))
        made = client.deployments.create(body, idempotency_key=idempotency_key)
        _go_on(client, made, screen, start=start, wait=wait, patience=patience)


def watch(
    ctx: typer.Context,
    deployment: DeploymentId,
    *,
    timeout: Timeout = None,
    as_json: Json = False,
    profile: ProfileName = DEFAULT,
) -> None:
    """Follow a deployment until it has ended; the exit code says how."""
    patience = patience_of(timeout, wait=True)
    with surroundings(ctx).client(profile) as client:
        raise typer.Exit(_followed(client, deployment, Screen(as_json=as_json), patience))


def retry(
    ctx: typer.Context,
    deployment: DeploymentId,
    *,
    only: Annotated[
        list[str] | None, typer.Option(help="`failed`, or `offline`: only these targets; may be given twice.")
    ] = None,
    start: Annotated[bool, typer.Option("--start/--no-start", help="Start it, or leave it pending.")] = True,
    wait: Wait = False,
    timeout: Timeout = None,
    as_json: Json = False,
    profile: ProfileName = DEFAULT,
) -> None:
    """Deploy once more to targets that failed, were skipped as offline or were rolled back."""
    patience = patience_of(timeout, wait=wait)
    body = checked(RetryDeployment, {"only": only} if only else {})
    with surroundings(ctx).client(profile) as client:
        made = client.deployments.retry(deployment, only=body.only)
        _go_on(client, made, Screen(as_json=as_json), start=start, wait=wait, patience=patience)


def _go_on(
    client: Client, made: DeploymentView, screen: Screen, *, start: bool, wait: bool, patience: timedelta | None
) -> None:
    """Start what was created, and follow it, as far as that is wanted."""
    view = made
    if start:
        try:
            view = client.deployments.start(made.id)
        except EdgeFlowError as error:
            message = f"{made.id} is created, but not started: {error}; `edgeflow start {made.id}` tries it again"
            raise CommandFailed(message) from error
    if not wait:
        screen.fields(view, SHOWN)
        return
    screen.line(f"{made.id} is started")
    code = _followed(client, made.id, screen, patience)
    if code is not Exit.OK:
        screen.line(f"`edgeflow events {made.id}` tells what happened")
    raise typer.Exit(code)


def _followed(client: Client, deployment_id: str, screen: Screen, patience: timedelta | None) -> Exit:
    ended = follow(client, deployment_id, screen, patience)
    if screen.as_json:
        screen.document(ended)
    return OUTCOMES[ended.status]


def patience_of(timeout: str | None, *, wait: bool) -> timedelta | None:
    """Return how long to wait at most, None for as long as it takes. Raises InvalidArgument."""
    if timeout is None:
        return None
    if not wait:
        message = "--timeout goes with --wait"
        raise InvalidArgument(message)
    try:
        return parse_duration(timeout)
    except ValueError as error:
        message = f"--timeout: {error}"
        raise InvalidArgument(message) from None


def _setting(given: str) -> tuple[str, Any]:
    """Read ``name=value``: a number, true, false or null as in JSON, everything else as text."""
    name, equals, value = given.partition("=")
    if not (name and equals):
        message = f"--set {given}: write it as NAME=VALUE, such as batch_size=5"
        raise InvalidArgument(message)
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value
