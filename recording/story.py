"""A rollout as the command line shows it, of deployments that are made up: nothing of it depends on when it is made."""

import io
import re
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from edgeflow.cli.apply import show_plans
from edgeflow.cli.fleet_file import DeployRolling, WantedFlow
from edgeflow.cli.fleet_plan import DeployStep, FlowPlan, FlowStep
from edgeflow.cli.picture import picture
from edgeflow.cli.screen import Screen
from edgeflow.contract.rest.deployments import DeploymentView

PLACE: Final = "docs/cli.svg"
WIDTH: Final = 96
NAME: Final = "Temperature Alert"
DEPLOYMENT: Final = "dep_01KB7Q2M"
FLOW: Final = "flow_01KB7Q0C"
BATCH: Final = 4
DEVICES: Final = tuple(f"dev_{number:03}" for number in range(1, 13))
_FONT_FACES: Final = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)
"""Rich would let whoever looks at the drawing fetch a font from elsewhere."""


def written() -> str:
    """Return the recording as SVG."""
    console = Console(file=io.StringIO(), record=True, width=WIDTH, force_terminal=True, color_system="truecolor")
    _prompt(console, "edgeflow plan -f fleet.yaml")
    show_plans(Screen(as_json=False, console=console), [_plan()])
    _prompt(console, "edgeflow apply -f fleet.yaml --wait")
    for status, statuses, wave in (
        ("running", ["success"] * BATCH + ["deploying"] * BATCH + ["pending"] * BATCH, 2),
        ("completed", ["success"] * len(DEVICES), 3),
    ):
        console.print(picture(_deployment(status, statuses, wave)))
    _prompt(console, "echo $?")
    console.print("0", highlight=False)
    svg = _FONT_FACES.sub("", console.export_svg(title="edgeflow", unique_id="edgeflow"))
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"


def _prompt(console: Console, command: str) -> None:
    console.print(Text.assemble(("$ ", "green"), (command, "bold")))


def _plan() -> FlowPlan:
    entry = DeployRolling(strategy="rolling", groups=("hall-2",))
    flow = FlowStep(WantedFlow(NAME, None, None, None, (entry,)), None, (), publish=True, version=1)
    return FlowPlan(flow, (DeployStep(entry, None, (), entry.groups),))


def _deployment(status: str, statuses: list[str], wave: int) -> DeploymentView:
    done = statuses.count("success")
    unset = dict.fromkeys(("reason", "message", "version_before", "started_at", "finished_at", "waits_for"))
    targets: list[dict[str, Any]] = [
        {"device_id": device, "status": each, "wave": position // BATCH + 1, **unset}
        for position, (device, each) in enumerate(zip(DEVICES, statuses, strict=True))
    ]
    waits = {
        "what": "reports",
        "wave": wave,
        "devices": None,
        "until": "2026-11-29T12:30:00Z",
        "then": "it has failed on who has not reported",
        "overdue": False,
        "sentence": f"reports of {BATCH} devices of wave {wave}",
    }
    return DeploymentView.model_validate(
        dict.fromkeys(("retry_of", "retried_by", "started_at", "finished_at", "targets_cursor", "execution"))
        | {
            "id": DEPLOYMENT,
            "flow_id": FLOW,
            "action": "deploy",
            "flow_version": 1,
            "strategy": "rolling",
            "config": {},
            "status": status,
            "status_reason": "started by pipeline" if status == "running" else "every wave succeeded",
            "target_groups": ["hall-2"],
            "total_targets": len(DEVICES),
            "completed_targets": done,
            "failed_targets": 0,
            "target_counts": {"success": done, "open": len(DEVICES) - done},
            "waves": len(DEVICES) // BATCH,
            "current_wave": wave,
            "rollbacks": 0,
            "created_at": "2026-11-29T12:00:00Z",
            "created_by": "pipeline",
            "rollback_execution": None,
            "targets": targets,
            "waits_for": waits if status == "running" else None,
        }
    )
