"""A device without a network: the real engine, state and store, a cloud in memory, and power that can fail."""

import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any, Final, Self

from edge_agent.disk.slots import InstalledVersion, Slots
from edge_agent.disk.state import AgentState, StateFile, read_state
from edge_agent.disk.store import ArtifactStore
from edge_agent.flows.builtin.check import check_for_builtin
from edge_agent.jobs.download import AddressRefused, DownloadFailed
from edge_agent.jobs.engine import Engine
from edge_agent.jobs.health_window import HealthGate
from edge_agent.jobs.lifeline import Lifeline
from edge_agent.jobs.obtain import Obtainer
from edge_agent.jobs.ports import OPEN, Execution, Offline, UpdateRefused
from edge_agent.jobs.read_order import OrderReader
from edge_agent.jobs.signatures import NO_KEYS
from edgeflow.contract.flow import Definition, FlowArtifact, Node
from edgeflow.contract.job import Artifact
from edgeflow.contract.reasons import Reason
from edgeflow.contract.report import Health, NodeHealth, Slot
from tests.unit.edge_agent.orders import DEVICE_ID, TRUSTED, signed

FLOW: Final = "flow_1"
JOB: Final = "dep_1-w00001-0000"
UNHEARD_LIMIT: Final = 100.0
"""Seconds for which such a device may hear nothing of the cloud."""
NOON: Final = datetime(2026, 2, 21, 12, 0, tzinfo=UTC)


def artifact_bytes(version: int) -> bytes:
    """Return the bytes of a version's artifact."""
    return FlowArtifact(definition=Definition(nodes=(Node(id=f"n{version}", type="debug"),))).canonical_bytes()


def sha256(version: int) -> str:
    """Return the hash of a version's artifact."""
    return hashlib.sha256(artifact_bytes(version)).hexdigest()


def apply(version: int, *, window: float | None = 0) -> dict[str, Any]:
    """Return the document that asks for a version, with a health window in seconds or none."""
    content = artifact_bytes(version)
    document: dict[str, Any] = {
        "schema": "edgeflow.job/1",
        "operation": "apply",
        "deployment_id": "dep_1",
        "flow_id": FLOW,
        "version": version,
        "artifact": {"url": "https://artifacts.test/", "sha256": sha256(version), "size": len(content)},
    }
    return document if window is None else document | {"health_check": {"window_seconds": window}}


def stage(version: int, *, window: float | None = 0) -> dict[str, Any]:
    """Return the document that asks for a version in the idle slot."""
    return apply(version, window=window) | {"operation": "stage"}


def activate(version: int, *, artifact: bool = False, clear_standby: bool = False) -> dict[str, Any]:
    """Return the document that asks for the switch to a version: forward, or with an artifact the way back."""
    document = apply(version) | {"operation": "activate", "clear_standby": clear_standby}
    return document if artifact else {key: value for key, value in document.items() if key != "artifact"}


REMOVE: Final[dict[str, Any]] = {
    "schema": "edgeflow.job/1",
    "operation": "remove",
    "deployment_id": "dep_1",
    "flow_id": FLOW,
}


class PowerCut(BaseException):
    """The power is gone: nothing of ours may catch it."""


@dataclass
class Power:
    """Counts the moments of a run; at one of them something happens."""

    moments: int = 0
    at: int | None = None
    happens: Callable[[], None] | None = None

    def tick(self) -> None:
        """One moment passes."""
        self.moments += 1
        if self.moments == self.at and self.happens is not None:
            self.happens()

    def cut(self) -> None:
        """Cut the power."""
        raise PowerCut


