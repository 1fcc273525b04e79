"""What is asked of Linux for workers: that none outlives the agent, and that they go last. What it refuses is told."""

import contextlib
import ctypes
import os
import resource
import signal
import threading
from pathlib import Path
from typing import Final

from edge_agent.flows.workers.orders import Limits

ROOM_FOR_THREADS: Final = 64 * 1024 * 1024
"""Stacks count in full from their first byte."""
STACK_BYTES: Final = 2 * 1024 * 1024
_PR_SET_PDEATHSIG: Final = 1
_PR_SET_CHILD_SUBREAPER: Final = 36
_FIRST_TO_GO: Final = 800
"""Of 1,000; when the memory of the device runs out, the kernel ends workers before anything else."""
_KIB: Final = 1_024
_M_ARENA_MAX: Final = -8
"""Of glibc's malloc.h."""


def end_with_parent(parent: int) -> bool:
    """Have the kernel end this process when its parent (a process id) ends; false when that cannot be had."""
    had = _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)  # it ended before that was asked
    return had


def adopt_orphans() -> bool:
    """Become the parent of whatever this process's descendants leave behind; false when that cannot be had."""
    return _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def limit_this_process(limits: Limits) -> list[str]:
    """Hold this process to its limits; returns what the system refuses, as clauses of a sentence."""
    refused = []
    threading.stack_size(STACK_BYTES)
    try:
        bound = _data_bytes() + limits.memory + ROOM_FOR_THREADS
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        bound = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (bound, bound))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (OSError, ValueError) as error:
        refused.append(f"no bound of its memory ({error})")
    try:
        os.nice(limits.niceness)
    except OSError as error:
        refused.append(f"no lower priority ({error.strerror})")
    try:
        Path("/proc/self/oom_score_adj").write_text(str(_FIRST_TO_GO), encoding="ascii")
    except OSError as error:
        refused.append(f"it is not the first to go when memory runs out ({error.strerror})")
    return refused


def use_one_arena() -> None:
    """Have the threads of this process, and of those forked from it, share one heap; nothing where it is not glibc.

    Else each thread has one of its own, of which it uses little: the interpreter has one lock anyway.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


def give_back_free_memory() -> None:
    """Give memory that was freed back to the system; nothing where the C library, such as musl, has no call for it."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def private_bytes(process: int | str) -> int | None:
    """Return the memory that a process has for itself, with what it still shares with the fork server; None: gone."""
    try:
        # No Path: it interns each part of a name, and a table of all interned strings that is full is made anew, as one
        # that is no longer shared. This is asked for all the time.
        with open(f"/proc/{process}/statm", encoding="ascii") as file:  # noqa: PTH123
            _, resident, shared = map(int, file.read().split()[:3])
    except (OSError, ValueError):
        return None
    return (resident - shared) * os.sysconf("SC_PAGE_SIZE")


def children_of(parent: int) -> list[int]:
    """Return the children of a process, also those that have ended and wait to be looked at."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                fields = (entry / "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == parent:
                found.append(int(entry.name))
    return found


def _data_bytes() -> int:
    for line in Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith("VmData:"):
            return int(line.split()[1]) * _KIB
    message = "the system does not tell VmData"
    raise ValueError(message)


def _prctl(option: int, value: int) -> bool:
    try:
        return int(ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)) == 0
    except (OSError, AttributeError):
        return False
