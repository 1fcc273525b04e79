"""Reading the agent's own log, which is rotated while it is read."""

import json
import os
from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from edge_agent.process.logs import FILES

_TIME_LENGTH: Final = len("2026-02-21 12:00:00,000")


@dataclass(frozen=True, slots=True)
class Tail:
    """The last lines, and the place in the file, in bytes, from which on the next ones come."""

    lines: list[str]
    end: int


def last_lines(path: Path, *, count: int, since: datetime | None = None) -> Tail:
    """Return the last lines, also from the files before this one; ``since`` leaves out what is older.

    A line without a time, such as one of a traceback, goes with the one before it. Raises OSError.
    """
    found: deque[str] = deque(maxlen=count)
    wanted = since is None
    before = [path.with_name(f"{path.name}.{number}") for number in range(FILES - 1, 0, -1)]
    content = path.read_bytes()
    for line in [*_lines_before(before), *content.decode(errors="replace").splitlines(keepends=True)]:
        at = _time_of(line)
        if since is not None and at is not None:
            wanted = at >= since
        if wanted:
            found.append(line)
    return Tail(list(found), len(content))


def new_lines(path: Path, start: int, *, wait: Callable[[], None]) -> Generator[str, None, None]:
    """Return each line from this byte on, for ever; ``wait`` is called when there is none. Raises OSError."""
    file = path.open(encoding="utf-8", errors="replace")
    try:
        if start <= os.fstat(file.fileno()).st_size:  # else it was rotated meanwhile
            file.seek(start)
        begun = ""
        while True:
            line = begun + file.readline()
            if line.endswith("\n"):
                begun = ""
                yield line
                continue
            begun = line
            with suppress(FileNotFoundError):  # between the two renames of a rotation there is none
                if path.stat().st_ino != os.fstat(file.fileno()).st_ino:
                    rest = file.read()  # what came before it was rotated, after the look above
                    if rest:
                        begun += rest
                        yield from begun.splitlines(keepends=True)
                    file.close()
                    file = path.open(encoding="utf-8", errors="replace")
                    begun = ""
                    continue
            wait()
    finally:
        file.close()


def _lines_before(files: list[Path]) -> Iterator[str]:
    for path in files:
        with suppress(FileNotFoundError), path.open(encoding="utf-8", errors="replace") as file:
            yield from file


def _time_of(line: str) -> datetime | None:
    """Return when a line was logged; text has local time, JSON names its zone."""
    with suppress(ValueError, KeyError, TypeError):
        text = json.loads(line)["time"] if line.startswith("{") else line[:_TIME_LENGTH]
        return datetime.fromisoformat(text).astimezone()
    return None
