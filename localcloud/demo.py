"""``make demo``: a fleet of real MQTT devices gets a flow in batches, and a bad version of it is rolled back.

Every claim on the screen is checked twice, by REST and by asking the devices themselves what they run.
The exit code is 0 only if all of it happened.
"""

import logging
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from localcloud import stack as stacks
from localcloud.fleet import Fleet
from localcloud.rest import Rest

DEVICES: Final = 20
BATCH_SIZE: Final = 5
BATCH_DELAY: Final = "3s"
TIMEOUT: Final = "40s"
LOOKS_EVERY_SECONDS: Final = 0.25
PATIENCE_SECONDS: Final = 75

FLOW: Final[dict[str, Any]] = {
    "name": "Temperature Alert",
    "description": "Monitor temperature and send alerts",
    "tags": ["temperature", "alerts"],
}
GOOD: Final[dict[str, Any]] = {
    "nodes": [
        {"id": "n1", "type": "dht", "name": "DHT22 Sensor", "config": {}, "x": 100, "y": 200},
        {"id": "n2", "type": "switch", "name": "Threshold", "config": {}, "x": 300, "y": 200},
        {"id": "n3", "type": "mqtt_out", "name": "Alert", "config": {}, "x": 500, "y": 200},
    ],
    "connections": [{"source": "n1", "target": "n2"}, {"source": "n2", "target": "n3"}],
    "variables": [{"name": "threshold", "type": "number", "value": "30"}],
}
BAD_MODEL: Final = "DHT11"
OTHER_MODEL: Final = "DHT22"
NOT_HEALTHY_WITH_IT: Final = (3, 7, 9)
"""Positions of devices with another sensor: one of the first batch (20%, which goes on), two of the second."""

COLOURS: Final = {
    "pending": "grey50",
    "deploying": "yellow",
    "success": "green",
    "failed": "red",
    "skipped": "grey37",
    "rolled_back": "cyan",
    "rollback_failed": "bold red",
}
ENDED: Final = {"completed", "failed", "rolled_back"}


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
    for wave in sorted({target["wave"] for target in targets}):
        members = [target for target in targets if target["wave"] == wave]
        cells = [Text(target["device_id"], style=COLOURS[target["status"]]) for target in members]
        counts: dict[str, int] = {}
        for target in members:
            counts[target["status"]] = counts.get(target["status"], 0) + 1
        told = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
        table.add_row(Text(f"wave {wave}", style="bold"), *cells, Text(told, style="dim"))
    done = sum(target["status"] not in {"pending", "deploying"} for target in targets)
    width = 40
    filled = done * width // max(1, len(targets))
    bar = Text("█" * filled, style="green") + Text("░" * (width - filled), style="grey37")
    head = Text(f"{deployment['status']}: {deployment['status_reason']}")
    legend = Text("  ").join(Text(status, style=colour) for status, colour in COLOURS.items())
    title = f"version {deployment['flow_version']} · {deployment['strategy']} · {deployment['id']}"
    return Panel(Group(head, bar + Text(f" {done}/{len(targets)}"), table, legend), title=title, expand=False)


def watch(rest: Rest, console: Console, deployment_id: str, *, until: set[str]) -> dict[str, Any]:
    """Show a deployment live until its status is one of ``until``.

    Raises:
        DemoFailed: it took too long.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    with Live(console=console, refresh_per_second=8, transient=False) as live:
        while True:
            deployment = rest.call("GET", f"/deployments/{deployment_id}")
            live.update(picture(deployment, deployment["targets"]))
            if deployment["status"] in until:
                return deployment
            if time.monotonic() > deadline:
                message = f"{deployment_id} is still {deployment['status']} after {PATIENCE_SECONDS} s"
                raise DemoFailed(message)
            time.sleep(LOOKS_EVERY_SECONDS)


def deploy(rest: Rest, flow_id: str, devices: list[str]) -> str:
    """Create and start a rolling deployment of the flow's newest version."""
    body = {
        "flow_id": flow_id,
        "strategy": "rolling",
        "target_devices": devices,
        "config": {
            "batch_size": BATCH_SIZE,
            "batch_delay": BATCH_DELAY,
            "timeout": TIMEOUT,
            "auto_rollback": True,
            "health_check": True,
        },
    }
    deployment_id = str(rest.call("POST", "/deployments", body)["id"])
    rest.call("POST", f"/deployments/{deployment_id}/start")
    return deployment_id


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


@contextmanager
def fleet_of(stack: stacks.Stack, devices: list[str]) -> Iterator[Fleet]:
    """Register the devices and run their agents, each with its own MQTT connection over mutual TLS."""
    hardware = {devices[position]: {"dht_model": OTHER_MODEL} for position in NOT_HEALTHY_WITH_IT}
    with tempfile.TemporaryDirectory(prefix="edgeflow-fleet-") as directory:
        fleet = Fleet(stack, Path(directory))
        fleet.register(devices)
        fleet.start(devices, hardware=hardware)
        try:
            yield fleet
        finally:
            fleet.stop()


