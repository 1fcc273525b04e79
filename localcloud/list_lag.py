"""Lets MiniStack's lists be behind, as those of AWS IoT may be; by itself each has the last change.

AWS IoT's lists are eventually consistent. So a list of a thing's certificates or of a job's executions that was read a
moment ago is answered in the same way for ``LIST_SECONDS`` (:mod:`localcloud.lags`).
"""

import time
from collections.abc import Callable
from typing import Any, Final

from ministack.services import iot

from localcloud import lags

_OK: Final = 200
_Answer = Any


def install() -> None:
    """Wrap the emulator's lists, if they are to lag. Call it once, after all that changes what they tell."""
    seconds = lags.number(lags.LIST_SECONDS)
    if seconds:
        _Lag(seconds).install()


class _Lag:
    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._principals = iot._handle_thing_principals  # noqa: SLF001  the emulator has no hook for this
        self._executions = iot._list_job_executions_for_job  # noqa: SLF001
        self._read: dict[str, tuple[float, _Answer]] = {}

    def install(self) -> None:
        iot._handle_thing_principals = self._principals_as_read  # noqa: SLF001
        iot._list_job_executions_for_job = self._executions_as_read  # noqa: SLF001

    def _principals_as_read(self, method: str, path: str, headers: Any, body: bytes, query: dict[str, Any]) -> _Answer:  # noqa: ANN401
        def answer() -> _Answer:
            return self._principals(method, path, headers, body, query)

        name = path.removeprefix("/things/").removesuffix("/principals")
        return self._as_read(path, answer) if method == "GET" and lags.is_late([name]) else answer()

    def _executions_as_read(self, job_id: str, query: dict[str, Any]) -> _Answer:
        def answer() -> _Answer:
            return self._executions(job_id, query)

        things = [each["thingName"] for each in iot._job_executions.values() if each["jobId"] == job_id]  # noqa: SLF001
        return self._as_read(f"{job_id} {sorted(query.items())}", answer) if lags.is_late(things) else answer()

    def _as_read(self, what: str, answer: Callable[[], _Answer]) -> _Answer:
        now, current = time.monotonic(), answer()
        read_at, earlier = self._read.get(what, (now, current))
        if now - read_at >= self._seconds or current[0] != _OK:  # what is gone is not listed at all
            read_at, earlier = now, current
        self._read[what] = read_at, earlier
        return earlier
