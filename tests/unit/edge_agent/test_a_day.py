"""A day in the life of a device, in fast time.

A connection that flaps, power that fails, a disk that is full, restarts, and jobs of every kind all the while. No end
of a job is lost or told wrongly, and nothing grows.
"""

import errno
import gc
import hashlib
import logging
import os
import random
import threading
import tracemalloc
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

import edge_agent.disk.state
import edge_agent.disk.store
from edge_agent.disk.files import write_atomically
from edge_agent.disk.state import StateFile
from edge_agent.disk.store import ArtifactStore
from edge_agent.flows.builtin.context import FlowContext
from edge_agent.jobs.engine import Engine
from edge_agent.jobs.health_window import HealthGate
from edge_agent.jobs.obtain import Obtainer
from edge_agent.jobs.ports import OPEN, Execution, Offline
from edge_agent.jobs.read_order import OrderReader
from edge_agent.jobs.signatures import NO_KEYS
from edgeflow.contract.flow import FlowArtifact
from edgeflow.contract.job import Artifact
from tests.support.in_process import InProcessSupervisor
from tests.unit.edge_agent.device import NOON, Cloud, Power, PowerCut, lifeline_of

FLOWS: Final = ("flow_1", "flow_2", "flow_3")
VERSIONS: Final = (1, 2, 3, 4)
ILL: Final = 4
"""The version that is never healthy."""
MINUTES: Final = 24 * 60
BEGINS_TO_COUNT: Final = 2 * 60
MAX_GROWTH_BYTES: Final = 300_000
"""A hundredth of what the agent holds; the tests' own books of the day are within it."""
SEED: Final = 20_261_123


class FastClock:
    """The time of the day's flows: it goes on when the day says so."""

    def __init__(self) -> None:
        self._now = 0.0
        self._lock = threading.Lock()
        self._waiting: set[threading.Condition] = set()

    def now(self) -> float:
        return self._now

    def wait(self, condition: threading.Condition, until: float | None) -> None:
        if until is not None and until <= self._now:
            return
        with self._lock:
            self._waiting.add(condition)
        condition.wait(1)

    def advance(self, seconds: float) -> None:
        with self._lock:
            self._now += seconds
            waiting, self._waiting = self._waiting, set()
        for condition in waiting:
            with condition:
                condition.notify_all()


class FlappingCloud(Cloud):
    """AWS IoT behind a connection that comes and goes; it forgets ended jobs after a while, as AWS IoT does."""

    online = True

    def __init__(self, power: Power) -> None:
        super().__init__(power)
        self.said: dict[str, str] = {}
        """The version that runs by the device's last word, by flow."""

    def update(self, job_id: str, status: str, details: Mapping[str, str]) -> None:
        super().update(job_id, status, details)
        if status not in OPEN:
            flow_id = self.executions[job_id][1]["flow_id"]
            self.said.pop(flow_id, None)
            if "runs_version" in details:
                self.said[flow_id] = details["runs_version"]

    def _call(self) -> None:
        super()._call()
        if not self.online:
            message = "the device is offline"
            raise Offline(message)

    def next(self) -> Execution | None:
        ended = [job_id for job_id, (status, _) in self.executions.items() if status not in OPEN]
        for job_id in ended[:-20]:
            del self.executions[job_id]
            self.details.pop(job_id, None)
        return super().next()


@dataclass(frozen=True)
class Footprint:
    """What a device holds."""

    threads: int
    descriptors: int
    files: int
    memory: int


class WatchedFlows(InProcessSupervisor):
    """What runs; as soon as it is known how long a flow must be watched, that time goes by."""

    time_goes_by: Callable[[float], None]

    def proof_seconds(self, flow_id: str, *, standby: bool = False, switched: bool = False) -> float:
        """See Patients.proof_seconds."""
        needed = super().proof_seconds(flow_id, standby=standby, switched=switched)
        if needed:
            self.time_goes_by(needed)
        return needed


