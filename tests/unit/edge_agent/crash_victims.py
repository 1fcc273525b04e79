"""Kills a device with SIGKILL at every step of every kind of job, and switches on what is left of each.

Run as a program, with the names of the kinds as arguments. It has no threads. Each kind of job is done once: at every
step the process forks a twin, which has done all that the process has, and nothing more, and the twin is killed. What
is on disk then, and not what the twin still had in its memory, is copied as it is, and a device is switched on with
each copy. What the cloud knows is kept in a file beside the device, so it outlives the kill. Prints the steps of each
kind of job as JSON; what does not hold ends it with a traceback.
"""

import gc
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.unit.edge_agent.device import Cloud, Device, Power
from tests.unit.edge_agent.faulty_disk import IN_MEMORY, watch_system_calls
from tests.unit.edge_agent.job_kinds import SCENARIOS, check_end


@dataclass
class _Killer(Power):
    """At every moment it kills a twin of this process, and keeps what is left of its folder."""

    root: Path | None = None
    """The folder; nobody is killed while there is none."""
    kept: Path | None = None
    """Where what is left is kept."""
    held_back: bool = False
    """What happens now is made up for when the moment's work is done."""
    late: list[int] = field(default_factory=list)

    def tick(self) -> None:
        """Let one moment pass, at which the twin is killed."""
        self.moments += 1
        if self.root is None:
            return
        if self.held_back:
            self.late.append(self.moments)
        else:
            self.kill(self.moments)

    def kill(self, step: int) -> None:
        """Kill a twin, and keep what it leaves."""
        assert self.root is not None
        assert self.kept is not None
        twin = os.fork()
        if not twin:
            os.kill(os.getpid(), signal.SIGKILL)
        _, status = os.waitpid(twin, 0)
        code = os.waitstatus_to_exitcode(status)
        assert code == -signal.SIGKILL, f"it was not killed at step {step}, but ended with {code}"
        _copy(str(self.root), str(self.kept / str(step)), {})


def _copy(source: str, target: str, copies: dict[int, str]) -> None:
    """Copy a folder; what has several names has them in the copy, too. The functions of Path would be watched."""
    os.mkdir(target)  # noqa: PTH102
    for entry in os.scandir(source):
        place = f"{target}/{entry.name}"
        if entry.is_dir():
            _copy(entry.path, place, copies)
        elif entry.inode() in copies:
            os.link(copies[entry.inode()], place)
        else:
            copies[entry.inode()] = place
            shutil.copy(entry.path, place)


class _KeptCloud(Cloud):
    """Keeps what it knows in a file, like one that is somewhere else."""

    path: Path

    def update(self, job_id: str, status: str, details: Any) -> None:  # noqa: ANN401  see Cloud
        # The moments pass as they would, but what was told is kept before anything can happen.
        assert isinstance(self.power, _Killer)
        self.power.held_back = True
        try:
            super().update(job_id, status, details)
        finally:  # it may also be out of reach
            self.keep()
            self.power.held_back = False
            late, self.power.late = self.power.late, []
            for step in late:
                self.power.kill(step)

    def keep(self) -> None:
        known = {"executions": self.executions, "ends": self.ends, "details": self.details}
        with os.fdopen(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), "w") as file:
            json.dump(known, file)

    def recall(self) -> None:
        known = json.loads(self.path.read_text(encoding="utf-8"))
        self.executions, self.details = known["executions"], known["details"]
        self.ends = [(job, status) for job, status in known["ends"]]


def _device(root: Path, power: _Killer) -> Device:
    device = Device(root / "device", power)
    cloud = _KeptCloud(power)
    cloud.path = root / "cloud.json"
    device.cloud = cloud
    return device.pin()


def _live(name: str, root: Path, power: _Killer) -> int:
    """Do the job, and kill twins at every step; returns how many there are."""
    device = _device(root / "lives", power)
    SCENARIOS[name].prepare(device)
    assert isinstance(device.cloud, _KeptCloud)
    device.cloud.keep()
    power.moments, power.root, power.kept = 0, root / "lives", root
    device.live()
    power.root = None
    return power.moments


def _outlive(name: str, root: Path, power: _Killer, point: str) -> None:
    """Let the device be switched on again, and hold it to what the cloud was told."""
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
    power = _Killer()
    watch_system_calls(lambda: None, power, monkeypatch)

    def fsync(_: int) -> None:
        power.tick()
        power.tick()

    monkeypatch.setattr(os, "fsync", fsync)
    # What is loaded stays, and is never looked through for garbage: that would be done at every step.
    gc.disable()
    gc.freeze()
    points = {}
    for name in names:
        with tempfile.TemporaryDirectory(dir=IN_MEMORY) as folder:
            root = Path(folder)
            points[name] = _live(name, root, power)
            for step in range(1, points[name] + 1):
                _outlive(name, root / str(step), power, f"{name}, killed at step {step} of {points[name]}")
    monkeypatch.undo()
    sys.stdout.write(json.dumps(points) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