@dataclass
class Cloud:
    """AWS IoT Jobs for one device: the job in progress comes first, an ended one takes no update."""

    power: Power
    executions: dict[str, list[Any]] = field(default_factory=dict)
    ends: list[tuple[str, str]] = field(default_factory=list)
    details: dict[str, dict[str, str]] = field(default_factory=dict)
    refusals: int = 0
    """So many ends of jobs are refused, although the jobs are open."""
    offline_at: int | None = None
    calls: int = 0
    silent_calls: int = 0
    """So many calls get no answer, each for half of the time that a device may hear nothing."""
    answers_lost: int = 0
    """So many ends of jobs are taken, and the answers get lost."""
    signs: bool = False
    """Jobs have signed orders, each newer than the ones before."""
    in_reach: Callable[[], bool] = lambda: True
    now: float = 0.0
    """Seconds, by the device's clock that goes on evenly."""
    heard_at: float = -math.inf

    def queue(self, document: Mapping[str, Any], job_id: str = JOB) -> None:
        """Ask the device for something."""
        asked = signed(document, job_id, issued=len(self.executions) + 1) if self.signs else dict(document)
        self.executions[job_id] = ["QUEUED", asked]

    def cancel(self, job_id: str = JOB) -> None:
        """Cancel a job, if it is open."""
        if self.executions[job_id][0] in OPEN:
            self.executions[job_id][0] = "CANCELED"

    def status(self, job_id: str = JOB) -> str:
        """Return an execution's status."""
        return str(self.executions[job_id][0])

    def next(self) -> Execution | None:
        """See ports.Jobs."""
        self._call()
        for wanted in ("IN_PROGRESS", "QUEUED"):
            for job_id, (status, document) in self.executions.items():
                if status == wanted:
                    return Execution(job_id=job_id, status=status, document=document)
        return None

    def update(self, job_id: str, status: str, details: Mapping[str, str]) -> None:
        """See ports.Jobs."""
        self._call()
        present = self.executions[job_id][0] if job_id in self.executions else None
        if present is None:
            raise UpdateRefused(code="ResourceNotFound", status=None)
        if present not in OPEN:
            raise UpdateRefused(code="InvalidStateTransition", status=present)
        if status not in OPEN and self.refusals:
            self.refusals -= 1
            raise UpdateRefused(code="InvalidRequest", status=None)
        self.executions[job_id][0] = status
        self.details[job_id] = dict(details)
        if status not in OPEN:
            self.ends.append((job_id, status))
            if self.answers_lost:
                self.answers_lost -= 1
                message = "the answer is lost"
                raise Offline(message)
        self.power.tick()

    def is_open(self, job_id: str) -> bool:
        """See ports.Jobs."""
        self._call()
        return job_id in self.executions and self.executions[job_id][0] in OPEN

    def _call(self) -> None:
        self.power.tick()
        self.calls += 1
        if self.calls == self.offline_at or not self.in_reach():
            message = "the connection is gone"
            raise Offline(message)
        if self.silent_calls:
            self.silent_calls -= 1
            self.now += UNHEARD_LIMIT / 2
            message = "nothing is heard"
            raise Offline(message)
        self.heard_at = self.now


