"""Telling systemd that the agent lives, and only while it does: its threads must be heard.

A thread that works here says by :meth:`Pulse.beat` when it will be heard again. One that is late hangs; then systemd is
told nothing any more, and after WatchdogSec it ends the program and starts it anew. What the agent was at is on disk.
Where something holds the interpreter for so long that no thread can even be told to end, the program ends itself.
"""

import faulthandler
import logging
import os
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

BETWEEN_BEATS_SECONDS: Final = 90.0
"""How long a step may take that says nothing else: three requests to AWS IoT that get no answer, and a slow flash."""
_MICROSECONDS: Final = 1_000_000
LEAST_SPARED_SECONDS: Final = 30.0
"""At least so long the program may do nothing at all; or twice WatchdogSec, where that is more: systemd comes first."""

logger = logging.getLogger(__name__)


class Notifier:
    """Speaks systemd's notification protocol: datagrams of ``NAME=value`` lines. Without a socket it says nothing."""

    def __init__(self, address: str = "", *, watchdog_seconds: float | None = None) -> None:
        """Speak to a socket: a path, or ``@name`` for an abstract one. systemd wants a beat each ``watchdog_seconds``.

        Raises:
            ValueError: the address is of another kind, which only systemd of a virtual machine has.
        """
        if address and address[0] not in "/@":
            message = f"NOTIFY_SOCKET is {address!r}; it must be a path, or begin with @"
            raise ValueError(message)
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self.watchdog_seconds = watchdog_seconds

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Notifier":
        """Return what systemd has told this program in its environment; a quiet one when that cannot be used."""
        meant_for = environment.get("WATCHDOG_PID")
        microseconds = environment.get("WATCHDOG_USEC", "")
        watched = microseconds.isdecimal() and int(microseconds) > 0 and meant_for in {None, str(os.getpid())}
        try:
            return cls(
                environment.get("NOTIFY_SOCKET", ""),
                watchdog_seconds=int(microseconds) / _MICROSECONDS if watched else None,
            )
        except ValueError as error:
            logger.warning("%s; systemd is told nothing", error)
            return cls()

    def ready(self) -> None:
        """Tell that the agent has started."""
        self._tell("READY=1")

    def stopping(self) -> None:
        """Tell that the agent is about to end, as it was asked to."""
        self._tell("STOPPING=1")

    def alive(self) -> None:
        """Tell that the agent makes progress."""
        self._tell("WATCHDOG=1")

    def status(self, sentence: str) -> None:
        """Tell what ``systemctl status`` shows, in one line."""
        self._tell(f"STATUS={' '.join(sentence.split())}")

    def _tell(self, line: str) -> None:
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as speaker:
                speaker.setblocking(False)  # a systemd that is busy must not stop the agent
                speaker.connect(self._address)
                speaker.send(line.encode())
        except OSError as error:
            logger.warning("systemd was not told %s: %s", line, error)


@dataclass(slots=True)
class _Heard:
    name: str
    due: float
    """When this thread must have been heard again."""
    busy_until: float = 0.0


class Pulse:
    """Whether each thread that works was heard in time. Used from all of them."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Measure by this clock (seconds)."""
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._threads: dict[int, _Heard] = {}

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Expect beats of the current thread as long as it is in here."""
        thread = threading.current_thread()
        ident = threading.get_ident()
        with self._lock:
            self._threads[ident] = _Heard(thread.name, self._monotonic() + BETWEEN_BEATS_SECONDS)
        try:
            yield
        finally:
            with self._lock:
                self._threads.pop(ident, None)

    def beat(self, waits: float = 0.0) -> None:
        """Say that the current thread makes progress, and may now wait so many seconds besides.

        Nothing in a thread that nobody watches.
        """
        with self._lock:
            heard = self._threads.get(threading.get_ident())
            if heard is not None:
                heard.due = max(heard.busy_until, self._monotonic() + waits + BETWEEN_BEATS_SECONDS)

    @contextmanager
    def busy(self, seconds: float) -> Iterator[None]:
        """Allow what is in here so many seconds as a whole, whatever beats within, as for a download."""
        with self._lock:
            heard = self._threads.get(threading.get_ident())
            if heard is not None:
                heard.busy_until = self._monotonic() + seconds
        self.beat()
        try:
            yield
        finally:
            if heard is not None:
                heard.busy_until = 0.0
            self.beat()

    def late(self) -> dict[int, str]:
        """Return the threads that are not heard any more: name by identifier."""
        now = self._monotonic()
        with self._lock:
            return {ident: heard.name for ident, heard in self._threads.items() if heard.due < now}


class Watchdog:
    """Tells systemd twice in each interval that the agent lives, while no thread is late."""

    def __init__(self, notifier: Notifier, pulse: Pulse) -> None:
        """Watch this pulse. Nothing is done when systemd asked for no watchdog."""
        self._notifier = notifier
        self._pulse = pulse
        self._stopping = threading.Event()
        self._late: dict[int, str] = {}
        self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Tell it as long as the program is in here."""
        if self._notifier.watchdog_seconds is None:
            yield
            return
        self._thread.start()
        try:
            yield
        finally:
            self._stopping.set()
            self._thread.join()
            faulthandler.cancel_dump_traceback_later()

    def look(self) -> None:
        """Tell it once, or log who is late, with the place where that thread is."""
        late = self._pulse.late()
        if not late:
            self._notifier.alive()
        for ident in late.keys() - self._late.keys():
            frame = sys._current_frames().get(ident)  # noqa: SLF001  there is no other way to see where it hangs
            place = "".join(traceback.format_stack(frame)) if frame is not None else "(it is gone)"
            logger.error(
                "thread %r makes no progress, so systemd is to restart the agent; it is at\n%s", late[ident], place
            )
        self._late = late

    def _end_later(self) -> None:
        """End the program when this is not called again in time, whoever holds the interpreter; the log says where."""
        seconds = max(2 * (self._notifier.watchdog_seconds or 0), LEAST_SPARED_SECONDS)
        faulthandler.dump_traceback_later(seconds, exit=True)

    def _run(self) -> None:
        interval = (self._notifier.watchdog_seconds or 0) / 2
        self._end_later()
        self.look()
        while not self._stopping.wait(interval):
            self._end_later()
            self.look()
