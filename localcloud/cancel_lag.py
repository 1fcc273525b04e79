"""Lets MiniStack end cancelled job executions later, as AWS IoT does; by itself it ends them before it answers.

AWS: "It might take some time for the job to be cancelled." So a device that comes back meanwhile takes its job up. With
``CANCEL_SECONDS`` (default 0: off) the executions end so many seconds after the call; with ``CANCEL_LAGS_OF`` that goes
only for jobs of a thing whose name begins so, which leaves all others as fast as they were.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final

from ministack.core.responses import error_response_json, json_response
from ministack.services import iot

SECONDS: Final = "CANCEL_SECONDS"
LAGS_OF: Final = "CANCEL_LAGS_OF"
_BAD_REQUEST: Final = 400

_Answer = Any


def install() -> None:
    """Wrap the emulator's ways to cancel, if they are to lag. Call it once, before the emulator starts."""
    seconds = float(os.environ.get(SECONDS) or 0)
    if seconds:
        _Lag(seconds, os.environ.get(LAGS_OF, "")).install()


class _Lag:
    def __init__(self, seconds: float, prefix: str) -> None:
        self._seconds = seconds
        self._prefix = prefix
        self._cancel_job = iot._cancel_job  # noqa: SLF001  the emulator has no hook for this
        self._cancel_part = iot._cancel_job_execution  # noqa: SLF001
        self._under_way: dict[tuple[str, ...], asyncio.Task[None]] = {}

    def install(self) -> None:
        iot._cancel_job = self._job_later  # noqa: SLF001
        iot._cancel_job_execution = self._part_later  # noqa: SLF001

    async def _job_later(self, job_id: str, payload: dict[str, Any], query: dict[str, Any]) -> _Answer:
        job = iot._jobs.get(job_id)  # noqa: SLF001
        things = [each["thingName"] for each in iot._job_executions.values() if each["jobId"] == job_id]  # noqa: SLF001
        if job is None or job["status"] != "IN_PROGRESS" or not self._lags(things):
            return await self._cancel_job(job_id, payload, query)
        if not self._later((job_id,), lambda: self._cancel_job(job_id, payload, query)):
            return error_response_json("InvalidRequestException", f"Job {job_id} is being canceled", _BAD_REQUEST)
        return json_response({"jobArn": job["jobArn"], "jobId": job_id})

    async def _part_later(self, thing: str, job_id: str, payload: dict[str, Any], query: dict[str, Any]) -> _Answer:
        execution = iot._job_executions.get((thing, job_id))  # noqa: SLF001
        if execution is None or execution["status"] not in {"QUEUED", "IN_PROGRESS"} or not self._lags([thing]):
            return await self._cancel_part(thing, job_id, payload, query)
        self._later((job_id, thing), lambda: self._cancel_part(thing, job_id, payload, query))
        return json_response({})

    def _lags(self, things: Iterable[str]) -> bool:
        return any(thing.startswith(self._prefix) for thing in things)

    def _later(self, what: tuple[str, ...], cancel: Callable[[], Awaitable[_Answer]]) -> bool:
        """Cancel when the time is over. False: that is under way already."""
        if what in self._under_way:
            return False

        async def wait_and_cancel() -> None:
            try:
                await asyncio.sleep(self._seconds)
                await cancel()  # of what has ended meanwhile nothing is left to cancel
            finally:
                del self._under_way[what]

        self._under_way[what] = asyncio.create_task(wait_and_cancel())  # in this request's account and region
        return True
