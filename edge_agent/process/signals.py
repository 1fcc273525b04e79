"""Signals as something to be read, one after the other.

A handler in Python runs when the main thread comes back to the interpreter. A signal that arrives just before that
thread waits for a lock finds nobody: the wait goes on for as long as nothing else ends it. So the interpreter writes
each signal to a socket, and the main thread waits by reading from it.
"""

import signal
import socket
from collections.abc import Iterable
from types import TracebackType
from typing import Any, Final, Self

_INTERRUPTED: Final = 0  # no signal has this number


class SignalInbox:
    """While it is entered, these signals do nothing but wait here to be read. For the main thread, once a process."""

    def __init__(self, numbers: Iterable[signal.Signals]) -> None:
        """Nothing is taken over yet."""
        self._numbers = frozenset(numbers)
        self._before: dict[signal.Signals, Any] = {}
        self._reader, self._writer = socket.socketpair()
        self._writer.setblocking(False)

    def __enter__(self) -> Self:
        """Take the signals over."""
        signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        # A handler, or the system's own would end the process; what it would do is done by who reads.
        self._before = {number: signal.signal(number, lambda *_: None) for number in self._numbers}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Give them back to who had them before."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(-1)
        self._writer.close()
        self._reader.close()

    def read(self, patience: float | None = None) -> signal.Signals | None:
        """Wait for the next of the signals, or for ``interrupt``: None.

        Raises:
            TimeoutError: nothing came for so many seconds.
        """
        self._reader.settimeout(patience)
        while (number := self._reader.recv(1)[0]) != _INTERRUPTED:
            if number in self._numbers:
                return signal.Signals(number)
        return None

    def interrupt(self) -> None:
        """Let ``read`` return None. May be called by any thread."""
        self._writer.send(bytes([_INTERRUPTED]))
