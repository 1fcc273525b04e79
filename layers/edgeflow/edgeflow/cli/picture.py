"""A rollout as a picture of its waves, and as a line for where no terminal is."""

from collections import Counter
from typing import Final

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from edgeflow.cli.printable import printable
from edgeflow.contract.rest.deployments import DeploymentView, TargetView
from edgeflow.contract.wording import counted

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
"""By a target's status."""
_OPEN: Final = frozenset({"open", "staged"})
_BAR_WIDTH: Final = 40
_DEVICES_SHOWN: Final = 12
"""Of a wave; the others are counted."""


def picture(view: DeploymentView) -> RenderableType:
    """Draw a deployment: what it waits for, how far it is, and its waves with the devices of the first page."""
    counts = view.target_counts
    total = view.total_targets or 0
    done = sum(count for status, count in counts.items() if status not in _OPEN)
    filled = done * _BAR_WIDTH // max(1, total)
    bar = Text.assemble(("█" * filled, "green"), ("░" * (_BAR_WIDTH - filled), "grey37"))
    parts: list[RenderableType] = [
        Text(f"{view.status}: {printable(view.status_reason)}"),
        bar.append(f" {done}/{total or '?'}  {_told(counts)}"),
        _waves(view),
    ]
    if view.targets_cursor is not None:
        parts.append(Text(f"the first {len(view.targets)} of {counted(total, 'target')} are shown", style="dim"))
    if view.waits_for is not None:
        parts.append(Text(f"waits for {printable(view.waits_for.sentence)}", style="dim"))
    return Panel(Group(*parts), title=Text(_title(view)), expand=False)


def line(view: DeploymentView) -> str:
    """Say in a line where a deployment is."""
    parts = [f"{view.status:<12}"]
    if view.waves:
        parts.append(f"wave {view.current_wave} of {view.waves}")
    parts.append(_told(view.target_counts))
    told = view.status_reason if view.waits_for is None else f"waits for {view.waits_for.sentence}"
    return printable("  ".join(part for part in (*parts, told) if part))


def _title(view: DeploymentView) -> str:
    what = "removal" if view.action == "remove" else f"version {view.flow_version}"
    return f"{view.flow_id} · {what} · {view.strategy} · {view.id}"


def _told(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {status}" for status, count in sorted(counts.items()) if count)


def _waves(view: DeploymentView) -> Table:
    table = Table.grid(padding=(0, 1))
    targets = [target for target in view.targets if isinstance(target, TargetView)]
    for wave in sorted({target.wave or 0 for target in targets}):
        members = [target for target in targets if (target.wave or 0) == wave]
        cells = [Text(target.device_id, style=COLOURS.get(target.status, "")) for target in members[:_DEVICES_SHOWN]]
        if len(members) > _DEVICES_SHOWN:
            cells.append(Text(f"and {len(members) - _DEVICES_SHOWN} more", style="dim"))
        name = f"wave {wave}" if wave else "not planned yet"
        style = "bold" if wave == view.current_wave else ""
        table.add_row(Text(name, style=style), Text(" ").join(cells), Text(_told(Counter(t.status for t in members))))
    return table