def forget(rest: Rest, devices: list[str]) -> None:
    """Remove the demo's devices of an earlier run."""
    known: set[str] = set()
    cursor = ""
    while True:
        page = rest.call("GET", f"/devices?limit=100{cursor}")
        known |= {device["device_id"] for device in page["devices"]}
        if not page["next_cursor"]:
            break
        cursor = f"&cursor={page['next_cursor']}"
    for device_id in sorted(known & set(devices)):
        rest.call("DELETE", f"/devices/{device_id}")


def roll_out(story: Story, rest: Rest, fleet: Fleet, flow_id: str, devices: list[str]) -> None:
    """The good version reaches every device, batch after batch."""
    story.tell(f"\nVersion 1 goes to {len(devices)} devices, {BATCH_SIZE} at a time, {BATCH_DELAY} between the batches")
    ended = watch(rest, story.console, deploy(rest, flow_id, devices), until=ENDED)
    targets = list(rest.targets(ended["id"]))
    story.check(ended["status"] == "completed", f"REST: the deployment is completed ({ended['status_reason']})")
    story.check([target["status"] for target in targets] == ["success"] * len(devices), "REST: every target succeeded")
    running = fleet.running(flow_id)
    story.check(
        [running.get(device) for device in devices] == [1] * len(devices), "the devices say: all of them run version 1"
    )


def roll_back(story: Story, rest: Rest, fleet: Fleet, flow_id: str, devices: list[str]) -> dict[str, Any]:
    """The bad version breaches the threshold in the second batch, and everything returns."""
    read_a_dht11 = [GOOD["nodes"][0] | {"config": {"model": BAD_MODEL}}, *GOOD["nodes"][1:]]
    rest.call("POST", f"/flows/{flow_id}/draft")
    rest.call("PUT", f"/flows/{flow_id}", FLOW | {"definition": GOOD | {"nodes": read_a_dht11}})
    rest.call("POST", f"/flows/{flow_id}/publish")
    story.tell(
        f"\nVersion 2 wants a {BAD_MODEL} sensor, which 1 device of the first batch (exactly 20%: it goes on)"
        " and 2 of the second (40%: it rolls back) do not have"
    )
    ended = watch(rest, story.console, deploy(rest, flow_id, devices), until=ENDED)
    targets = {target["device_id"]: target for target in rest.targets(ended["id"])}
    story.check(ended["status"] == "rolled_back", f"REST: the deployment is rolled back ({ended['status_reason']})")
    unhealthy = sorted(device for device, target in targets.items() if target["reason"] == "unhealthy")
    first = devices[NOT_HEALTHY_WITH_IT[0]]
    story.check(
        first in unhealthy and len(unhealthy) == len(NOT_HEALTHY_WITH_IT),
        f"REST: unhealthy with version 2 were {', '.join(unhealthy)}",
    )
    never = {targets[device]["status"] for device in devices[2 * BATCH_SIZE :]}
    story.check(never == {"skipped"}, "REST: the third and fourth batch were never reached")
    touched = {targets[device]["status"] for device in devices[: 2 * BATCH_SIZE]}
    story.check(touched <= {"rolled_back", "skipped"}, "REST: every device that was reached is rolled back")
    wait_until(
        lambda: all(fleet.running(flow_id).get(device) == 1 for device in devices), "all devices run version 1 again"
    )
    story.check(True, "the devices say: all of them run version 1 again")
    return ended


def summary(story: Story, seconds: float, ended: dict[str, Any], api_url: str) -> None:
    """Print what happened and where to look on."""
    kept = sum(kept for kept, _ in story.checks)
    text = Text(f"{kept} of {len(story.checks)} promises kept in {seconds:.0f} s, set-up not counted\n")
    text.append(f"API                 {api_url}\n")
    text.append(f"the story of it     {ended['execution']['arn']}\n")
    text.append(f"the way back        {ended['rollback_execution']['arn']}\n")
    text.append("on AWS, the console address is in `execution.console_url` of GET /deployments/{id}", style="dim")
    story.console.print(Panel(text, title="EdgeFlow", border_style="green" if story.kept else "red", expand=False))


def main() -> int:
    """Run the demo on the local cloud that ``make up`` started; returns the exit code."""
    # What ails a node is in the table below, told by REST; the agents' own words would tear the live picture.
    logging.getLogger("edge_agent").setLevel(logging.CRITICAL)
    console = Console()
    stack = stacks.load(stacks.DATA_DIRECTORY)
    story = Story(console)
    rest = Rest(stack)
    devices = [f"demo_{number:02d}" for number in range(1, DEVICES + 1)]
    started = time.monotonic()
    try:
        forget(rest, devices)
        story.tell(f"{DEVICES} devices connect by MQTT, each with its own certificate")
        with fleet_of(stack, devices) as fleet:
            flow = rest.call("POST", "/flows", FLOW | {"definition": GOOD})
            rest.call("POST", f"/flows/{flow['id']}/publish")
            roll_out(story, rest, fleet, flow["id"], devices)
            ended = roll_back(story, rest, fleet, flow["id"], devices)
        summary(story, time.monotonic() - started, ended, stack.api_url)
    except DemoFailed as failed:
        console.print(Text(f"the demo failed: {failed}", style="bold red"))
        return 1
    finally:
        rest.close()
    return 0 if story.kept else 1


if __name__ == "__main__":
    sys.exit(main())
