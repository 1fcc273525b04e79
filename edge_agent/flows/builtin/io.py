"""Where nodes wait for the world: one asyncio loop for all flows of a device, on a thread of its own."""

import asyncio
import concurrent.futures
import threading
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

_Result = TypeVar("_Result")
_CLOSE_SECONDS: Final = 5.0


class IoLoop:
    """Starts with the first coroutine it is given. All methods are thread-safe.

    A coroutine that blocks instead of waiting holds up everybody else's; :meth:`replace_if_stuck` leaves it behind.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._closed = False
        self._beats = 0
        self._seen: tuple[int, float] | None = None

    def submit(self, work: Coroutine[Any, Any, _Result]) -> concurrent.futures.Future[_Result]:
        """Run a coroutine; the future has its result, and cancelling the future cancels it.

        Raises:
            RuntimeError: the loop was stopped, or the platform has no thread left.
        """
        try:
            return asyncio.run_coroutine_threadsafe(work, self._running())
        except RuntimeError:
            work.close()
            raise

    def replace_if_stuck(self, now: float, limit: float) -> bool:
        """Leave a loop behind that has not moved for ``limit`` seconds; to be called again and again.

        What it was given stays there and may never end; what is submitted from now on gets a loop that moves.
        """
        with self._lock:
            loop = self._loop
            if loop is None:
                self._seen = None
                return False
            if self._seen is None or self._seen[0] != self._beats:
                self._seen = (self._beats, now)
                loop.call_soon_threadsafe(self._beat)
                return False
            if now - self._seen[1] < limit:
                return False
            self._loop = self._thread = self._seen = None
            loop.call_soon_threadsafe(loop.stop)  # it ends when it comes back
            return True

    def stop(self) -> None:
        """Cancel everything and end; nothing is taken any more."""
        with self._lock:
            self._closed = True
            loop, thread = self._loop, self._thread
            self._loop = self._thread = None
        if loop is not None and thread is not None:
            loop.call_soon_threadsafe(loop.stop)
            thread.join(_CLOSE_SECONDS)

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._closed:
                message = "the device's nodes are being stopped"
                raise RuntimeError(message)
            if self._loop is None:
                loop = asyncio.new_event_loop()
                thread = threading.Thread(target=_serve, args=(loop,), name="flows-io", daemon=True)
                try:
                    thread.start()
                except RuntimeError:
                    loop.close()
                    raise
                self._loop, self._thread = loop, thread
            return self._loop

    def _beat(self) -> None:
        self._beats += 1


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    """Run the loop until it is stopped; then cancel what is left, and close it."""
    asyncio.set_event_loop(loop)
    try:
        while True:
            try:
                loop.run_forever()
                break
            except SystemExit:
                continue  # a node may not end the others' loop; who waits for it hears of it
        left = asyncio.all_tasks(loop)
        for task in left:
            if not task.cancelling():  # one that is cleaning up already must not be kept from it
                task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
    finally:
        loop.close()
