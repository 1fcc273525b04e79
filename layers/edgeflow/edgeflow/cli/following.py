"""Following a rollout to its end: a live picture on a terminal, a line for each change elsewhere."""

from datetime import timedelta

from rich.live import Live

from edgeflow.cli.picture import line, picture
from edgeflow.cli.screen import Screen
from edgeflow.client import Client, TimedOut
from edgeflow.contract.rest.deployments import DeploymentView


def follow(client: Client, deployment_id: str, screen: Screen, timeout: timedelta | None) -> DeploymentView:
    """Show a deployment until it has ended, and return it as it was then.

    Raises:
        TimedOut: it has not ended in time; what it waits for is named.
    """
    seconds = None if timeout is None else timeout.total_seconds()
    following = client.deployments.follow(deployment_id, timeout=seconds)
    view: DeploymentView | None = None
    try:
        if screen.live is not None:
            with Live(console=screen.live) as live:
                for view in following:
                    live.update(picture(view), refresh=True)
        else:
            said = ""
            for view in following:
                told = line(view)
                if told != said:
                    screen.line(told)
                said = told
    except TimedOut as error:
        waits = "" if view is None or view.waits_for is None else f" and waits for {view.waits_for.sentence}"
        message = f"{error}{waits}; `edgeflow watch {deployment_id}` follows it again"
        raise TimedOut(message) from None
    if view is None:  # it yields at least once, or raises
        raise AssertionError
    return view
