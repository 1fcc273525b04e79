"""How the device itself is, read from Linux. What cannot be read is left out: no vital sign is worth a fault."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from edgeflow.contract.report import Vitals

_MEMORY: Final = {"MemTotal": "memory_total", "MemAvailable": "memory_available"}
_KIB: Final = 1_024
_MILLI: Final = 1_000
_COLDEST, _HOTTEST = -100.0, 200.0

_Value = TypeVar("_Value")


class VitalSigns:
    """Reads them anew each time."""

    def __init__(
        self,
        data_directory: Path,
        *,
        monotonic: Callable[[], float],
        proc: Path = Path("/proc"),
        sys: Path = Path("/sys"),
    ) -> None:
        """Look at the file system of this folder; ``monotonic`` (seconds) tells how long the agent runs."""
        self._data = data_directory
        self._monotonic = monotonic
        self._started = monotonic()
        self._proc = proc
        self._sys = sys

    def read(self) -> Vitals:
        """Return how the device is now."""
        memory = _read(self._memory) or {}
        disk = _read(lambda: shutil.disk_usage(self._data))
        return Vitals(
            uptime=_read(lambda: float((self._proc / "uptime").read_text(encoding="ascii").split()[0])),
            agent_uptime=self._monotonic() - self._started,
            load=_read(lambda: round(os.getloadavg()[0] / (os.cpu_count() or 1), 2)),
            memory_total=memory.get("memory_total"),
            memory_available=memory.get("memory_available"),
            agent_memory=_read(self._agent_memory),
            disk_total=disk.total if disk else None,
            disk_free=disk.free if disk else None,
            temperature=_read(self._temperature),
        )

    def _memory(self) -> dict[str, int]:
        lines = (self._proc / "meminfo").read_text(encoding="ascii").splitlines()
        values = dict(line.split(":", 1) for line in lines)
        return {ours: int(values[theirs].split()[0]) * _KIB for theirs, ours in _MEMORY.items()}

    def _agent_memory(self) -> int:
        pages = int((self._proc / "self" / "statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def _temperature(self) -> float | None:
        """Return that of the hottest zone; zones that say nonsense, as unused ones do, do not count."""
        told = []
        for zone in sorted(_read(lambda: list((self._sys / "class" / "thermal").iterdir())) or ()):
            if not zone.name.startswith("thermal_zone"):  # glob would compile a pattern, at each report
                continue
            degrees = _read(lambda zone=zone: int((zone / "temp").read_text(encoding="ascii")) / _MILLI)  # type: ignore[misc]
            if degrees is not None and _COLDEST < degrees < _HOTTEST:
                told.append(degrees)
        return max(told, default=None)


def _read(how: Callable[[], _Value]) -> _Value | None:
    try:
        return how()
    except (OSError, ValueError, LookupError):
        return None
