"""Threads on which nodes do what blocks: so many for each flow, whatever its nodes ask for."""

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from typing import Any, Final, TypeVar

from edgeflow.contract.nodes.base import MAX_WAITING

MAX_THREADS: Final = 16
"""Twice what one ``http_request`` may do at once: a server that hangs does not hold up the other nodes of its flow."""

_Result = TypeVar("_Result")


class TooMuchWork(RuntimeError):
    """So much waits for a thread that no more is taken."""


class _Job:
    """What is to be done, and who waits for it."""

    def __init__(self, work: Callable[[], Any], loop: asyncio.AbstractEventLoop) -> None:
        self._work = work
        self._loop = loop
        self.done: asyncio.Future[Any] = loop.create_future()

    def do(self) -> None:
        """Do it, on a thread of its own, and tell."""
        result, error = None, None
        try:
            result = self._work()
        except BaseException as fault:  # noqa: BLE001  who waits for it raises it
            error = fault
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(self._tell, result, error)

    def _tell(self, result: object, error: BaseException | None) -> None:
        if self.done.cancelled():
            return
        if error is not None:
            self.done.set_exception(error)
        else:
            self.done.set_result(result)


class Threads:
    """At most ``limit`` threads, each there only while there is work. All methods are thread-safe.

    They keep nothing from ending: what hangs is left to itself, and takes one of these threads until it comes back.
    """

    def __init__(self, limit: int = MAX_THREADS) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._busy = 0
        self._waiting: deque[_Job] = deque()

    async def do(self, work: Callable[[], _Result]) -> _Result:
        """Do what blocks, as soon as a thread is free; returns what it returns, raises what it raises.

        Who gives up waiting for it takes it back when it has not begun.

        Raises:
            TooMuchWork: too much waits already.
            RuntimeError: the platform has no thread left.
        """
        job = _Job(work, asyncio.get_running_loop())
        self._take(job)
        try:
            result: _Result = await job.done
        except asyncio.CancelledError:
            with self._lock, contextlib.suppress(ValueError):  # it has begun
                self._waiting.remove(job)
            raise
        return result

    async def lend(self, begin: Callable[[], Coroutine[Any, Any, _Result]]) -> _Result:
        """Await what ``begin`` returns; :func:`in_thread` uses these threads in it."""
        _of_the_flow.set(self)
        return await begin()

    def _take(self, job: _Job) -> None:
        with self._lock:
            if self._busy >= self._limit:
                if len(self._waiting) >= MAX_WAITING:
                    message = "too much waits for a thread"
                    raise TooMuchWork(message)
                self._waiting.append(job)
                return
            threading.Thread(target=self._work_off, args=(job,), name="flows-work", daemon=True).start()
            self._busy += 1

    def _work_off(self, job: _Job | None) -> None:
        while job is not None:
            job.do()
            job = self._next()

    def _next(self) -> _Job | None:
        with self._lock:
            if self._waiting:
                return self._waiting.popleft()
            self._busy -= 1
            return None


_of_the_flow: ContextVar[Threads] = ContextVar("threads of the flow that is at work")
_of_nobody: Final = Threads()


async def in_thread(work: Callable[[], _Result]) -> _Result:
    """Do what blocks on one of the flow's threads, and wait for it; returns what it returns, raises what it raises.

    A flow has :data:`MAX_THREADS` of them, and what is too much waits. Unlike those of ``asyncio.to_thread``, they keep
    nothing from ending: what hangs is left to itself. So work must have an end of its own, or a flow runs out of them.

    Raises:
        TooMuchWork: too much waits already; a message that was handled so counts as dropped.
        RuntimeError: the platform has no thread left.
    """
    return await _of_the_flow.get(_of_nobody).do(work)
