"""What the demo shows: a rollout live, promises and whether they were kept."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from localcloud.rest import Rest

LOOKS_EVERY_SECONDS: Final = 0.25
PATIENCE_SECONDS: Final = 75
BAR_WIDTH: Final = 40
COLOURS: Final = {
    "pending": "grey50",
    "deploying": "yellow",
    "staged": "blue",
    "success": "green",
    "failed": "red",
    "skipped": "grey37",
    "rolled_back": "cyan",
    "rollback_failed": "bold red",
}
OPEN: Final = frozenset({"pending", "deploying"})
"""Statuses of targets that something is still to happen to."""


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


def picture(deployment: dict[str, Any], targets: list[dict[str, Any]]) -> RenderableType:
    """Draw waves, devices and progress."""
    table = Table.grid(padding=(0, 1))
    for wave in sorted({target["wave"] or 0 for target in targets}):
        members = [target for target in targets if (target["wave"] or 0) == wave]
        cells = [Text(target["device_id"], style=COLOURS[target["status"]]) for target in members]
        counts: dict[str, int] = {}
        for target in members:
            counts[target["status"]] = counts.get(target["status"], 0) + 1
        told = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
        table.add_row(Text(f"wave {wave}", style="bold"), Text(" ").join(cells), Text(told, style="dim"))
    done = sum(target["status"] not in OPEN for target in targets)
    filled = done * BAR_WIDTH // max(1, len(targets))
    bar = Text("█" * filled, style="green") + Text("░" * (BAR_WIDTH - filled), style="grey37")
    head = Text(f"{deployment['status']}: {deployment['status_reason']}")
    legend = Text("  ").join(Text(status, style=colour) for status, colour in COLOURS.items())
    title = f"version {deployment['flow_version']} · {deployment['strategy']} · {deployment['id']}"
    return Panel(Group(head, bar + Text(f" {done}/{len(targets)}"), table, legend), title=title, expand=False)


def watch(
    rest: Rest, console: Console, deployment_id: str, *, until: Callable[[dict[str, Any]], bool]
) -> dict[str, Any]:
    """Show a deployment live until ``until`` says of it that it has come far enough; returns it.

    Raises:
        DemoFailed: it took too long.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    with Live(console=console, refresh_per_second=8, transient=False) as live:
        while True:
            deployment = rest.call("GET", f"/deployments/{deployment_id}")
            live.update(picture(deployment, deployment["targets"]))
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
