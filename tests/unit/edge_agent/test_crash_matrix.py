"""Every step of every kind of job, cut by a power failure that loses what was not synced, and by SIGKILL.

A step is a moment before, within or after a call to the disk, to the cloud, to the flows, or to the download. The
device takes signed orders alone.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.crash_points import note_points
from tests.unit.edge_agent.device import Device, Power
from tests.unit.edge_agent.faulty_disk import IN_MEMORY, Disk, watch_system_calls
from tests.unit.edge_agent.job_kinds import SCENARIOS, check_end

PARTS = 4
"""The kinds of jobs are shared between so many programs, each with a limit of its own."""
KILLS_SECONDS = 290


class Matrix:
    """Makes devices on disks that can fail."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.power = Power()
        self._root = root
        self._made = 0
        self.disk: Disk | None = None
        self._monkeypatch = monkeypatch
        watch_system_calls(lambda: self.disk, self.power, monkeypatch)

    def device(self, name: str) -> Device:
        """Return a device as it is before the job of this name."""
        self.power.at = self.power.happens = self.disk = None
        self._made += 1
        folder = self._root / str(self._made)
        folder.mkdir()
        device = Device(folder, self.power).pin()
        SCENARIOS[name].prepare(device)
        self.disk = Disk(folder, self.power)
        self.power.moments = 0
        return device


@pytest.fixture
def matrix(monkeypatch: pytest.MonkeyPatch) -> Iterator[Matrix]:
    """The matrix of these tests."""
    with tempfile.TemporaryDirectory(dir=IN_MEMORY) as folder:
        yield Matrix(Path(folder), monkeypatch)


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.slow
def test_a_power_cut_at_every_step_loses_what_was_not_synced_and_nothing_else(matrix: Matrix, name: str) -> None:
    scenario = SCENARIOS[name]
    whole = matrix.device(name)
    whole.live()
    steps = matrix.power.moments
    for step in range(1, steps + 1):
        device = matrix.device(name)
        disk = matrix.disk
        assert disk is not None

        def cut(device: Device = device, disk: Disk = disk) -> None:
            disk.lose()
            device.power.cut()

        matrix.power.at, matrix.power.happens = step, cut
        device.live()
        assert device.cloud.status() == scenario.end, f"step {step} of {steps}"
        check_end(device, scenario)
        assert not leftovers(device), f"step {step} of {steps}"
    note_points("power", name, steps)


def leftovers(device: Device) -> list[str]:
    """Return the files that nobody wants."""
    wanted = {f"{sha256}.json" for sha256 in device.state.artifacts()} | {"state.json", "state.before.json", "epoch"}
    return sorted(path.name for path in device.directory.rglob("*") if path.is_file() and path.name not in wanted)


@pytest.mark.timeout(KILLS_SECONDS + 10)
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.slow
def test_sigkill_at_every_step_leaves_the_old_version_or_the_new_one_whole(part: int) -> None:
    names = list(SCENARIOS)[part::PARTS]
    done = subprocess.run(  # noqa: S603  our own interpreter
        [sys.executable, "-m", "tests.unit.edge_agent.crash_victims", *names],
        capture_output=True,
        text=True,
        timeout=KILLS_SECONDS,
        check=False,
        cwd=Path(__file__).parents[3],
        env={"PYTHONPATH": ":".join(path for path in sys.path if path)},
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    points: dict[str, int] = json.loads(done.stdout.splitlines()[-1])
    assert list(points) == names
    for name, steps in points.items():
        assert steps > 5
        note_points("SIGKILL", name, steps)
