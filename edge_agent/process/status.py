"""How the running agent is, in a file that ``status`` and ``doctor`` read.

It is news of the moment: nothing depends on it after a power cut, so it is not synced, to spare the flash memory.
"""

import logging
import os
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

STATUS_FILE: Final = "status.json"
EVERY_SECONDS: Final = 5.0
"""Written at most so often, and only when there is news."""
_JOIN_SECONDS: Final = 10.0

logger = logging.getLogger(__name__)


class Problem(BaseModel):
    """Something that was logged as a warning or an error."""

    model_config = ConfigDict(frozen=True)

    at: AwareDatetime
    level: str
    message: str


class Status(BaseModel):
    """What the agent says of itself."""

    model_config = ConfigDict(frozen=True)

    pid: int
    agent_version: str
    started_at: AwareDatetime
    connected: bool = False
    connection_since: AwareDatetime
    """Since when it is connected, or is not."""
    connection_error: str = ""
    """Why it is not."""
    last_problem: Problem | None = None
    running: dict[str, int] | None = None
    """The live version of each flow that really runs; None until it is known."""
    standing_by: dict[str, int] | None = None
    """The same of those that stand by."""


class StatusFile:
    """Keeps the file up to date, on a thread of its own. Told from several threads."""

    def __init__(
        self, directory: Path, clock: Callable[[], datetime], *, version: str, every: float = EVERY_SECONDS
    ) -> None:
        """Write into this folder at most each ``every`` seconds; nothing is written yet."""
        self._path = directory / STATUS_FILE
        self._clock = clock
        self._every = every
        self._lock = threading.Lock()
        self._news = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="status", daemon=True)
        now = clock()
        self._status = Status(pid=os.getpid(), agent_version=version, started_at=now, connection_since=now)

    def start(self) -> None:
        """Begin to write."""
        self._news.set()
        self._thread.start()

    def stop(self) -> None:
        """Remove the file: an agent that does not run has nothing to say."""
        self._stopping.set()
        self._news.set()
        if self._thread.ident is not None:
            self._thread.join(_JOIN_SECONDS)
        with suppress(OSError):
            self._path.unlink()

    def connection(self, *, connected: bool, error: str = "") -> None:
        """Note that the connection is there, or why it is not."""
        with self._lock:
            changes: dict[str, Any] = {"connected": connected, "connection_error": error}
            if connected != self._status.connected:
                changes["connection_since"] = self._clock()
            self._change(changes)

    def flows(self, running: Mapping[str, int], standing_by: Mapping[str, int]) -> None:
        """Note which version of each flow really runs, and which stands by."""
        with self._lock:
            self._change({"running": dict(running), "standing_by": dict(standing_by)})

    def problem(self, level: str, message: str) -> None:
        """Note what went wrong last."""
        with self._lock:
            self._change({"last_problem": Problem(at=self._clock(), level=level, message=message)})

    def _change(self, changes: dict[str, Any]) -> None:
        changed = self._status.model_copy(update=changes)
        if changed != self._status:
            self._status = changed
            self._news.set()

    def _run(self) -> None:
        while True:
            self._news.wait()
            if self._stopping.is_set():
                return
            self._news.clear()
            with self._lock:
                content = self._status.model_dump_json(indent=1)
            neighbour = self._path.with_name(f".{STATUS_FILE}.new")
            try:
                neighbour.write_text(content, encoding="utf-8")
                neighbour.replace(self._path)
            except OSError as error:  # not a warning: that would be news again
                logger.info("%s is not written: %s", self._path, error.strerror)
            if self._stopping.wait(self._every):
                return


class Problems(logging.Handler):
    """Notes the last warning or error that was logged."""

    def __init__(self, file: StatusFile, redact: Callable[[str], str] = str) -> None:
        super().__init__(logging.WARNING)
        self._file = file
        self._redact = redact

    def emit(self, record: logging.LogRecord) -> None:
        """Note it."""
        self._file.problem(record.levelname, self._redact(record.getMessage()))


def read_status(directory: Path) -> Status | None:
    """Return what the agent of this folder has said; None when it has said nothing that can be read."""
    try:
        return Status.model_validate_json((directory / STATUS_FILE).read_bytes())
    except (OSError, ValidationError):
        return None