@dataclass
class Flows:
    """What runs, and how it is: versions in ``bad`` are unhealthy, those in ``deadly`` take the process down.

    Those in ``dead`` never start. ``stays`` are flows that go on when they are asked to end.
    """

    power: Power
    bad: set[int] = field(default_factory=set)
    deadly: set[int] = field(default_factory=set)
    dead: set[int] = field(default_factory=set)
    stays: dict[str, int] = field(default_factory=dict)
    slots: dict[str, Slots] = field(default_factory=dict)
    starts: list[int] = field(default_factory=list)
    proofs: dict[int, float] = field(default_factory=dict)
    """How long versions need to fail, in seconds."""
    proofs_asked: list[tuple[int | None, bool]] = field(default_factory=list)
    """Of which versions that was asked, and whether they may have run before."""
    on_look: Callable[[], None] | None = None
    """Happens when somebody asks how a flow is."""

    def check(self, flow_id: str, artifact: FlowArtifact) -> None:  # noqa: ARG002  part of the port
        """See ports.Flows."""
        check_for_builtin(artifact)

    def start_seconds(self, flow_id: str, *, standby: bool = False) -> float:  # noqa: ARG002  part of the port
        """See watch.Patients."""
        return 0.0

    def proof_seconds(self, flow_id: str, *, standby: bool = False, switched: bool = False) -> float:
        """See watch.Patients."""
        version = (self.standing_by if standby else self.now).get(flow_id)
        self.proofs_asked.append((version, switched))
        return self.proofs.get(version or 0, 0.0)

    def arrange(self, flow_id: str, slots: Slots) -> None:
        """See ports.Flows."""
        self.power.tick()
        present = self.slots.pop(flow_id, Slots()).by_slot()
        for slot, version in slots.by_slot().items():
            if slot not in present or not present[slot].is_same(version):
                self.starts.append(version.version)
                if version.version in self.deadly:
                    raise PowerCut
        if slots.by_slot():
            self.slots[flow_id] = slots
        self.power.tick()

    @property
    def now(self) -> dict[str, int]:
        """The live versions that run."""
        return {flow_id: slots.live.version for flow_id, slots in self.slots.items() if slots.live is not None}

    @property
    def standing_by(self) -> dict[str, int]:
        """The versions that run in the other slot."""
        return {flow_id: slots.standby.version for flow_id, slots in self.slots.items() if slots.standby is not None}

    def running(self, *, standby: bool = False) -> dict[str, int]:
        """See ports.Flows."""
        held = self.standing_by if standby else self.stays | self.now
        return {flow_id: version for flow_id, version in held.items() if version not in self.dead}

    def health(self, flow_id: str, *, standby: bool = False) -> tuple[Health, tuple[NodeHealth, ...]]:
        """See watch.Patients."""
        self.power.tick()
        if self.on_look is not None:
            self.on_look()
        runs = self.standing_by if standby else self.now
        if runs.get(flow_id) in self.dead:
            return Health.UNHEALTHY, (NodeHealth(node_id="flow", health=Health.UNHEALTHY, error="it cannot start"),)
        if runs.get(flow_id) in self.bad:
            return Health.UNHEALTHY, (NodeHealth(node_id="n1", health=Health.UNHEALTHY, error="it is bad"),)
        return (Health.HEALTHY if flow_id in runs else Health.UNHEALTHY), ()

    def reason(self, flow_id: str, *, standby: bool = False) -> Reason:  # noqa: ARG002  part of the port
        """See watch.Patients."""
        return Reason.UNHEALTHY

    def failures(self, flow_id: str, *, standby: bool = False) -> tuple[NodeHealth, ...]:  # noqa: ARG002  part of the port
        """See watch.Patients."""
        return ()


