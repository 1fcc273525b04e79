"""What the steps share: a stack, somebody with a token, three devices with real agents."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from deployed.fleet import Fleet
from deployed.flows import GOOD, OTHER_SENSOR
from deployed.operator import Operator, runs
from deployed.rest import Rest
from deployed.stack import Stack
from deployed.waiting import eventually
from smoke.runner import expect

DEVICES: Final = 3
DEAD_LETTERS: Final = "DeadLetterQueueUrl"
"""How the names of those outputs of the template end that are dead-letter queues."""


@dataclass
class World:
    """One run. ``folder`` holds the devices' keys; ``patience`` is how long one rollout may take, in seconds."""

    stack: Stack
    folder: Path
    patience: float
    run: str = field(default_factory=lambda: uuid4().hex[:8])
    versions: int = 0
    flow_id: str = ""
    """The flow that is rolled out, and how many versions it has."""
    deployments: list[str] = field(default_factory=list)
    dead_letters: dict[str, int] = field(default_factory=dict)
    """Messages in each dead-letter queue before anything was done."""

    @cached_property
    def operator(self) -> Operator:
        """Somebody with every scope."""
        return Operator(Rest(self.stack))

    @cached_property
    def fleet(self) -> Fleet:
        """The three devices. The last of them has a sensor that some flows are not well with."""
        return Fleet(self.stack, self.folder)

    @property
    def devices(self) -> list[str]:
        """Their names, new in each run."""
        return [f"smoke_{self.run}_{number}" for number in range(1, DEVICES + 1)]

    @property
    def ill(self) -> str:
        """The one with another sensor."""
        return self.devices[-1]

    def start(self, *names: str) -> None:
        """Run their agents. The first device connects at the last port that there is, all others at the first."""
        self.fleet.start(names, hardware={self.ill: OTHER_SENSOR}, ports={self.devices[0]: self.stack.mqtt_ports[-1]})
        self.operator.until_connected(list(names), seconds=self.patience)

    def publish(self, definition: dict[str, Any] = GOOD) -> int:
        """Publish the next version of the flow; returns its number."""
        self.versions += 1
        if self.versions == 1:
            self.flow_id = self.operator.flow(definition, name=f"Smoke {self.run}")
        else:
            number = self.operator.next_version(self.flow_id, definition)
            expect(number == self.versions, f"version {number} was published, not {self.versions}")
        return self.versions

    def begin(self, devices: list[str], strategy: str, **config: object) -> str:
        """Create and start a deployment of the newest version; returns its id."""
        quick = {"timeout": f"{self.patience:.0f}s"} | config
        deployment_id = self.operator.create(self.flow_id, devices, strategy=strategy, **quick)
        self.deployments.append(deployment_id)
        self.operator.start(deployment_id)
        return deployment_id

    def until(self, deployment_id: str, status: str) -> dict[str, Any]:
        """Wait until a deployment has ended; it must have this status then."""
        ended = self.operator.ended(deployment_id, seconds=self.patience)
        expect(ended["status"] == status, f"{deployment_id} is {ended['status']}: {ended['status_reason']}")
        return ended

    def until_running(self, version: int | None, devices: list[str] | None = None) -> None:
        """Wait until the devices themselves say that they run this version of the flow."""
        names = self.devices if devices is None else devices
        eventually(
            lambda: runs(self.fleet, self.flow_id, names, version),
            seconds=self.patience,
            what=f"{names} run version {version}; they run {self.fleet.running(self.flow_id)}",
        )

    def count_dead_letters(self) -> dict[str, int]:
        """Return how many messages are in each dead-letter queue, by the output that names it."""
        sqs, what = self.stack.client("sqs"), "ApproximateNumberOfMessages"
        return {
            name: int(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[what])["Attributes"][what])
            for name, url in self.stack.outputs.items()
            if name.endswith(DEAD_LETTERS)
        }

    def close(self) -> None:
        """Stop the agents and close the connection."""
        self.fleet.stop()
        if "operator" in self.__dict__:
            self.operator.rest.close()
