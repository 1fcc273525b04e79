"""``edgeflow``: the table of its commands."""

from importlib.metadata import version
from typing import Annotated

import typer

from edgeflow.cli import actions, deployments, devices, flows, rollouts
from edgeflow.cli.apply import apply, plan
from edgeflow.cli.doctor import doctor
from edgeflow.cli.errors import Commands
from edgeflow.cli.events import events
from edgeflow.cli.login import login
from edgeflow.cli.logout import logout

app = typer.Typer(
    cls=Commands,
    name="edgeflow",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Roll out flows to fleets of devices. Exit codes: 0 done (completed), 1 an error, 2 wrong usage; of a rollout "
    "that was waited for: 3 rolled back, 4 failed, 5 cancelled, 6 not ended in time; of `plan`: 7 there is "
    "something to do.",
)
app.command()(login)
app.command()(logout)
app.command()(doctor)
app.add_typer(flows.app, name="flows")
app.command()(rollouts.deploy)
app.command()(rollouts.watch)
app.command()(plan)
app.command()(apply)
app.add_typer(deployments.app, name="deployments")
for _action in (
    actions.start,
    actions.pause,
    actions.resume,
    actions.promote,
    actions.skip,
    actions.cancel,
    actions.rollback,
):
    app.command()(_action)
app.command()(rollouts.retry)
app.command()(events)
app.add_typer(devices.app, name="devices")


@app.callback(invoke_without_command=True)
def _options(
    *,
    show_version: Annotated[bool, typer.Option("--version", is_eager=True, help="Print the version.")] = False,
) -> None:
    if show_version:
        print(version("edgeflow"))  # noqa: T201  that is what was asked for
        raise typer.Exit


def main() -> None:
    """Carry out one command."""
    app()
