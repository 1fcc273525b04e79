"""One worker's process, as the agent sees it: what is said and heard, what it takes, and how it ends."""

import contextlib
import os
import selectors
import signal
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

from edge_agent.flows.workers.channel import FrameError, FrameReader, encode
from edge_agent.flows.workers.forking import ForkServerProcess, NoWorkers
from edge_agent.flows.workers.hub import Hub
from edge_agent.flows.workers.kernel import private_bytes
from edge_agent.flows.workers.orders import Limits, Order
from edge_agent.flows.workers.sayings import Saying, read_saying

LOOKS_EVERY_SECONDS: Final = 1.0
START_SECONDS: Final = 30.0
"""A worker that has said nothing yet may take so long, if that is more than its ``silence``."""
MAX_WAITING_BYTES: Final = 1024 * 1024
"""What a worker has not read yet of what came for it; more is dropped."""
SAYINGS_A_SECOND: Final = 2_000.0
BYTES_A_SECOND: Final = 8.0 * 1024 * 1024
"""A worker that says more is heard later: it waits, not the agent."""
_READ_BYTES: Final = 64 * 1024
_MAX_LAST_WORDS: Final = 1024 * 1024
_MIB: Final = 1024 * 1024
_numbers: Final = count(1)

Heard = Callable[[Saying, bytes], None]


@dataclass(frozen=True, slots=True)
class Exit:
    """How a process ended: by an exit code, or by a signal as a negative one; None when nobody knows.

    ``why`` is the agent's reason, as a clause, when it was the agent that ended it.
    """

    code: int | None
    why: str | None = None

    @property
    def is_its_own(self) -> bool:
        """Whether the process was there, and its end is what came of what it did."""
        return self.code is not None

    def describe(self) -> str:
        """Return a clause that follows "its process"."""
        if self.why is not None:
            return self.why
        if self.code is None:
            return "is gone, as the fork server is"
        if self.code >= 0:
            return f"ended by itself, with exit code {self.code}"
        if -self.code == signal.SIGKILL:
            return "was killed (SIGKILL), perhaps as the device had no memory left"
        with contextlib.suppress(ValueError):
            return f"was ended by {signal.Signals(-self.code).name}"
        return f"was ended by signal {-self.code}"


