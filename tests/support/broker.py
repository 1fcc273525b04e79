"""An MQTT 5 broker on loopback, as far as a device can see AWS IoT: TLS, grants, acknowledgements, ``$next``.

It keeps what it was told, and refuses what a test wants refused. Nothing is routed between clients.
"""

import asyncio
import json
import re
import ssl
import struct
import threading
from dataclasses import dataclass, field
from typing import Any, Final, Self

_CONNECT, _PUBLISH, _DISCONNECT = 1, 3, 14
_CONNACK, _PUBACK, _SUBACK, _UNSUBACK, _PINGRESP = 0x20, 0x40, 0x90, 0xB0, 0xD0
NOT_AUTHORIZED: Final = 0x87
_NEXT: Final = re.compile(r"\$aws/things/[^/]+/jobs/\$next/get")
_UPDATE: Final = re.compile(r"\$aws/things/[^/]+/jobs/[^/$]+/update")
_SECONDS: Final = 10


@dataclass
class Connection:
    """One that was made, as its client told it."""

    client_id: str
    keep_alive: int
    alpn: str | None
    subscriptions: list[str] = field(default_factory=list)
    publishes: list[tuple[str, bytes]] = field(default_factory=list)


class Broker:
    """``with Broker(context) as broker:`` runs it."""

    def __init__(
        self,
        context: ssl.SSLContext | None,
        *,
        refuses_connections: int = 0,
        refuses: str = r"(?!)",
        answers_next: bool = True,
    ) -> None:
        """Serve TLS by this context; ``refuses_connections`` is a reason code, ``refuses`` matches topics."""
        self._context = context
        self._code = refuses_connections
        self._refused = re.compile(refuses)
        self._answers_next = answers_next
        self.job: dict[str, Any] | None = None
        """The execution that is next, until it has ended."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="broker", daemon=True)
        self.connections: list[Connection] = []
        self.attempts = 0
        self.port = 0

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = self._run(asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._context))
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_SECONDS)
        self._loop.close()

    def takes_connections(self) -> None:
        """Refuse no connection any more."""
        self._code = 0

    def _run(self, work: Any) -> Any:  # noqa: ANN401  what the work returns
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_SECONDS)

    async def _close(self) -> None:
        self._server.close()
        pending = asyncio.all_tasks() - {asyncio.current_task()}
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.attempts += 1
        connection: Connection | None = None
        try:
            while True:
                first = (await reader.readexactly(1))[0]
                body = await reader.readexactly(await _length(reader))
                kind = first >> 4
                if kind == _CONNECT:
                    tls = writer.get_extra_info("ssl_object")
                    connection = _connected(body, tls.selected_alpn_protocol() if tls else None)
                    writer.write(_packet(_CONNACK, bytes([0, self._code, 0])))
                    if self._code:
                        await writer.drain()
                        return
                    self.connections.append(connection)
                elif connection is None or kind == _DISCONNECT:
                    return
                else:
                    self._answer(connection, writer, first, body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

    def _answer(self, connection: Connection, writer: asyncio.StreamWriter, first: int, body: bytes) -> None:
        match first >> 4:
            case 8:  # SUBSCRIBE
                filters = _filters(body)
                connection.subscriptions += filters
                codes = bytes(NOT_AUTHORIZED if self._refused.search(topic) else 1 for topic in filters)
                writer.write(_packet(_SUBACK, body[:2] + b"\0" + codes))
            case 10:  # UNSUBSCRIBE
                writer.write(_packet(_UNSUBACK, body[:2] + b"\0" + bytes(1)))
            case 12:  # PINGREQ
                writer.write(_packet(_PINGRESP, b""))
            case 3:  # PUBLISH
                self._take(connection, writer, first, body)
            case _:  # acknowledgements of what it did not ask for
                pass

    def _take(self, connection: Connection, writer: asyncio.StreamWriter, first: int, body: bytes) -> None:
        topic, rest = _text(body)
        quality = first >> 1 & 3
        packet_id, rest = (rest[:2], rest[2:]) if quality else (b"", rest)
        payload = _after_properties(rest)
        refused = self._refused.search(topic) is not None
        if not refused:
            connection.publishes.append((topic, payload))
        if quality:
            writer.write(_packet(_PUBACK, packet_id + bytes([NOT_AUTHORIZED if refused else 0, 0])))
        if refused:
            return
        answer: dict[str, Any] | None = None
        if self._answers_next and _NEXT.fullmatch(topic):
            answer = {"timestamp": 1} | ({"execution": self.job} if self.job is not None else {})
        elif _UPDATE.fullmatch(topic) and self.job is not None:
            answer = {"timestamp": 1}
            self.job = self.job | {"status": "IN_PROGRESS"}
            if json.loads(payload)["status"] != "IN_PROGRESS":
                self.job = None
        if answer is not None:
            answer["clientToken"] = json.loads(payload)["clientToken"]
            writer.write(_packet(_PUBLISH << 4, _encode(f"{topic}/accepted") + b"\0" + json.dumps(answer).encode()))


def _connected(body: bytes, alpn: str | None) -> Connection:
    _, rest = _text(body)
    keep_alive = struct.unpack(">H", rest[2:4])[0]
    client_id, _ = _text(_after_properties(rest[4:]))
    return Connection(client_id, keep_alive, alpn)


def _filters(body: bytes) -> list[str]:
    rest = _after_properties(body[2:])
    filters = []
    while rest:
        topic, rest = _text(rest)
        filters.append(topic)
        rest = rest[1:]  # its options
    return filters


def _text(data: bytes) -> tuple[str, bytes]:
    size = struct.unpack(">H", data[:2])[0]
    return data[2 : 2 + size].decode(), data[2 + size :]


def _encode(text: str) -> bytes:
    return struct.pack(">H", len(text.encode())) + text.encode()


def _after_properties(data: bytes) -> bytes:
    size = shift = used = 0
    for byte in data:
        size |= (byte & 0x7F) << shift
        shift += 7
        used += 1
        if not byte & 0x80:
            break
    return data[used + size :]


async def _length(reader: asyncio.StreamReader) -> int:
    length = shift = 0
    while True:
        byte = (await reader.readexactly(1))[0]
        length |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return length


def _packet(first: int, body: bytes) -> bytes:
    length, size = bytearray(), len(body)
    while True:
        size, digit = divmod(size, 128)
        length.append(digit | 0x80 if size else digit)
        if not size:
            return bytes([first]) + bytes(length) + body
