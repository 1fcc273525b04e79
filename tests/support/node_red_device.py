"""A device whose flows a real Node-RED runs: the real engine, supervisor and store, and a cloud in memory."""

import functools
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any, Final, TypeVar
from uuid import uuid4

from edge_agent.disk.crashes import CrashFile
from edge_agent.disk.slots import InstalledVersion, Slots
from edge_agent.disk.state import StateFile
from edge_agent.disk.store import ArtifactStore
from edge_agent.flows.builtin.context import FlowContext
from edge_agent.flows.builtin.on_behalf import prepare_checks_with, start_fault
from edge_agent.flows.language.secrets import Secrets
from edge_agent.flows.node_red.client import Item, NodeRed
from edge_agent.flows.node_red.draft import Surroundings
from edge_agent.flows.node_red.isolation import Isolation
from edge_agent.flows.node_red.supervisor import NodeRedSupervisor
from edge_agent.jobs.engine import Engine
from edge_agent.jobs.health_window import HealthGate
from edge_agent.jobs.obtain import Obtainer
from edge_agent.jobs.read_order import OrderReader
from edge_agent.jobs.signatures import NO_KEYS
from edgeflow.contract.flow import Definition, FlowArtifact, Node
from edgeflow.contract.job import Artifact
from edgeflow.contract.report import Health, NodeHealth
from tests.support.node_red import LocalNodeRed
from tests.support.waiting import wait_for
from tests.unit.edge_agent.device import FLOW, NOON, Cloud, Power, lifeline_of, sha256_of

WINDOW: Final = 1.5
"""A health window in seconds: longer than the supervisor's time between two looks."""
WATCH: Final = 3.0
"""Longer than the supervisor's time between two looks, and than flows take to end Node-RED."""
WITHIN: Final = 20.0
SETTLES: Final = 5.0
"""How long a version may take until it runs, in seconds: the supervisor looks each second."""

Found = TypeVar("Found")


def native(*items: Item, **settings: Any) -> Definition:  # noqa: ANN401  settings of the node
    """Return a definition of one node, ``native``, that holds an export."""
    return Definition(nodes=(Node(id="native", type="node-red", config={"flows": list(items), **settings}),))


