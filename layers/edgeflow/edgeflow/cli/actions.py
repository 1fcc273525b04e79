"""What operators do with one deployment, each by the action of the API that has the command's name."""

from collections.abc import Callable
from typing import Annotated

import typer

from edgeflow.cli.lookup import DeploymentId
from edgeflow.cli.profiles import DEFAULT
from edgeflow.cli.rollouts import SHOWN
from edgeflow.cli.screen import Screen
from edgeflow.cli.surroundings import Json, ProfileName, surroundings
from edgeflow.client import Client
from edgeflow.contract.rest.deployments import DeploymentView


def start(
    ctx: typer.Context, deployment: DeploymentId, *, as_json: Json = False, profile: ProfileName = DEFAULT
) -> None:
    """Start a deployment that is pending."""
    _act(ctx, profile, lambda client: client.deployments.start(deployment), as_json=as_json)


def pause(
    ctx: typer.Context, deployment: DeploymentId, *, as_json: Json = False, profile: ProfileName = DEFAULT
) -> None:
    """Let no new wave start."""
    _act(ctx, profile, lambda client: client.deployments.pause(deployment), as_json=as_json)


def resume(
    ctx: typer.Context,
    deployment: DeploymentId,
    *,
    accept_failures: Annotated[
        bool, typer.Option("--accept-failures", help="Go on although a wave exceeded its threshold.")
    ] = False,
    as_json: Json = False,
    profile: ProfileName = DEFAULT,
) -> None:
    """Go on with a deployment that is paused."""
    _act(
        ctx,
        profile,
        lambda client: client.deployments.resume(deployment, accept_failures=accept_failures),
        as_json=as_json,
    )


def promote(
    ctx: typer.Context, deployment: DeploymentId, *, as_json: Json = False, profile: ProfileName = DEFAULT
) -> None:
    """End the wait between two waves now."""
    _act(ctx, profile, lambda client: client.deployments.promote(deployment), as_json=as_json)


def skip(
    ctx: typer.Context,
    deployment: DeploymentId,
    device: Annotated[str, typer.Argument(metavar="DEVICE", help="A device that is waited for.")],
    *,
    as_json: Json = False,
    profile: ProfileName = DEFAULT,
) -> None:
    """Give up on one device: it counts as failed, and nobody waits for it."""
    with surroundings(ctx).client(profile) as client:
        target = client.deployments.skip(deployment, device)
    Screen(as_json=as_json).fields(target, ("device_id", "status", "wave", "reason", "message"))


def cancel(
    ctx: typer.Context, deployment: DeploymentId, *, as_json: Json = False, profile: ProfileName = DEFAULT
) -> None:
    """Stop a deployment where it is, without a rollback."""
    _act(ctx, profile, lambda client: client.deployments.cancel(deployment), as_json=as_json)


def rollback(
    ctx: typer.Context, deployment: DeploymentId, *, as_json: Json = False, profile: ProfileName = DEFAULT
) -> None:
    """Return every device that a deployment touched to what it ran before."""
    _act(ctx, profile, lambda client: client.deployments.rollback(deployment), as_json=as_json)


def _act(ctx: typer.Context, profile: str, action: Callable[[Client], DeploymentView], *, as_json: bool) -> None:
    with surroundings(ctx).client(profile) as client:
        view = action(client)
    Screen(as_json=as_json).fields(view, SHOWN)