class Day:
    """The device, and what becomes of it."""

    def __init__(self, directory: Path, seed: int) -> None:
        self.directory = directory
        self.random = random.Random(seed)  # noqa: S311  a story, not a secret
        self.power = Power()
        self.cloud = FlappingCloud(self.power)
        self.disk_full = False
        self.clock = FastClock()
        self.events: Counter[str] = Counter()
        self.jobs = 0
        self.cancelled: set[str] = set()
        self._contents = {version: _content(version) for version in VERSIONS}
        self.boot()

    def boot(self) -> None:
        file = StateFile(self.directory, lambda: NOON)
        store = ArtifactStore(self.directory)
        self.flows = WatchedFlows(store, self._surroundings, on_change=self._woken, clock=self.clock)
        self.flows.time_goes_by = self._let_pass
        self.watch = HealthGate(self.flows, monotonic=self.clock.now)
        self.engine = Engine(
            state=file,
            store=store,
            flows=self.flows,
            jobs=self.cloud,
            read_order=OrderReader("dev_001", NO_KEYS, lambda: NOON),
            obtainer=Obtainer(store=store, fetch=self._fetch, jobs=self.cloud, flows=self.flows, clock=lambda: NOON),
            watch=self.watch,
            lifeline=lifeline_of(self.cloud),
            clock=lambda: NOON,
            jitter=0,
        )
        self.file = file
        try:
            self.engine.recover()
        except OSError:
            self.events["disk full at the start"] += 1
        self.flows.bring_up(file.state.all_slots())

    def restart(self) -> None:
        self.flows.stop()
        self.boot()

    def minute(self) -> None:
        """Let a minute pass, with whatever comes in it."""
        self.clock.advance(60)
        self.cloud.now += 60
        match self.random.randrange(14):
            case 0 | 1:
                self.cloud.online = not self.cloud.online
                self.events["connection"] += 1
            case 2:
                self.restart()
                self.events["restart"] += 1
            case 3:
                self.power.at = self.power.moments + self.random.randrange(1, 30)
                self.power.happens = self.power.cut
            case 4:
                self.disk_full = not self.disk_full
                self.events["disk"] += 1
            case 5:
                self.cancel_one()
            case 6 | 7 | 8:
                self.ask()
            case _:
                pass
        self.work()

    def work(self) -> None:
        try:
            self.engine.work()
        except PowerCut:
            self.events["power cut"] += 1
            self.power.at = None
            self.flows.stop()
            self.boot_in_the_dark()
        except (Offline, OSError):
            self.events["put off"] += 1

    def boot_in_the_dark(self) -> None:
        """Boot after a power cut, which may come again."""
        try:
            self.boot()
        except PowerCut:
            self.flows.stop()
            self.power.at = None
            self.boot()

    def ask(self) -> None:
        """Queue a job of any kind for any flow."""
        flow_id, version = self.random.choice(FLOWS), self.random.choice(VERSIONS)
        operation = self.random.choice(["apply", "apply", "stage", "activate", "remove"])
        content = self._contents[version]
        document: dict[str, Any] = {
            "schema": "edgeflow.job/1",
            "operation": operation,
            "deployment_id": "dep_1",
            "flow_id": flow_id,
            "health_check": {"window_seconds": 0},
        }
        if operation != "remove":
            sha256 = hashlib.sha256(content).hexdigest()
            artifact = {"url": f"https://artifacts.test/{version}", "sha256": sha256, "size": len(content)}
            document |= {"version": version, "artifact": artifact}
        self.jobs += 1
        self.cloud.queue(document, f"job-{self.jobs:05}")

    def cancel_one(self) -> None:
        still = [job_id for job_id, (status, _) in self.cloud.executions.items() if status in OPEN]
        if still:
            chosen = self.random.choice(still)
            self.cloud.cancel(chosen)
            self.cancelled.add(chosen)
            self.engine.look_again()

    def settle(self) -> None:
        """Let all be well again, and every job be done."""
        self.cloud.online, self.disk_full, self.power.at = True, False, None
        for _ in range(10):
            self.work()
            if not any(status in OPEN for status, _ in self.cloud.executions.values()):
                return
        message = f"jobs are left: {self.cloud.executions}"
        raise AssertionError(message)

    def footprint(self) -> Footprint:
        gc.collect()
        return Footprint(
            threads=threading.active_count(),
            descriptors=len(os.listdir("/proc/self/fd")),  # noqa: PTH208  names are enough
            files=sum(path.is_file() for path in self.directory.rglob("*")),
            memory=tracemalloc.get_traced_memory()[0],
        )

    def write(self, path: Path, content: bytes) -> None:
        self.power.tick()
        if self.disk_full:
            raise OSError(errno.ENOSPC, "No space left on device")
        write_atomically(path, content)
        self.power.tick()

    def _fetch(self, artifact: Artifact, still_wanted: Callable[[], None]) -> bytes:
        still_wanted()
        self.power.tick()
        return self._contents[int(artifact.url.rpartition("/")[2])]

    def _woken(self) -> None:
        self.watch.wake()

    def _let_pass(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.watch.wake()

    @staticmethod
    def _surroundings(flow_id: str) -> FlowContext:
        hardware = {"dht_model": "DHT22"}
        return FlowContext(device_id="dev_001", flow_id=flow_id, hardware=hardware, publish=lambda *_, **__: None)


def _content(version: int) -> bytes:
    settings = {"model": "DHT11"} if version == ILL else {"interval": f"{version}m"}
    definition = {
        "nodes": [{"id": "in", "type": "dht", "config": settings}, {"id": "out", "type": "debug"}],
        "connections": [{"source": "in", "target": "out"}],
    }
    return FlowArtifact.model_validate({"definition": definition}).canonical_bytes()


@pytest.mark.timeout(240)
@pytest.mark.slow
def test_a_day_of_trouble_loses_no_report_and_lets_nothing_grow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)
    caplog.set_level(logging.CRITICAL)  # what is captured is kept, and would count as what the device holds
    tracemalloc.start()
    day = Day(tmp_path, SEED)
    try:
        monkeypatch.setattr(edge_agent.disk.state, "write_atomically", day.write)
        monkeypatch.setattr(edge_agent.disk.store, "write_atomically", day.write)
        for _ in range(BEGINS_TO_COUNT):
            day.minute()
        day.settle()
        before = day.footprint()
        for _ in range(MINUTES - BEGINS_TO_COUNT):
            day.minute()
        day.settle()
        after = day.footprint()
        runs = {flow_id: str(version) for flow_id, version in day.flows.running().items()}
    finally:
        day.flows.stop()
        tracemalloc.stop()
    told = Counter(job_id for job_id, _ in day.cloud.ends)
    assert set(told.values()) == {1}, f"seed {SEED}: each end is told once"
    asked = {f"job-{number:05}" for number in range(1, day.jobs + 1)}
    assert asked - set(told) <= day.cancelled, f"seed {SEED}: just what was cancelled has no end"
    assert runs == day.cloud.said, f"seed {SEED}: what runs is what was told"
    assert after.threads <= before.threads + len(FLOWS) * 2, f"seed {SEED}"
    assert after.descriptors <= before.descriptors + 2, f"seed {SEED}"
    assert after.files <= len(VERSIONS) + 3, f"seed {SEED}: {sorted(path.name for path in tmp_path.rglob('*'))}"
    assert after.memory - before.memory < MAX_GROWTH_BYTES, f"seed {SEED}: {after.memory - before.memory} bytes"
    assert min(day.events[each] for each in ("connection", "restart", "disk", "power cut", "put off")) > 20, day.events
    assert len(told) > 150