class NodeRedDevice:
    """Jobs are queued, then done by :meth:`work`, one after the other."""

    def __init__(self, directory: Path, node_red: LocalNodeRed) -> None:
        """Keep its data in this folder."""
        self.directory = directory
        self.node_red = node_red
        self.client: NodeRed = node_red.client
        self.later = 0.0
        """So many seconds the supervisor's clock is ahead."""
        self.watch_seconds = WATCH
        """So long each group of flows is watched while the one that takes Node-RED down is looked for."""
        self.cloud = Cloud(Power())
        self.artifacts: dict[int, bytes] = {}
        self.changed = threading.Event()
        self.programs: frozenset[str] = frozenset()
        """What health checks may run."""
        self.secrets: dict[str, str] = {}
        """Those of the device; each start of the agent finds new marks."""
        self._jobs = 0

    def switch_on(self, **surroundings: Any) -> None:  # noqa: ANN401  fields of Surroundings
        """Start as the agent does."""
        self.directory.mkdir(exist_ok=True)
        self.store = ArtifactStore(self.directory)
        self.file = StateFile(self.directory, lambda: NOON)
        about: dict[str, Any] = {
            "device_id": "dev_001",
            "hardware": {},
            "broker": ("127.0.0.1", 9),
            "start_fault": start_fault,
            "secrets": functools.partial(self._read_secrets, uuid4().hex),
        }
        self.flows = NodeRedSupervisor(
            self.store,
            self.client,
            Surroundings(**about | surroundings),
            prepare_checks_with(self._context),
            Isolation(CrashFile(self.directory), watch=self.watch_seconds),
            on_change=self._woken,
            monotonic=lambda: monotonic() + self.later,
        )
        self.watch = HealthGate(self.flows, monotonic=monotonic, settles=SETTLES)
        self.engine = Engine(
            state=self.file,
            store=self.store,
            flows=self.flows,
            jobs=self.cloud,
            read_order=OrderReader("dev_001", NO_KEYS, lambda: NOON),
            obtainer=Obtainer(
                store=self.store, fetch=self._fetch, jobs=self.cloud, flows=self.flows, clock=lambda: NOON
            ),
            watch=self.watch,
            lifeline=lifeline_of(self.cloud),
            clock=lambda: NOON,
            jitter=0,
        )
        self.engine.recover()
        self.flows.bring_up(self.file.state.all_slots())

    def switch_off(self) -> None:
        """Stop as the agent does; nothing when it is off."""
        if hasattr(self, "flows"):
            self.watch.stop()
            self.flows.stop()

    def publish(self, version: int, definition: Definition) -> None:
        """Let a version be there to be asked for."""
        self.artifacts[version] = FlowArtifact(definition=definition).canonical_bytes()

    def hold(self, flow_id: str, version: int) -> None:
        """Let the device find on disk, when it is switched on, that it runs this version."""
        content = self.artifacts[version]
        self.store.put(sha256_of(content), content)
        live = InstalledVersion(version=version, sha256=sha256_of(content), since=NOON + timedelta(days=version))
        self.file.write(self.file.state.with_slots(flow_id, Slots(live)))

    def ask(self, operation: str, version: int | None = None, *, window: float | None = WINDOW, **more: Any) -> str:  # noqa: ANN401  fields of the document
        """Queue a job; returns its id."""
        self._jobs += 1
        document: dict[str, Any] = {
            "schema": "edgeflow.job/1",
            "operation": operation,
            "deployment_id": "dep_1",
            "flow_id": FLOW,
        }
        if version is not None:
            document["version"] = version
        if operation in {"apply", "stage"} and version is not None:
            content = self.artifacts[version]
            document["artifact"] = {"url": "https://x.test/", "sha256": sha256_of(content), "size": len(content)}
        if window is not None:
            document["health_check"] = {"window_seconds": window}
        job_id = f"dep_1-w00001-{self._jobs:04}"
        self.cloud.queue(document | more, job_id)
        return job_id

    def do(self, operation: str, version: int | None = None, **more: Any) -> str:  # noqa: ANN401  as of ask
        """Have a job done; returns how it ended."""
        job_id = self.ask(operation, version, **more)
        self.engine.work()
        return self.cloud.status(job_id)

    @property
    def details(self) -> dict[str, str]:
        """What was told of the latest job."""
        return self.cloud.details[f"dep_1-w00001-{self._jobs:04}"]

    def items(self) -> list[Item]:
        """Return what Node-RED has of this device."""
        return [item for item in self.node_red.client.flows() if item["id"].startswith("edgeflow_")]

    def tabs(self) -> list[str]:
        """Return the labels of this device's tabs."""
        return sorted(item["label"] for item in self.items() if item["type"] == "tab")

    def count_posts(self) -> Callable[[], int]:
        """Count the changes that Node-RED takes from now on: it gives each a new revision in its log."""
        log = self.node_red.folder / "log"
        begun = log.stat().st_size

        def posts() -> int:
            return log.read_bytes()[begun:].count(b'"event":"flows.set"')

        return posts

    def slots(self) -> Slots:
        """Return what is on disk."""
        return self.file.state.slots(FLOW)

    def wait_for_health(self, health: Health, *, standby: bool = False) -> tuple[NodeHealth, ...]:
        """Wait until the flow is so; returns which of its nodes are not well."""

        def look() -> tuple[tuple[NodeHealth, ...]] | None:
            found, nodes = self.flows.health(FLOW, standby=standby)
            return (nodes,) if found is health else None

        return self.wait(look, what=f"the flow is {health.value}")[0]

    def wait_for_version(self, version: int) -> None:
        """Wait until a version is live and runs."""
        self.wait(lambda: self.flows.running() == {FLOW: version} or None, what=f"version {version} runs")

    def wait(self, look: Callable[[], Found | None], *, what: str, seconds: float = WITHIN) -> Found:
        """Wait for something to be so."""
        return wait_for(look, what=what, seconds=seconds, every=0.05)

    def _fetch(self, artifact: Artifact, still_wanted: Callable[[], None]) -> bytes:  # noqa: ARG002  part of the port
        return next(content for content in self.artifacts.values() if sha256_of(content) == artifact.sha256)

    def _context(self, flow_id: str) -> FlowContext:
        return FlowContext(
            device_id="dev_001", flow_id=flow_id, hardware={}, publish=lambda *_, **__: None, programs=self.programs
        )

    def _read_secrets(self, mark: str) -> Secrets:
        return Secrets(values=dict(self.secrets), marks=dict.fromkeys(self.secrets, mark))

    def _woken(self) -> None:
        self.watch.wake()
        self.changed.set()
