"""One deadline for all that a request does, and sockets that keep it.

A time-out of a socket is for each call: who sends a byte a second never lets it pass. Here each call may take what is
left of the whole.
"""

import socket
import ssl
import time
from typing import Any


class Deadline:
    """The moment by which something is to be done, so many seconds from now."""

    def __init__(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that are left, more than none.

        Raises:
            TimeoutError: there are none.
        """
        left = self._at - time.monotonic()
        if left <= 0:
            message = "the time is over"
            raise TimeoutError(message)
        return left


class TimedSocket(socket.socket):
    """A socket that keeps a deadline when it connects, sends, and is read through a file.

    Attributes:
        deadline: until then; without one it is a socket like any other.
    """

    deadline: Deadline | None = None

    def keep(self, deadline: Deadline | None) -> None:
        """End every call from now on by this deadline, with TimeoutError. Raises TimeoutError: it is over."""
        self.deadline = deadline
        self.hurry()

    def hurry(self) -> None:
        """Let the next call take what is left. Raises TimeoutError: nothing is."""
        if self.deadline is not None:
            self.settimeout(self.deadline.left())

    def send(self, *arguments: Any) -> int:  # noqa: ANN401  the library's
        """See the base."""
        self.hurry()
        return super().send(*arguments)

    def sendall(self, *arguments: Any) -> None:  # noqa: ANN401  the library's
        """See the base."""
        self.hurry()
        super().sendall(*arguments)

    def recv_into(self, *arguments: Any) -> int:  # noqa: ANN401  the library's
        """See the base."""
        self.hurry()
        return super().recv_into(*arguments)


class TimedTlsSocket(TimedSocket, ssl.SSLSocket):
    """The same with TLS; to be named as ``sslsocket_class`` of a context."""
