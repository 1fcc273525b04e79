"""What the stories are played with: an operator's calls, a fleet, and flows that are well on it or not."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from deployed.fleet import Fleet
from deployed.rest import Rest
from localcloud.demo.screen import Story, wait_until, watch
from localcloud.stack import Stack

ENDED: Final = frozenset({"completed", "failed", "cancelled", "rolled_back"})
TAG: Final = "edgeflow-demo"
"""Tells the demo's flows, which the next demo removes, from those of other people."""
FLOW: Final[dict[str, Any]] = {
    "name": "Temperature Alert",
    "description": "Monitor temperature and send alerts",
    "tags": ["temperature", "alerts", TAG],
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
BETTER: Final = GOOD | {"variables": [{"name": "threshold", "type": "number", "value": "28"}]}
BAD_MODEL: Final = "DHT11"
OTHER_MODEL: Final = "DHT22"
WANTS_DHT11: Final = GOOD | {"nodes": [GOOD["nodes"][0] | {"config": {"model": BAD_MODEL}}, *GOOD["nodes"][1:]]}
FALLS_ILL_SECONDS: Final = 5
FALLS_ILL: Final = GOOD | {
    "nodes": [
        {"id": "n0", "type": "inject", "config": {"payload": 1}},
        {"id": "n1", "type": "inject", "config": {"payload": "no number"}},
        {"id": "pace", "type": "delay", "config": {"mode": "rate", "time": f"{FALLS_ILL_SECONDS}s"}},
        *GOOD["nodes"][1:],
    ],
    "connections": [
        {"source": "n0", "target": "pace"},
        {"source": "n1", "target": "pace"},
        {"source": "pace", "target": "n2"},
        {"source": "n2", "target": "n3"},
    ],
}
"""Well for the whole health window, and not any more when the threshold is asked to compare a text, its second work."""
NOT_HEALTHY_WITH_IT: Final = (3, 7, 9)
"""Positions of devices with another sensor: one of the first five (20%), two of the next (40%)."""


@dataclass(frozen=True)
class Stage:
    """The operator, the devices, and what the audience sees."""

    story: Story
    rest: Rest
    fleet: Fleet
    devices: list[str]

    def flow(self) -> str:
        """Publish the good flow; returns its id."""
        flow = self.rest.call("POST", "/flows", FLOW | {"definition": GOOD})
        self.rest.call("POST", f"/flows/{flow['id']}/publish")
        return str(flow["id"])

    def next_version(self, flow_id: str, definition: dict[str, Any]) -> None:
        """Publish another version of a flow."""
        self.rest.call("POST", f"/flows/{flow_id}/draft")
        self.rest.call("PUT", f"/flows/{flow_id}", FLOW | {"definition": definition})
        self.rest.call("POST", f"/flows/{flow_id}/publish")

    def deploy(self, flow_id: str, strategy: str, **config: object) -> str:
        """Create and start a deployment of the flow's newest version to all devices; returns its id."""
        body = {"flow_id": flow_id, "strategy": strategy, "target_devices": self.devices, "config": config}
        deployment_id = str(self.rest.call("POST", "/deployments", body)["id"])
        self.rest.call("POST", f"/deployments/{deployment_id}/start")
        return deployment_id

    def ended(self, deployment_id: str) -> dict[str, Any]:
        """Show a deployment until it has ended."""
        return watch(
            self.rest, self.story.console, deployment_id, until=lambda deployment: deployment["status"] in ENDED
        )

    def until_targets(self, deployment_id: str, status: str) -> dict[str, Any]:
        """Show a deployment until every target has this status, or it has ended."""

        def far_enough(deployment: dict[str, Any]) -> bool:
            statuses = {target["status"] for target in deployment["targets"]}
            return deployment["status"] in ENDED or statuses == {status}

        return watch(self.rest, self.story.console, deployment_id, until=far_enough)

    def check_all_run(self, flow_id: str, version: int, *, again: bool = False) -> None:
        """Ask the devices themselves which version they run."""
        told = f"run version {version}{' again' if again else ''}"
        wait_until(
            lambda: all(self.fleet.running(flow_id).get(device) == version for device in self.devices),
            f"all devices {told}",
        )
        self.story.check(True, f"the devices say: all of them {told}")

    def all_stand_by(self, flow_id: str, version: int | None) -> bool:
        """Ask the devices themselves which version runs muted in their other slot."""
        standing_by = self.fleet.standing_by(flow_id)
        return all(standing_by.get(device) == version for device in self.devices)


@contextmanager
def fleet_of(stack: Stack, devices: list[str]) -> Iterator[Fleet]:
    """Register the devices and run their agents, each with its own MQTT connection over mutual TLS."""
    hardware = {devices[position]: {"dht_model": OTHER_MODEL} for position in NOT_HEALTHY_WITH_IT}
    with tempfile.TemporaryDirectory(prefix="edgeflow-fleet-") as directory:
        fleet = Fleet(stack, Path(directory))
        fleet.register(devices)
        try:
            fleet.start(devices, hardware=hardware)
            yield fleet
        finally:
            fleet.stop()
