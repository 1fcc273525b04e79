"""Memory of a program with all that it started, by one method for each: left to warm up, then looked at for a while.

Two figures of Linux, in bytes. RSS is what each process has in memory, added up: what processes share counts for each
of them. PSS gives each its part of what is shared; here what a file holds counts once and in full, as on a device where
no other program happens to use the same libraries.
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
    processes: int
    """At the end."""


class Sample(NamedTuple):
    """One look. Bytes."""

    rss: int
    pss: int
    processes: int


def sample(pid: int) -> Sample:
    """Look once at a program and all it started. Raises ProcessLookupError: the program has ended."""
    anonymous = 0
    files: dict[tuple[str, ...], int] = {}
    rss = processes = 0
    for process in tree(pid):
        try:
            anonymous += _anonymous(process)
            mappings = list(_mappings(process))
        except (FileNotFoundError, ProcessLookupError):  # it ended meanwhile
            continue
        processes += 1
        for place, resident, of_file in mappings:
            rss += resident
            files[place] = max(files.get(place, 0), of_file)
    if not processes:
        raise ProcessLookupError(pid)
    return Sample(rss, anonymous + sum(files.values()), processes)


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


def _anonymous(pid: int) -> int:
    """Return the process's part of the memory that no file stands behind; what a fork shares is divided."""
    for line in (_PROC / str(pid) / "smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith("Pss_Anon:"):
            return int(line.split()[1]) * _KIB
    return 0  # a process that has ended and that nobody has asked for its exit


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
