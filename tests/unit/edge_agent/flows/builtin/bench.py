"""A flow on the test bench: its time goes on when the test says so, and all it does is done when the step returns."""

import itertools
import json
import threading
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Final, Self

from edge_agent.flows.builtin.context import FlowContext
from edge_agent.flows.builtin.flow import RunningFlow
from edge_agent.flows.builtin.sensors import Reading, SensorFactory, SensorReader, open_simulated_sensor
from edge_agent.flows.publishing import Qos, Settled
from edgeflow.contract.flow import FlowArtifact
from edgeflow.contract.nodes.dht import DhtModel
from edgeflow.contract.report import Health

PATIENCE_SECONDS: Final = 30.0
DEVICE_ID: Final = "dev_001"
FLOW_ID: Final = "flow_abc123"

Definition = dict[str, Any]


class ManualClock:
    """Stands still between steps. A step ends when the flow waits again with nothing left to do."""

    def __init__(self) -> None:
        self._now = 0.0
        self._changed = threading.Condition()
        self._waiting_on: threading.Condition | None = None

    def now(self) -> float:
        return self._now

    def set(self, now: float) -> None:
        """Show another time, before anything waits for it."""
        self._now = now

    def wait(self, condition: threading.Condition, until: float | None) -> None:
        if until is not None and until <= self._now:
            return
        with self._changed:
            self._waiting_on = condition
            self._changed.notify_all()
        condition.wait(PATIENCE_SECONDS)

    def advance(self, seconds: float) -> None:
        with self._changed:
            condition, self._waiting_on = self._waiting_on, None
            self._now += seconds
        assert condition is not None, "the flow was still at work"
        with condition:
            condition.notify_all()
        self.wait_until_idle()

    def wait_until_idle(self) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self._waiting_on is not None, PATIENCE_SECONDS)


class Broker:
    """Takes what flows publish; ``failure`` is raised instead when set."""

    def __init__(self) -> None:
        self.failure: Exception | None = None
        self.attempts = 0
        self.published: list[tuple[str, Any]] = []
        self.taken: list[tuple[Qos, bool, Settled | None]] = []

    def publish(
        self, topic: str, data: bytes, *, qos: Qos = 0, store: bool = False, settled: Settled | None = None
    ) -> None:
        self.attempts += 1
        if self.failure is not None:
            raise self.failure
        self.published.append((topic, json.loads(data)))
        self.taken.append((qos, store, settled))

    def settle(self, error: str | None = None) -> None:
        """Say what became of the last message."""
        _, _, settled = self.taken[-1]
        assert settled is not None
        settled(error)

    def payloads(self) -> list[Any]:
        return [payload for _, payload in self.published]


class ScriptedSensor:
    """Gives a fixed reading; ``failure`` is raised instead when set."""

    def __init__(self, temperature: float = 25.0) -> None:
        self.temperature = temperature
        self.failure: Exception | None = None
        self.opened: DhtModel | None = None
        self.closed = False

    def open(self, _device_id: str, model: DhtModel, _hardware: Mapping[str, Any]) -> SensorReader:
        self.opened = model
        return self

    def read(self, now: float) -> Reading:  # noqa: ARG002  its readings do not depend on time
        if self.failure is not None:
            raise self.failure
        return Reading(temperature=self.temperature, humidity=50.0)

    def close(self) -> None:
        self.closed = True


class Bench:
    """Runs one flow; leaving the block stops it."""

    def __init__(
        self,
        definition: Definition,
        *,
        hardware: Mapping[str, Any] | None = None,
        open_sensor: SensorFactory = open_simulated_sensor,
        flow_id: str = FLOW_ID,
        **surroundings: Any,  # noqa: ANN401  fields of FlowContext
    ) -> None:
        self.clock = ManualClock()
        self.broker = Broker()
        self.healths: list[Health] = []
        self.listener_failure: Exception | None = None
        """Raised by whoever hears of changed health when set."""
        context = FlowContext(
            device_id=DEVICE_ID,
            flow_id=flow_id,
            hardware=hardware or {},
            publish=self.broker.publish,
            open_sensor=open_sensor,
            **surroundings,
        )
        self.flow = RunningFlow(artifact(definition), context, on_change=self._note_health, clock=self.clock)

    def __enter__(self) -> Self:
        self.flow.start()
        self.clock.wait_until_idle()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.flow.stop()

    def run(self, seconds: int) -> None:
        """Let so many seconds pass, one by one."""
        for _ in range(seconds):
            self.clock.advance(1)

    def errors(self) -> dict[str, str]:
        """What is wrong, by node id."""
        return {node.node_id: node.error for node in self.flow.health()[1]}

    def _note_health(self) -> None:
        # Asking for the health here proves that no lock is held.
        self.healths.append(self.flow.health()[0])
        if self.listener_failure is not None:
            raise self.listener_failure


def publish_nothing(
    topic: str, data: bytes, *, qos: Qos = 0, store: bool = False, settled: Settled | None = None
) -> None:
    """Take a message, and do nothing with it."""


def artifact(definition: Definition) -> FlowArtifact:
    return FlowArtifact.model_validate({"schema": "edgeflow.flow/1", "definition": definition})


def node(node_id: str, node_type: str, /, **config: Any) -> dict[str, Any]:  # noqa: ANN401  any setting
    return {"id": node_id, "type": node_type, "config": config}


def chain(*nodes: dict[str, Any], variables: Sequence[dict[str, Any]] = ()) -> Definition:
    """Return a flow in which each node is connected to the next."""
    pairs = itertools.pairwise(nodes)
    connections = [{"source": first["id"], "target": second["id"]} for first, second in pairs]
    return {"nodes": list(nodes), "connections": connections, "variables": list(variables)}


def variable(name: str, kind: str, value: Any) -> dict[str, Any]:  # noqa: ANN401  any value
    return {"name": name, "type": kind, "value": value}
