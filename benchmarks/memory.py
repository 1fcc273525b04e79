"""Memory of a program with all that it started, by one method for each: left to warm up, then looked at for a while.

Three figures, in bytes, each added up over all processes. RSS is what a process has in memory: what processes share
counts for each of them. PSS gives each its part of what is shared, also with programs that are not looked at: so it is
smaller where others use the same libraries. ``alone`` is PSS as it would be without those others: what a file holds
counts once and in full.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Final, NamedTuple

_PROC: Final = Path("/proc")
_KIB: Final = 1024
_MIB: Final = 2**20
_HEADER_FIELDS: Final = 5
_PARENT: Final = 1
"""Place of the parent's id in ``/proc/PID/stat``, counted from behind the name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """How long a program is left alone, how long it is looked at, and how often. Seconds."""

    warm_up: float = 300.0
    window: float = 600.0
    every: float = 10.0


@dataclass(frozen=True, slots=True)
class Spread:
    """What samples of one figure say, in bytes."""

    median: float
    p95: float
    most: float

    @classmethod
    def of(cls, samples: list[int]) -> "Spread":
        """Take two samples or more."""
        return cls(median(samples), quantiles(samples, n=20, method="inclusive")[-1], max(samples))

    def __str__(self) -> str:
        return f"{self.median / _MIB:.1f} / {self.p95 / _MIB:.1f} / {self.most / _MIB:.1f}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """A program and all it started, over the window."""

    rss: Spread
    pss: Spread
    alone: Spread
    processes: int
    """At the end."""


class Sample(NamedTuple):
    """One look. Bytes."""

    rss: int
    pss: int
    alone: int
    processes: int


def sample(pid: int) -> Sample:
    """Look once at a program and all it started. Raises ProcessLookupError: the program has ended."""
    anonymous = pss = rss = processes = 0
    files: dict[tuple[str, ...], int] = {}
    for process in tree(pid):
        try:
            parts = _parts(process)
            mappings = list(_mappings(process))
        except (FileNotFoundError, ProcessLookupError):  # it ended meanwhile
            continue
        processes += 1
        pss += parts.get("Pss:", 0)
        anonymous += parts.get("Pss_Anon:", 0)
        for place, resident, of_file in mappings:
            rss += resident
            files[place] = max(files.get(place, 0), of_file)
    if not processes:
        raise ProcessLookupError(pid)
    return Sample(rss=rss, pss=pss, alone=anonymous + sum(files.values()), processes=processes)


def observe(pid: int, method: Method) -> Memory:
    """Return a program's memory by the method; takes ``warm_up`` and ``window`` together."""
    time.sleep(method.warm_up)
    begun = time.monotonic()
    samples = [sample(pid)]
    while time.monotonic() - begun < method.window or len(samples) < 2:  # noqa: PLR2004  a spread needs two
        time.sleep(method.every)
        samples.append(sample(pid))
    return Memory(
        rss=Spread.of([each.rss for each in samples]),
        pss=Spread.of([each.pss for each in samples]),
        alone=Spread.of([each.alone for each in samples]),
        processes=samples[-1].processes,
    )


def tree(pid: int) -> list[int]:
    """Return a process and all its descendants that live."""
    parents = {}
    for stat in _PROC.glob("[0-9]*/stat"):
        try:
            behind_name = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        parents[int(stat.parent.name)] = int(behind_name[_PARENT])
    found = [pid]
    for known in found:
        found += [child for child, parent in parents.items() if parent == known]
    return found


def _parts(pid: int) -> dict[str, int]:
    """Return the sums over a process's mappings, by name, in bytes; none of one that ended and was not asked why."""
    _, *lines = (_PROC / str(pid) / "smaps_rollup").read_text(encoding="ascii").splitlines() or [""]
    return {name: int(size) * _KIB for name, size, _ in map(str.split, lines)}


def _mappings(pid: int) -> Iterator[tuple[tuple[str, ...], int, int]]:
    """Yield of each mapping which part of which file it is, its resident bytes, and those the file stands behind."""
    place: tuple[str, ...] = ()
    resident = 0
    with (_PROC / str(pid) / "smaps").open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            words = line.split()
            if not words[0].endswith(":"):
                _, _, offset, device, inode = words[:_HEADER_FIELDS]
                place = (device, inode, offset)
            elif words[0] == "Rss:":
                resident = int(words[1]) * _KIB
            elif words[0] == "Anonymous:":
                yield place, resident, resident - int(words[1]) * _KIB
