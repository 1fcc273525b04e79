"""A server on loopback that takes HTTP requests and is ill in one of many ways."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from enum import Enum
from typing import Final

_JOIN_SECONDS: Final = 10
_DRIP_SECONDS: Final = 0.05
_LOOK_SECONDS: Final = 0.05
_MOST_SECONDS: Final = 30
_MOST_WAITING: Final = 8
"""Connections that are sure to fill the queue of a server that takes none of them."""


class Illness(Enum):
    """What a server does to those who ask it."""

    NEVER_ACCEPTS = "its queue is full, and it takes nobody from it"
    SAYS_NOTHING = "takes the request and is silent"
    DRIPS_STATUS = "a status line without an end, a byte at a time"
    DRIPS_HEADERS = "headers without an end, a byte at a time"
    DRIPS_BODY = "a body without an end, a byte at a time"
    DRIPS_CHUNKS = "chunks without an end, a byte at a time"
    ENDLESS_HEADER = "one header without an end"
    ENDLESS_CHUNK = "a chunk's length without an end"
    ENDLESS_BODY = "a body without an end"
    ENDLESS_CONTINUE = "tells to go on, for ever"
    ENDLESS_REDIRECT = "a redirect whose body has no end"
    REDIRECT_LOOP = "leads to itself"
    CUT_SHORT = "ends within the body it has announced"
    HANGS_UP = "ends without a word"
    RESETS = "resets the connection"
    GARBAGE = "answers something that is not HTTP"


_OK: Final = b"HTTP/1.1 200 OK\r\n"
_FIRST_WORDS: Final = {
    Illness.DRIPS_HEADERS: _OK + b"X-Long: ",
    Illness.DRIPS_BODY: _OK + b"\r\n",
    Illness.DRIPS_CHUNKS: _OK + b"Transfer-Encoding: chunked\r\n\r\n",
    Illness.ENDLESS_HEADER: _OK + b"X-Long: ",
    Illness.ENDLESS_CHUNK: _OK + b"Transfer-Encoding: chunked\r\n\r\n",
    Illness.ENDLESS_BODY: _OK + b"\r\n",
    Illness.ENDLESS_REDIRECT: b"HTTP/1.1 302 Found\r\nLocation: /away\r\n\r\n",
    Illness.REDIRECT_LOOP: b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n",
    Illness.CUT_SHORT: _OK + b"Content-Length: 100\r\n\r\n{}",
    Illness.GARBAGE: b"\x00\xff\x16\x03 220 smtp.example ready\r\n",
}
_DRIPS: Final = {
    Illness.DRIPS_STATUS: b"H",
    Illness.DRIPS_HEADERS: b"h",
    Illness.DRIPS_BODY: b" ",
    Illness.DRIPS_CHUNKS: b"1\r\n \r\n",
}
_FLOODS: Final = {
    Illness.ENDLESS_HEADER: b"h" * 4_096,
    Illness.ENDLESS_CHUNK: b"0" * 4_096,
    Illness.ENDLESS_BODY: b" " * 65_536,
    Illness.ENDLESS_REDIRECT: b" " * 65_536,
    Illness.ENDLESS_CONTINUE: b"HTTP/1.1 100 Continue\r\n\r\n",
}


class IllServer:
    """Takes connections, one thread each, until it is closed; ``asked`` counts them."""

    def __init__(self, illness: Illness, tls: ssl.SSLContext | None = None) -> None:
        """Listen on a free port; with TLS, it is ill after the handshake."""
        self.illness = illness
        self.asked = 0
        self._tls = tls
        self.closing = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=0)
        self.port: int = self._listening.getsockname()[1]
        self.address = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}/"
        self._threads: list[threading.Thread] = []

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Serve until the block is left."""
        with ExitStack() as stack:
            stack.enter_context(self._listening)
            if self.illness is Illness.NEVER_ACCEPTS:
                for _ in range(_MOST_WAITING):
                    waiting = stack.enter_context(socket.socket())
                    waiting.setblocking(False)
                    waiting.connect_ex(("127.0.0.1", self.port))
                yield
                return
            self._listening.settimeout(_LOOK_SECONDS)
            self._begin(self._accept)
            try:
                yield
            finally:
                self.closing.set()
                for thread in self._threads:
                    thread.join(_JOIN_SECONDS)

    def _begin(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, name="ill-server", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self.closing.is_set():
            with suppress(TimeoutError):
                connection, _ = self._listening.accept()
                self.asked += 1
                self._begin(lambda connection=connection: self._answer(connection))  # type: ignore[misc]

    def _answer(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):  # who asked has hung up
            connection.settimeout(_MOST_SECONDS)
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
            with connection:
                connection.recv(65_536)
                self._be_ill(connection)

    def _be_ill(self, connection: socket.socket) -> None:
        illness = self.illness
        if illness is Illness.RESETS:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
            return
        if illness is Illness.SAYS_NOTHING:
            self.closing.wait(_MOST_SECONDS)
        connection.sendall(_FIRST_WORDS.get(illness, b""))
        while illness in _DRIPS and not self.closing.wait(_DRIP_SECONDS):
            connection.sendall(_DRIPS[illness])
        while illness in _FLOODS and not self.closing.is_set():
            connection.sendall(_FLOODS[illness])


@contextmanager
def ill_server(illness: Illness, tls: ssl.SSLContext | None = None) -> Iterator[IllServer]:
    """Serve so until the block is left."""
    server = IllServer(illness, tls)
    with server.serving():
        yield server
