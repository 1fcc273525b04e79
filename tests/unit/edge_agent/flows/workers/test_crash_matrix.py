"""Every step of a job with real workers, at each of which all workers are killed: what is told is what runs then.

Each operation of a job is covered: ``apply`` and ``stage`` of a new version, ``activate`` of one that is staged and of
one that has lost its slot, ``remove`` of a flow with a version in each slot. A step is a call of the cloud, and each
write to the disk, before and after it. ``tests/unit/edge_agent/test_crash_matrix.py`` does the same with power cuts,
without workers.
"""

import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any, Final

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
from edge_agent.jobs.health_window import HealthGate
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
    REMOVE,
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


@dataclass(frozen=True)
class Order:
    """What a job asks for, what is staged ``before`` it, and the versions that it leaves live and in the idle slot."""

    document: Mapping[str, Any]
    before: Mapping[str, Any] | None = None
    live: int | None = 2
    standby: int | None = None


_STAGE: Final = stage(2, window=WINDOW)
_CHECKED: Final = {"health_check": {"window_seconds": WINDOW}}
JOBS: dict[str, Order] = {
    "apply": Order(apply(2, window=WINDOW)),
    "stage": Order(_STAGE, live=1, standby=2),
    "activate": Order(activate(2) | _CHECKED, before=_STAGE, standby=1),
    "activate what lost its slot": Order(activate(2, artifact=True) | _CHECKED),
    "remove": Order(REMOVE, before=_STAGE, live=None),
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
        self.watch = HealthGate(runtime, monotonic=monotonic)
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
        self.begin(apply(1, window=WINDOW), "first")

    def begin(self, document: Mapping[str, Any], job_id: str) -> None:
        """Do a job that ends well."""
        self.do(document, job_id)
        assert self.cloud.status(job_id) == "SUCCEEDED"

    def do(self, document: Mapping[str, Any], job_id: str = JOB) -> None:
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
    order = JOBS[kind]
    steps = 1
    step = 0
    while step <= steps:
        power.at = power.happens = None
        site = Site(tmp_path / str(step), fork_server, power)
        if order.before is not None:
            site.begin(order.before, "before")
        power.moments, power.at = 0, step

        def kill() -> None:
            assert fork_server.process is not None
            for process in children_of(fork_server.process):
                os.kill(process, signal.SIGKILL)

        power.happens = kill
        site.do(order.document)
        steps = max(steps, power.moments)
        _check(site, order, f"{kind}: workers killed at step {step} of {steps}")
        site.works.runtime.stop()
        step += 1
    note_points("SIGKILL of workers", kind, steps)


def _check(site: Site, order: Order, point: str) -> None:
    status, details = site.cloud.status(), site.cloud.details[JOB]
    held = site.file.state.slots(FLOW)
    versions = tuple(each.version if each is not None else None for each in (held.live, held.standby))
    if status == "FAILED":
        assert details["reason"] in {Reason.CRASH_LOOP, Reason.INVALID_ARTIFACT}, point
        assert "SIGKILL" in details["message"], point
        assert versions == (1, None), point
        assert order.live is not None, f"{point}: a removal asks nothing of workers"
    else:
        assert status == "SUCCEEDED", point
        assert versions == (order.live, order.standby), point
    runtime = site.works.runtime
    runs = {FLOW: held.live.version} if held.live is not None else {}
    wait_for(lambda: runtime.running() == runs or None, what=f"{point}: what is live runs again")
    assert runtime.running(standby=True).keys() <= {FLOW}
    assert held.by_slot().keys() == {flow.slot for flow in runtime.report()}, point
    if held.live is None:
        assert runtime.processes() == {}, point
        return
    by_node = {nodes.node_id for nodes in runtime.health(FLOW)[1]}
    assert by_node <= {"flow"}, point
    sha256 = held.live.sha256

    def is_well_or_noted() -> bool | None:
        noted = CrashFile(site.works.directory).record(FLOW, sha256)  # also of a kill that is noticed only now
        return bool(noted) or site.works.health(FLOW)[0] is Health.HEALTHY or None

    wait_for(is_well_or_noted, what=f"{point}: what is live is well, or its crash is noted")
