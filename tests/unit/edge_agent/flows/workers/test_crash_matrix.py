"""Every step of a job with real workers, at each of which all workers are killed: what is told is what runs then."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

import edge_agent.disk.state
import edge_agent.disk.store
from edge_agent.disk.crashes import CrashFile
from edge_agent.disk.files import write_atomically
from edge_agent.disk.state import StateFile
from edge_agent.disk.store import ArtifactStore
from edge_agent.flows.workers.forking import ForkServerProcess
from edge_agent.flows.workers.kernel import children_of
from edge_agent.jobs.engine import Engine
from edge_agent.jobs.health_window import HealthWatch
from edge_agent.jobs.obtain import Obtainer
from edge_agent.jobs.read_order import OrderReader
from edge_agent.jobs.signatures import NO_KEYS
from edgeflow.contract.job import Artifact
from edgeflow.contract.reasons import Reason
from edgeflow.contract.report import Health
from tests.support.crash_points import note_points
from tests.support.waiting import wait_for
from tests.unit.edge_agent.device import (
    FLOW,
    JOB,
    NOON,
    Cloud,
    Power,
    activate,
    apply,
    artifact_bytes,
    lifeline_of,
    sha256,
    stage,
)
from tests.unit.edge_agent.flows.workers.works import Works

pytestmark = pytest.mark.slow

WINDOW = 0.2
JOBS: dict[str, Callable[[], dict[str, Any]]] = {
    "apply": lambda: apply(2, window=WINDOW),
    "stage": lambda: stage(2, window=WINDOW),
    "activate": lambda: activate(2, artifact=True) | {"health_check": {"window_seconds": WINDOW}},
}


class Site:
    """A device that runs version 1, with the real engine, and a cloud in memory."""

    def __init__(self, directory: Path, fork_server: ForkServerProcess, power: Power) -> None:
        self.power = power
        self.works = Works(directory, fork_server)
        store = ArtifactStore(directory)
        for version in (1, 2):
            store.put(sha256(version), artifact_bytes(version))
        self.cloud = Cloud(power)
        self.file = StateFile(directory, lambda: NOON)
        runtime = self.works.runtime
        self.watch = HealthWatch(runtime, monotonic=monotonic)
        self.works.on_change = self.watch.wake
        self.engine = Engine(
            state=self.file,
            store=store,
            flows=runtime,
            jobs=self.cloud,
            read_order=OrderReader("dev_001", NO_KEYS, lambda: NOON),
            obtainer=Obtainer(store=store, fetch=self._fetch, jobs=self.cloud, flows=runtime, clock=lambda: NOON),
            watch=self.watch,
            lifeline=lifeline_of(self.cloud),
            clock=lambda: NOON,
            jitter=0,
        )
        self.do(apply(1, window=WINDOW), "first")
        assert self.cloud.status("first") == "SUCCEEDED"

    def do(self, document: dict[str, Any], job_id: str = JOB) -> None:
        """Do a job."""
        self.cloud.queue(document, job_id)
        self.engine.work()

    def _fetch(self, artifact: Artifact, still_wanted: object) -> bytes:  # noqa: ARG002  nobody cancels
        self.power.tick()
        return next(artifact_bytes(version) for version in (1, 2) if sha256(version) == artifact.sha256)


@pytest.mark.parametrize("kind", JOBS)
@pytest.mark.timeout(240)
def test_workers_killed_at_every_step_leave_what_is_told_or_are_told(
    tmp_path: Path, fork_server: ForkServerProcess, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    power = Power()

    def write(path: Path, content: bytes) -> None:
        power.tick()
        write_atomically(path, content)
        power.tick()

    monkeypatch.setattr(edge_agent.disk.state, "write_atomically", write)
    monkeypatch.setattr(edge_agent.disk.store, "write_atomically", write)
    steps = 1
    step = 0
    while step <= steps:
        power.at = power.happens = None
        site = Site(tmp_path / f"{kind}-{step}", fork_server, power)
        power.moments, power.at = 0, step

        def kill() -> None:
            assert fork_server.process is not None
            for process in children_of(fork_server.process):
                os.kill(process, signal.SIGKILL)

        power.happens = kill
        site.do(JOBS[kind]())
        steps = max(steps, power.moments)
        _check(site, f"{kind}: workers killed at step {step} of {steps}")
        site.works.runtime.stop()
        step += 1
    note_points("SIGKILL of workers", kind, steps)


def _check(site: Site, point: str) -> None:
    status, details = site.cloud.status(), site.cloud.details[JOB]
    runtime = site.works.runtime
    if status == "FAILED":
        assert details["reason"] in {Reason.CRASH_LOOP, Reason.INVALID_ARTIFACT}, point
        assert "SIGKILL" in details["message"], point
    else:
        assert status == "SUCCEEDED", point
    held = site.file.state.slots(FLOW)
    assert held.live is not None
    if status == "FAILED":
        assert held.live.version == 1, point
        assert held.standby is None, point
    runs = {FLOW: held.live.version}
    wait_for(lambda: runtime.running() == runs or None, what=f"{point}: it runs again")
    by_node = {nodes.node_id for nodes in runtime.health(FLOW)[1]}
    assert by_node <= {"flow"}, point
    if not CrashFile(site.works.directory).record(FLOW, held.live.sha256):
        site.works.wait_for(FLOW, Health.HEALTHY)
    assert runtime.running(standby=True).keys() <= {FLOW}
    assert held.by_slot().keys() == {flow.slot for flow in runtime.report()}, point
