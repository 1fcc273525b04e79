"""How the device is: what Linux says, and nothing where it does not."""

from pathlib import Path

from edge_agent.cloud.vitals import VitalSigns
from edgeflow.contract.report import Vitals


def _device(root: Path, *, zones: dict[str, str] | None = None) -> VitalSigns:
    proc, sys = root / "proc", root / "sys"
    (proc / "self").mkdir(parents=True)
    (proc / "uptime").write_text("350735.47 234388.90\n")
    (proc / "meminfo").write_text("MemTotal:  1024 kB\nMemFree:  100 kB\nMemAvailable:  512 kB\nHugePages_Total: 0\n")
    (proc / "self" / "statm").write_text("9000 2500 300 1 0 400 0\n")
    for name, text in (zones or {}).items():
        zone = sys / "class" / "thermal" / name
        zone.mkdir(parents=True)
        (zone / "temp").write_text(text)
    times = iter([10.0, 70.0])
    return VitalSigns(root, monotonic=lambda: next(times), proc=proc, sys=sys)


def test_what_linux_tells_is_told(tmp_path: Path) -> None:
    told = _device(tmp_path, zones={"thermal_zone0": "41500\n", "thermal_zone1": "48250\n"}).read()
    assert (told.uptime, told.agent_uptime) == (350735.47, 60.0)
    assert (told.memory_total, told.memory_available) == (1024 * 1024, 512 * 1024)
    assert told.agent_memory == 2500 * 4096
    assert told.temperature == 48.25
    assert told.load is not None
    assert told.disk_total is not None
    assert told.disk_free is not None
    assert 0 < told.disk_free <= told.disk_total


def test_zones_that_say_nonsense_do_not_count(tmp_path: Path) -> None:
    zones = {
        "thermal_zone0": "-274000\n",
        "thermal_zone1": "warm\n",
        "thermal_zone2": "39000\n",
        "cooling_device0": "90000\n",
    }
    assert _device(tmp_path, zones=zones).read().temperature == 39.0


def test_what_cannot_be_read_is_left_out_and_nothing_is_raised(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    told = VitalSigns(nowhere, monotonic=lambda: 5.0, proc=nowhere, sys=nowhere).read()
    assert told == Vitals(agent_uptime=0.0, load=told.load)


def test_files_of_another_shape_are_no_fault(tmp_path: Path) -> None:
    signs = _device(tmp_path)
    for path in ("uptime", "meminfo", "self/statm"):
        (tmp_path / "proc" / path).write_text("\n")
    told = signs.read()
    assert (told.uptime, told.memory_total, told.agent_memory) == (None, None, None)
