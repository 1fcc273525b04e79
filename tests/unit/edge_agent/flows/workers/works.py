"""A device whose flows run in workers, without agent and cloud; patience is short."""

import itertools
import json
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from edge_agent.disk.crashes import CrashFile
from edge_agent.disk.slots import InstalledVersion, Slots
from edge_agent.disk.store import ArtifactStore
from edge_agent.flows.language.secrets import Secrets
from edge_agent.flows.publishing import NotPublished, Qos, Refusal, Settled
from edge_agent.flows.surroundings import FlowSurroundings
from edge_agent.flows.workers.device import Device, Take
from edge_agent.flows.workers.flow_worker import Timing
from edge_agent.flows.workers.forking import ForkServerProcess
from edge_agent.flows.workers.orders import Limits
from edge_agent.flows.workers.runtime import WorkerRuntime
from edgeflow.contract.flow import Connection, Definition, FlowArtifact, Node
from edgeflow.contract.report import FlowHealth, Health, Slot
from tests.support.waiting import wait_for
from tests.unit.edge_agent.device import NOON, sha256_of

MIB: Final = 1024 * 1024
LIMITS: Final = Limits(memory=32 * MIB, silence=1.5)
TIMING: Final = Timing(first_retry=0.05, last_retry=0.2, quarantine=3_600, well_after=3_600, stop=3)
DEVICE: Final = "dev_001"


def counting(topic: str = "count") -> tuple[Node, ...]:
    """Return a flow that publishes 1, 2, 3, and so on."""
    return Node(id="in", type="counter"), Node(id="out", type="mqtt_out", config={"topic": topic})


def ill(does: str, **config: Any) -> tuple[Node, ...]:  # noqa: ANN401  settings of the node
    """Return a flow that harms its process."""
    return (Node(id="ill", type="ill", config={"does": does, **config}),)


class Works:
    """See the module. ``published`` has what came to each topic."""

    def __init__(self, directory: Path, fork_server: ForkServerProcess) -> None:
        self.directory = directory
        self.store = ArtifactStore(directory)
        self._fork_server = fork_server
        self.published: defaultdict[str, list[Any]] = defaultdict(list)
        self.takers: dict[str, Take] = {}
        self.secrets: dict[str, str] = {}
        self.refusal: Refusal | None = None
        """Why nothing that is published is taken."""
        self.last_how: tuple[Qos, bool] = (0, False)
        """QoS, and whether to store, of what was taken last."""
        self.settled: dict[str, Settled] = {}
        """Who hears what becomes of messages, by topic."""
        self.failures = 0
        self.on_change: Callable[[], None] = lambda: None
        self.runtime = self.switch_on()

    def switch_on(self, *, limits: Limits = LIMITS, timing: Timing = TIMING) -> WorkerRuntime:
        """Begin with what is on disk, as after a restart."""
        device = Device(
            device_id=DEVICE,
            surroundings=lambda flow_id: FlowSurroundings(
                device_id=DEVICE,
                flow_id=flow_id,
                files=self.directory / "files" / flow_id,
                allow_loopback=True,
            ),
            publish=self._publish,
            subscribe=self._subscribe,
            secrets=lambda: Secrets(values=dict(self.secrets)),
            on_failure=self._failed,
        )
        self.runtime = WorkerRuntime(
            self.store,
            device,
            CrashFile(self.directory),
            on_change=self._changed,
            limits=limits,
            timing=timing,
            fork_server=self._fork_server,
        )
        return self.runtime

    def version(
        self, *nodes: Node, number: int = 1, slot: Slot = Slot.BLUE, gap_after: str | None = None
    ) -> InstalledVersion:
        """Keep a version whose nodes are connected one after the other, but for one that is not to the next."""
        connections = tuple(
            Connection(source=source.id, target=target.id)
            for source, target in itertools.pairwise(nodes)
            if source.id != gap_after
        )
        content = FlowArtifact(definition=Definition(nodes=nodes, connections=connections)).canonical_bytes()
        self.store.put(sha256_of(content), content)
        return InstalledVersion(version=number, sha256=sha256_of(content), since=NOON, slot=slot)

    def run(self, flow_id: str, *nodes: Node, number: int = 1) -> InstalledVersion:
        """Run a flow as a job does."""
        version = self.version(*nodes, number=number)
        self.runtime.arrange(flow_id, Slots(version))
        return version

    def process(self, flow_id: str, *, other_than: int = 0) -> int:
        """Wait until the flow's live version has a process, another one than this; returns its id."""

        def look() -> int | None:
            process = self.runtime.processes().get(flow_id)
            return process if process != other_than else None

        return wait_for(look, what=f"{flow_id} has a process")

    def health(self, flow_id: str) -> tuple[Health, str]:
        """Return how the flow is, and all that is said of it."""
        health, nodes = self.runtime.health(flow_id)
        return health, "; ".join(node.error for node in nodes)

    def wait_for(self, flow_id: str, health: Health, text: str = "", *, seconds: float = 15) -> str:
        """Wait until a flow is so, and this is said of it; returns all that is."""

        def look() -> str | None:
            now, said = self.health(flow_id)
            return said if now is health and text in said else None

        return wait_for(look, what=f"{flow_id} is {health} with {text!r}, not {self.health(flow_id)}", seconds=seconds)

    def report(self, flow_id: str) -> FlowHealth:
        """Return what is reported of a flow's live version."""
        return next(flow for flow in self.runtime.report() if flow.flow_id == flow_id and flow.live)

    def counts(self, topic: str = "count") -> list[int]:
        """Return what a counting flow has published."""
        return self.published[f"edgeflow/devices/{DEVICE}/out/{topic}"]

    def goes_on(self, look: Callable[[], Any] | None = None, *, topic: str = "count", seconds: float = 3) -> None:
        """Wait until the counting flow has published more, from now on, and hold it to have lost its count never."""
        if look is not None:
            look()
        already = len(self.counts(topic))
        wait_for(lambda: len(self.counts(topic)) > already or None, what=f"{topic} goes on", seconds=seconds)
        counts = self.counts(topic)[:]
        assert counts == list(range(1, len(counts) + 1)), "it was never started anew, and nothing got lost"

    def _publish(
        self, topic: str, data: bytes, *, qos: Qos = 0, store: bool = False, settled: Settled | None = None
    ) -> None:
        if self.refusal is not None:
            raise NotPublished(self.refusal, f"it is {self.refusal.value}")
        self.published[topic].append(json.loads(data))
        self.last_how = (qos, store)
        if settled is not None:
            self.settled[topic] = settled

    def _subscribe(self, topic: str, take: Take) -> Callable[[], None]:
        self.takers[topic] = take
        return lambda: self.takers.pop(topic, None) and None

    def _changed(self) -> None:
        self.on_change()

    def _failed(self) -> None:
        self.failures += 1
