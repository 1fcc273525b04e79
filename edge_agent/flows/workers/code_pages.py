"""Giving back pages of libraries that nobody needs any more: starting up runs much code that is never run again.

A page of a library that was read once stays in the memory of the process, though the file has it as well. Given back,
it comes again when it is next used, as a rule without the disk: the system keeps it for a while, in memory that it
takes for something else when it is short of it.

Nothing can be lost. Only code and constants are given back, to which no process may write, and of these only what is,
at that moment, as the file has it: where a loader that fills in addresses, or a debugger, has written all the same, the
system says so of each page. What may be given back is noted while there is one thread. Of the libraries that are loaded
by then none is ever unloaded, so no other thread can have something else mapped in its place later.
"""

import ctypes
import logging
import os
import sys
from array import array
from collections.abc import Iterable, Iterator
from typing import Final

AGENT_EVERY_SECONDS: Final = 3.0
"""Each minute the connection is kept alive, by much code: what that brings stays for a twentieth of the time."""
OTHERS_EVERY_SECONDS: Final = 30.0
"""For workers, which always do the same, and the fork server, which rests."""
MAPS: Final = "/proc/self/maps"
"""What is mapped where, a line each."""
PAGEMAP: Final = "/proc/self/pagemap"
"""How each page is."""
THREADS: Final = "/proc/self/task"
"""An entry for each thread."""
_MADV_DONTNEED: Final = 4
"""Of Linux's mman.h."""
_PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")
_ENTRY_BYTES: Final = 8
"""Of a page, in ``/proc/PID/pagemap``: a number in the order of bytes that the machine has."""
_MARKS: Final = 7 if sys.byteorder == "little" else 0
"""The byte of an entry that has its upper bits, which say how a page is."""
_AT_ONCE: Final = 56
"""Pages that are asked for: more would not fit into what Python's own allocator serves, and the C library's writes to
many pages that are shared."""
_IN_MEMORY: Final = 0x80
_SWAPPED_OUT: Final = 0x40
_OF_FILE: Final = 0x20
_AS_IN_THE_FILE: Final = bytes(
    marks for marks in range(256) if not marks & _SWAPPED_OUT and (not marks & _IN_MEMORY or marks & _OF_FILE)
)
"""Marks of a page that is not there, or is the file's own."""

noted: Final = array("Q")
"""Where a mapping begins, and where it ends, of each in turn. Not as objects, which lie on many pages: to count who
refers to them is to write to these, which else are shared."""

_log = logging.getLogger(__name__)


def note_code() -> int:
    """Note what may be given back from now on, here and in processes that are forked; returns how many mappings.

    To be called with one thread, when all code is loaded. With several, or where the system does not tell, none is.
    """
    del noted[:]
    try:
        if len(os.listdir(THREADS)) == 1:  # noqa: PTH208  no Path, as in kernel.private_bytes
            with open(MAPS, "rb") as lines:  # noqa: PTH123  as above
                mapped = read_only_code(lines)
            for start, end in _as_in_the_file(mapped):
                if noted and noted[-1] == start:
                    noted[-1] = end
                else:
                    noted.extend((start, end))
    except (OSError, ValueError) as error:
        _log.debug("nothing of the code is given back later: %s", error)
    return len(noted) // 2


def give_back_pages() -> int:
    """Give back every page of what was noted that is as the file has it; returns how many bytes these can be.

    May be called by any thread, at any time, and raises nothing.
    """
    given = 0
    if not noted:
        return given
    try:
        madvise = ctypes.pythonapi.madvise  # which is of the C library: it is found among all that the program has
        numbers = iter(noted)
        for start, end in _as_in_the_file(zip(numbers, numbers, strict=True)):
            if madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), _MADV_DONTNEED) == 0:
                given += end - start
    except (OSError, AttributeError) as error:  # such as a C library without it
        _log.debug("no code is given back: %s", error)
    return given


def read_only_code(lines: Iterable[bytes]) -> list[tuple[int, int]]:
    """Return what is mapped of libraries and cannot be written to, by the lines of ``/proc/PID/maps``.

    A library is a file of which something can be run: the others, such as those of languages, may be unmapped.
    """
    found: list[tuple[bytes, tuple[int, int]]] = []
    libraries: set[bytes] = set()
    for line in lines:
        place, permissions, _, _, inode, path = [*line.split(None, 5), *[b""] * 6][:6]
        start, _, end = place.partition(b"-")
        if inode == b"0" or not path.startswith(b"/") or path.startswith(b"/dev/"):
            continue
        try:
            where = int(start, 16), int(end, 16)
        except ValueError:
            continue
        if permissions == b"r-xp":
            libraries.add(path)
        if permissions in {b"r-xp", b"r--p"}:
            found.append((path, where))
    return [where for path, where in found if path in libraries]


def _as_in_the_file(mapped: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield those of which no page was written to. Raises OSError: the system does not tell."""
    pagemap = os.open(PAGEMAP, os.O_RDONLY | os.O_CLOEXEC)
    try:
        for start, end in mapped:
            if _is_as_in_the_file(pagemap, start, end):
                yield start, end
    finally:
        os.close(pagemap)


def _is_as_in_the_file(pagemap: int, start: int, end: int) -> bool:
    for begin in range(start, end, _AT_ONCE * _PAGE_BYTES):
        length = min(_AT_ONCE, (end - begin) // _PAGE_BYTES) * _ENTRY_BYTES
        entries = os.pread(pagemap, length, begin // _PAGE_BYTES * _ENTRY_BYTES)
        if len(entries) != length or entries[_MARKS::_ENTRY_BYTES].translate(None, _AS_IN_THE_FILE):
            return False
    return True
