"""Kills a device with SIGKILL at every step of every kind of job, each time in a process of its own.

Run as a program, with the names of the kinds as arguments. The processes are forked from this one, which has loaded
all and has no threads. What the cloud knows is kept in a file beside the device, so it outlives the kill. Prints the
steps of each kind of job as JSON; what does not hold ends it with a traceback.
"""

import json
import os
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.unit.edge_agent.device import Cloud, Device, Power
from tests.unit.edge_agent.faulty_disk import watch_system_calls
from tests.unit.edge_agent.job_kinds import SCENARIOS, check_end


class _KeptCloud(Cloud):
    """Keeps what it knows in a file, like one that is somewhere else."""

    path: Path

    def update(self, job_id: str, status: str, details: Any) -> None:  # noqa: ANN401  see Cloud
        at, happens, self.power.happens = self.power.at, self.power.happens, None
        # The moments pass as they would, but what was told is kept before anything can happen.
        before = self.power.moments
        try:
            super().update(job_id, status, details)
        finally:  # it may also be out of reach
            self.keep()
            self.power.happens = happens
            if at is not None and before < at <= self.power.moments and happens is not None:
                happens()

    def keep(self) -> None:
        known = {"executions": self.executions, "ends": self.ends, "details": self.details}
        with os.fdopen(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), "w") as file:
            json.dump(known, file)

    def recall(self) -> None:
        known = json.loads(self.path.read_text(encoding="utf-8"))
        self.executions, self.details = known["executions"], known["details"]
        self.ends = [(job, status) for job, status in known["ends"]]


def _device(root: Path, power: Power) -> Device:
    device = Device(root / "device", power)
    cloud = _KeptCloud(power)
    cloud.path = root / "cloud.json"
    device.cloud = cloud
    return device.pin()


def _live(name: str, root: Path, power: Power, *, kill_at: int | None) -> int:
    """Do the job in a process of its own; returns its exit code."""
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        return os.waitstatus_to_exitcode(status)
    device = _device(root, power)
    SCENARIOS[name].prepare(device)
    assert isinstance(device.cloud, _KeptCloud)
    device.cloud.keep()
    power.moments, power.at = 0, kill_at
    power.happens = lambda: os.kill(os.getpid(), signal.SIGKILL)
    device.live()
    (root / "steps").write_text(str(power.moments), encoding="ascii")
    os._exit(0)


def _outlive(name: str, root: Path, power: Power, point: str) -> None:
    """Let the device be switched on again, and hold it to what the cloud was told."""
    power.at = power.happens = None
    scenario = SCENARIOS[name]
    device = _device(root, power)
    scenario.afflict(device)
    assert isinstance(device.cloud, _KeptCloud)
    device.cloud.recall()
    device.live()
    assert device.cloud.status() == scenario.end, point
    check_end(device, scenario)


def main(names: Sequence[str]) -> None:
    """Kill at every step of these kinds of jobs; see above."""
    monkeypatch = pytest.MonkeyPatch()
    power = Power()
    watch_system_calls(lambda: None, power, monkeypatch)

    def fsync(_: int) -> None:
        power.tick()
        power.tick()

    monkeypatch.setattr(os, "fsync", fsync)
    points = {}
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            assert _live(name, Path(folder), power, kill_at=None) == 0
            points[name] = int((Path(folder) / "steps").read_text(encoding="ascii"))
        for step in range(1, points[name] + 1):
            with tempfile.TemporaryDirectory() as folder:
                code = _live(name, Path(folder), power, kill_at=step)
                assert code == -signal.SIGKILL, f"{name}: it was not killed at step {step}, but ended with {code}"
                _outlive(name, Path(folder), power, f"{name}, killed at step {step} of {points[name]}")
    monkeypatch.undo()
    sys.stdout.write(json.dumps(points) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