class WorkerProcess:
    """Begun once. All methods are for the hub's thread, except :meth:`say`, which is for all."""

    def __init__(
        self,
        hub: Hub,
        fork_server: ForkServerProcess,
        order: Order,
        *,
        on_heard: Heard,
        on_end: Callable[[Exit], None],
    ) -> None:
        """Carry out an order. ``on_heard`` gets each saying with what it carries, ``on_end`` is called once."""
        self._hub = hub
        self._fork_server = fork_server
        self._order = order
        self._limits: Limits = order.limits
        self._on_heard = on_heard
        self._on_end = on_end
        self.number: Final = next(_numbers)
        """Tells processes apart, also those that have ended."""
        self._reader = FrameReader(order.max_body)
        self._lock = threading.Lock()
        self._waiting: deque[memoryview] = deque()
        self._waiting_bytes = 0
        self._channel: socket.socket | None = None
        self._status = -1
        self._status_text = b""
        self._base: int | None = None
        self._has_spoken = False
        self._last_heard = 0.0
        self._paused = False
        self._deaf = False
        self._room = [SAYINGS_A_SECOND, BYTES_A_SECOND]
        self._room_at = 0.0
        self._why: str | None = None
        self.process: int | None = None
        """Process id, once it is known."""
        self.dropped = 0
        """Messages for the worker that it did not read in time."""

    def begin(self) -> None:
        """Have it forked."""
        ours, theirs = socket.socketpair()
        self._status, told = os.pipe()
        ours.setblocking(False)
        os.set_blocking(self._status, False)
        self._channel = ours
        self._last_heard = self._room_at = time.monotonic()
        try:
            self._fork_server.fork(self.number, theirs, told)
        except NoWorkers as error:
            self._why = f"could not be started: {error}"
        finally:
            theirs.close()
            os.close(told)
        self._hub.watch(self._status, selectors.EVENT_READ, self._status_came)
        self._enqueue(encode({}, self._order.dump()), must=True)
        self._watch_channel()
        self._hub.call_later(LOOKS_EVERY_SECONDS, self._look)

    def say(self, about: Mapping[str, Any], body: bytes = b"", *, must: bool = True) -> bool:
        """Tell the worker something; false when it is dropped, for too much waits there and it need not be told."""
        taken = self._enqueue(encode(about, body), must=must)
        if taken:
            self._hub.call(self._watch_channel)
        return taken

    def kill(self, why: str) -> None:
        """End it at once; ``why`` is a clause that follows "its process"."""
        if self._why is None:
            self._why = why
        self._fork_server.kill(self.number)

    # --- Told by the fork server ----------------------------------------------------------------------------------

    def _status_came(self, _: int) -> None:
        data = os.read(self._status, _READ_BYTES)
        self._status_text += data
        lines = self._status_text.split(b"\n")
        if lines[0].startswith(b"error"):
            self._why = f"could not be started: {lines[0][len(b'error') :].strip().decode()}"
        elif len(lines) > 1 and self.process is None:
            self.process = int(lines[0])
            self._base = private_bytes(self.process)
        if not data:
            self._ended(int(lines[1]) if len(lines) > 2 else None)  # noqa: PLR2004  two lines, and nothing after them

    def _ended(self, code: int | None) -> None:
        self._hub.forget(self._status)
        os.close(self._status)
        self._status = -1
        self._hear_last_words()
        channel, self._channel = self._channel, None
        if channel is not None:
            self._hub.forget(channel.fileno())
            channel.close()
        self._on_end(Exit(code, self._why))

    def _hear_last_words(self) -> None:
        channel = self._channel
        left = _MAX_LAST_WORDS
        while channel is not None and left > 0 and self._why is None:
            try:
                data = channel.recv(_READ_BYTES)
            except OSError:
                return
            if not data:
                return
            left -= len(data)
            self._hear(data)

    # --- Said and heard -------------------------------------------------------------------------------------------

    def _enqueue(self, data: bytes, *, must: bool) -> bool:
        with self._lock:
            if not must and self._waiting and self._waiting_bytes + len(data) > MAX_WAITING_BYTES:
                self.dropped += 1
                return False
            self._waiting.append(memoryview(data))
            self._waiting_bytes += len(data)
            return True

    def _watch_channel(self) -> None:
        if self._channel is None:
            return
        hears = not (self._paused or self._deaf)
        events = (selectors.EVENT_READ if hears else 0) | (selectors.EVENT_WRITE if self._waiting else 0)
        if events:
            self._hub.watch(self._channel.fileno(), events, self._channel_ready)
        else:
            self._hub.forget(self._channel.fileno())

    def _channel_ready(self, events: int) -> None:
        if events & selectors.EVENT_WRITE:
            self._send()
        if events & selectors.EVENT_READ and self._channel is not None:
            try:
                data = self._channel.recv(_READ_BYTES)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            if data:
                self._hear(data)
            else:
                self._hub.forget(self._channel.fileno())
                self._channel.close()
                self._channel = None  # its end comes from the fork server
        self._watch_channel()

    def _send(self) -> None:
        with self._lock:
            channel = self._channel
            while channel is not None and self._waiting:
                try:
                    sent = channel.send(self._waiting[0])
                except BlockingIOError:
                    return
                except OSError:
                    self._waiting.clear()
                    self._waiting_bytes = 0
                    return
                self._waiting_bytes -= sent
                rest = self._waiting.popleft()[sent:]
                if rest:
                    self._waiting.appendleft(rest)

    def _hear(self, data: bytes) -> None:
        self._has_spoken = True
        self._last_heard = time.monotonic()
        said = 0
        try:
            for frame in self._reader.feed(data):
                said += 1
                self._on_heard(read_saying(frame), frame.body)
        except FrameError as error:
            self._deaf = True
            self.kill(f"was ended, for it said what nobody understands: {error}")
            return
        self._pause_after(said, len(data))

    def _pause_after(self, said: int, read: int) -> None:
        """Hear no more of it for a while when it says more than there is room for."""
        now = time.monotonic()
        elapsed, self._room_at = now - self._room_at, now
        wait = 0.0
        for index, (used, rate) in enumerate(((said, SAYINGS_A_SECOND), (read, BYTES_A_SECOND))):
            self._room[index] = min(rate, self._room[index] + elapsed * rate) - used
            wait = max(wait, -self._room[index] / rate)
        if wait > 0 and not self._paused:
            self._paused = True
            self._hub.call_later(wait, self._resume)

    def _resume(self) -> None:
        self._paused = False
        self._last_heard = time.monotonic()
        self._watch_channel()

    # --- What it takes --------------------------------------------------------------------------------------------

    def _look(self) -> None:
        if self._status < 0:
            return
        self._hub.call_later(LOOKS_EVERY_SECONDS, self._look)
        used = private_bytes(self.process) if self.process is not None else None
        if used is not None and self._base is not None and used - self._base > self._limits.memory:
            self.kill(f"was ended, for it used more than {self._limits.memory // _MIB} MiB")
            return
        silence = self._limits.silence if self._has_spoken else max(self._limits.silence, START_SECONDS)
        if not self._paused and time.monotonic() - self._last_heard > silence:
            self.kill(f"was ended, for it gave no sign of life for {silence:g} s")
