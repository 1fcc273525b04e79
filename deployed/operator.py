"""An operator's script: rollouts by REST, step by step."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from deployed.fleet import Fleet
from deployed.flows import GOOD
from deployed.rest import ProblemError, Rest
from deployed.waiting import eventually
from edgeflow.contract.history.events import DeploymentEvent

ENDED: Final = frozenset({"completed", "failed", "cancelled", "rolled_back"})


def runs(fleet: Fleet, flow_id: str, devices: list[str], version: int | None) -> bool:
    """Ask the devices themselves."""
    running = fleet.running(flow_id)
    return all(running.get(device) == version for device in devices)


@dataclass(frozen=True)
class Operator:
    """Somebody with a token for everything."""

    rest: Rest

    def flow(self, definition: dict[str, Any] = GOOD, name: str = "Test flow") -> str:
        """Create and publish a flow; returns its id."""
        flow_id = str(self.rest.call("POST", "/flows", {"name": name, "definition": definition})["id"])
        self.rest.call("POST", f"/flows/{flow_id}/publish")
        return flow_id

    def next_version(self, flow_id: str, definition: dict[str, Any]) -> int:
        """Publish the next version of a flow; returns its number."""
        self.rest.call("POST", f"/flows/{flow_id}/draft")
        whole = {"connections": [], "variables": [], "health_checks": []} | definition
        self.rest.call("PUT", f"/flows/{flow_id}", {"name": "Test flow", "definition": whole})
        return int(self.rest.call("POST", f"/flows/{flow_id}/publish")["latest_version"])

    def create(self, flow_id: str, devices: list[str], *, strategy: str = "rolling", **config: object) -> str:
        """Create a deployment of the newest version; returns its id."""
        return self._create(flow_id, devices, "deploy", strategy, config)

    def create_removal(self, flow_id: str, devices: list[str], *, strategy: str = "rolling", **config: object) -> str:
        """Create a deployment that takes the flow off its devices; returns its id."""
        return self._create(flow_id, devices, "remove", strategy, config)

    def _create(
        self, flow_id: str, devices: list[str], action: str, strategy: str, config: Mapping[str, object]
    ) -> str:
        quick: dict[str, object] = {"timeout": "60s"}
        if strategy == "rolling":
            quick["batch_delay"] = "0s"
        body = {
            "flow_id": flow_id,
            "action": action,
            "strategy": strategy,
            "target_devices": devices,
            "config": {**quick, **config},
        }
        return str(self.rest.call("POST", "/deployments", body)["id"])

    def start(self, deployment_id: str) -> dict[str, Any]:
        """Start it."""
        return self.rest.call("POST", f"/deployments/{deployment_id}/start")

    def pause(self, deployment_id: str) -> dict[str, Any]:
        """Pause it."""
        return self.rest.call("POST", f"/deployments/{deployment_id}/pause")

    def resume(self, deployment_id: str, *, accept_failures: bool = False) -> dict[str, Any]:
        """Go on with it."""
        body = {"accept_failures": True} if accept_failures else None
        return self.rest.call("POST", f"/deployments/{deployment_id}/resume", body)

    def promote(self, deployment_id: str) -> dict[str, Any]:
        """End the wait between two waves."""
        return self.rest.call("POST", f"/deployments/{deployment_id}/promote")

    def give_up(self, deployment_id: str, device_id: str) -> dict[str, Any]:
        """Give up on one device; returns its target."""
        return self.rest.call("POST", f"/deployments/{deployment_id}/targets/{device_id}/skip")

    def cancel(self, deployment_id: str) -> dict[str, Any]:
        """Stop it where it is."""
        return self.rest.call("POST", f"/deployments/{deployment_id}/cancel")

    def rollback(self, deployment_id: str) -> dict[str, Any]:
        """Roll it back."""
        return self.rest.call("POST", f"/deployments/{deployment_id}/rollback")

    def deploy(
        self, flow_id: str, devices: list[str], *, strategy: str = "rolling", **config: object
    ) -> dict[str, Any]:
        """Create and start a deployment, and wait until it has ended."""
        deployment_id = self.create(flow_id, devices, strategy=strategy, **config)
        self.start(deployment_id)
        return self.ended(deployment_id)

    def remove(
        self, flow_id: str, devices: list[str], *, strategy: str = "rolling", **config: object
    ) -> dict[str, Any]:
        """Create and start a removal, and wait until it has ended."""
        deployment_id = self.create_removal(flow_id, devices, strategy=strategy, **config)
        self.start(deployment_id)
        return self.ended(deployment_id)

    def read(self, deployment_id: str) -> dict[str, Any]:
        """Return the deployment as it stands."""
        return self.rest.call("GET", f"/deployments/{deployment_id}")

    def until(self, deployment_id: str, statuses: frozenset[str] | set[str], *, seconds: float = 60) -> dict[str, Any]:
        """Wait until the deployment has one of these statuses."""
        eventually(
            lambda: self.read(deployment_id)["status"] in statuses,
            seconds=seconds,
            what=f"{deployment_id} is one of {sorted(statuses)}",
        )
        return self.read(deployment_id)

    def ended(self, deployment_id: str, *, seconds: float = 60) -> dict[str, Any]:
        """Wait until the deployment has ended."""
        return self.until(deployment_id, ENDED, seconds=seconds)

    def until_connected(self, devices: list[str], *, connected: bool = True, seconds: float = 60) -> None:
        """Wait until the fleet's records say that these devices are connected, or that they are not."""
        eventually(
            lambda: all(bool(self.rest.call("GET", f"/devices/{name}")["connected"]) is connected for name in devices),
            seconds=seconds,
            what=f"{devices} are {'' if connected else 'not '}connected",
        )

    def remove_device(self, device_id: str, *, seconds: float = 30) -> None:
        """Remove a device; ask again while AWS IoT detaches its certificate. Raises ProblemError, NotInTime."""

        def is_removed() -> bool:
            try:
                self.rest.call("DELETE", f"/devices/{device_id}")
            except ProblemError as problem:
                if problem.status != HTTPStatus.SERVICE_UNAVAILABLE:
                    raise
                return False
            return True

        eventually(is_removed, seconds=seconds, what=f"{device_id} is removed")

    def retry(self, deployment_id: str, *, only: list[str] | None = None) -> dict[str, Any]:
        """Deploy once more to what is missing; returns the new deployment."""
        body = {"only": only} if only is not None else None
        return self.rest.call("POST", f"/deployments/{deployment_id}/retry", body)

    def targets(self, deployment_id: str) -> dict[str, dict[str, Any]]:
        """Return every target by device."""
        return {target["device_id"]: target for target in self.rest.targets(deployment_id)}

    def events(self, deployment_id: str) -> list[DeploymentEvent]:
        """Return its whole history, each event read as the contract has it."""
        return [DeploymentEvent.model_validate(event) for event in self.rest.events(deployment_id)]

    def statuses(self, deployment_id: str) -> dict[str, str]:
        """Return every target's status by device."""
        return {device: target["status"] for device, target in self.targets(deployment_id).items()}
