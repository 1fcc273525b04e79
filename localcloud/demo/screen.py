"""What the demo shows: a rollout live, promises and whether they were kept."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from rich.console import Console
from rich.live import Live
from rich.text import Text

from deployed.rest import Rest
from edgeflow.cli.picture import picture
from edgeflow.contract.rest.deployments import DeploymentView

LOOKS_EVERY_SECONDS: Final = 0.25
PATIENCE_SECONDS: Final = 75


class DemoFailed(Exception):
    """Something that the demo promises did not happen."""


@dataclass
class Story:
    """What was promised, and whether it happened."""

    console: Console
    checks: list[tuple[bool, str]] = field(default_factory=list)

    def check(self, kept: bool, promise: str) -> None:  # noqa: FBT001  a fact, not a switch
        """Note a promise."""
        self.checks.append((kept, promise))
        self.console.print(Text("  ✓ " if kept else "  ✗ ", style="green" if kept else "bold red") + Text(promise))

    def tell(self, text: str) -> None:
        """Say what comes next."""
        self.console.print(Text(text, style="bold"))

    @property
    def kept(self) -> bool:
        """Every promise was kept."""
        return bool(self.checks) and all(kept for kept, _ in self.checks)


def watch(
    rest: Rest, console: Console, deployment_id: str, *, until: Callable[[dict[str, Any]], bool]
) -> dict[str, Any]:
    """Show a deployment as the command line does, until ``until`` says of it that it has come far enough; returns it.

    Raises:
        DemoFailed: it took too long.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    with Live(console=console, refresh_per_second=8, transient=False) as live:
        while True:
            deployment = rest.call("GET", f"/deployments/{deployment_id}")
            live.update(picture(DeploymentView.model_validate(deployment)))
            if until(deployment):
                break
            if time.monotonic() > deadline:
                message = f"{deployment_id} is still {deployment['status']} after {PATIENCE_SECONDS} s"
                raise DemoFailed(message)
            time.sleep(LOOKS_EVERY_SECONDS)
    if not console.is_terminal:
        console.print()  # what is not a terminal gets the last picture without the end of its line
    return deployment


def wait_until(condition: Callable[[], bool], what: str, *, seconds: float = 20) -> None:
    """Wait for a condition.

    Raises:
        DemoFailed: it did not come true in time.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            message = f"waited {seconds:.0f} s in vain: {what}"
            raise DemoFailed(message)
        time.sleep(LOOKS_EVERY_SECONDS)