class Device:
    """One device; :meth:`boot` is what happens when it gets power."""

    def __init__(self, directory: Path, power: Power) -> None:
        """Keep its data in this folder."""
        self.directory = directory
        self.power = power
        self.cloud = Cloud(power)
        self.trusts, self.clock = NO_KEYS, lambda: NOON
        self.bad: set[int] = set()
        self.deadly: set[int] = set()
        self.dead: set[int] = set()
        self.cut_off: Callable[[Flows], bool] = lambda _: False
        """Whether what runs cuts the device off from the cloud."""
        self.fetched: list[str] = []
        self.fetch_fails: DownloadFailed | None = None
        self.expired: set[str] = set()
        self.on_fetch: Callable[[], None] | None = None
        self.runs_something_at_boot: list[bool] = []
        self.proofs: dict[int, float] = {}
        self.monotonic: Callable[[], float] = monotonic

    def pin(self) -> Self:
        """Let the cloud sign its orders, and the device take no others; returns the device."""
        self.trusts, self.cloud.signs = TRUSTED, True
        return self

    def boot(self) -> None:
        """Start the agent as edge_agent.agent does."""
        self.flows = Flows(self.power, self.bad, self.deadly, self.dead, proofs=self.proofs)
        self.cloud.in_reach = lambda: not self.cut_off(self.flows)
        self.watch = HealthGate(self.flows, monotonic=self.monotonic, settles=0)
        file = StateFile(self.directory, lambda: NOON)
        store = ArtifactStore(self.directory)
        self.engine = Engine(
            state=file,
            store=store,
            flows=self.flows,
            jobs=self.cloud,
            read_order=OrderReader(DEVICE_ID, self.trusts, self.clock),
            obtainer=Obtainer(store=store, fetch=self._fetch, jobs=self.cloud, flows=self.flows, clock=lambda: NOON),
            watch=self.watch,
            lifeline=lifeline_of(self.cloud),
            clock=self.clock,
            jitter=0,
        )
        self.engine.recover()
        for flow_id, slots in file.state.all_slots().items():
            self.flows.arrange(flow_id, slots)
        self.runs_something_at_boot.append(FLOW in self.flows.now)

    def live(self, *, boots: int = 6) -> None:
        """Boot and work, again after each power cut, until the work is done."""
        for _ in range(boots):
            try:
                self.boot()
                self.work()
            except PowerCut:
                continue
            return
        message = f"not done after {boots} boots"
        raise AssertionError(message)

    def work(self, *, tries: int = 6) -> None:
        """Work as the agent does: again, some time later, when the cloud is out of reach."""
        for _ in range(tries):
            try:
                self.engine.work()
            except Offline:
                self.cloud.now += 0.6 * UNHEARD_LIMIT
            else:
                return
        message = f"not done after {tries} tries"
        raise AssertionError(message)

    def install(self, version: int | None, *, standby: int | None = None) -> None:
        """Let the device run a version, and perhaps another one in its other slot, as after earlier jobs."""
        live = self._installed(version, Slot.BLUE) if version is not None else None
        stands_by = self._installed(standby, Slot.GREEN) if standby is not None else None
        state = AgentState(sequence=1).with_slots(FLOW, Slots(live, stands_by))
        StateFile(self.directory, lambda: NOON).write(state)

    def _installed(self, version: int, slot: Slot) -> InstalledVersion:
        ArtifactStore(self.directory).put(sha256(version), artifact_bytes(version))
        return InstalledVersion(version=version, sha256=sha256(version), since=NOON, slot=slot)

    @property
    def state(self) -> AgentState:
        """What is on disk."""
        return read_state(self.directory)

    @property
    def version(self) -> int | None:
        """The version on disk."""
        live = self.state.flows.get(FLOW)
        return live.version if live else None

    @property
    def standby(self) -> int | None:
        """The version on disk that stands by."""
        standby = self.state.standby.get(FLOW)
        return standby.version if standby else None

    def has(self, version: int) -> bool:
        """Tell whether a version's artifact is on disk."""
        return ArtifactStore(self.directory).has(sha256(version))

    def _fetch(self, artifact: Artifact, still_wanted: Callable[[], None]) -> bytes:
        self.power.tick()
        if self.on_fetch is not None:
            self.on_fetch()
        still_wanted()
        if artifact.url in self.expired:
            raise AddressRefused(Reason.DOWNLOAD_FAILED, f"{artifact.url} has expired")
        if self.fetch_fails is not None:
            raise self.fetch_fails
        self.fetched.append(artifact.sha256)
        return next(content for content in map(artifact_bytes, (1, 2, 3)) if sha256_of(content) == artifact.sha256)


def lifeline_of(cloud: Cloud) -> Lifeline:
    """Return a new lifeline to this cloud."""
    return Lifeline(limit=UNHEARD_LIMIT, heard_at=lambda: cloud.heard_at, monotonic=lambda: cloud.now)


def sha256_of(content: bytes) -> str:
    """Return the hash of some bytes."""
    return hashlib.sha256(content).hexdigest()
