"""As much of an MQTT 3.1.1 broker as it takes to hear what is published, and to publish to who has subscribed."""

import socketserver
import threading
from io import BufferedIOBase
from typing import Final, Self

_CONNECT, _PUBLISH, _SUBSCRIBE, _PINGREQ, _DISCONNECT = 1, 3, 8, 12, 14
_CONNACK: Final = b"\x20\x02\x00\x00"
_PUBACK: Final = b"\x40\x02"
_SUBACK: Final = b"\x90\x03"
_AT_QOS_0: Final = b"\x00"
_PINGRESP: Final = b"\xd0\x00"


def _read_packet(stream: BufferedIOBase) -> tuple[int, bytes]:
    """Return a packet's first byte and its body; (0, b"") at the end."""
    first = stream.read(1)
    length, shift = 0, 0
    while first:
        byte = stream.read(1)
        if not byte:
            break
        length |= (byte[0] & 127) << shift
        shift += 7
        if byte[0] < 128:
            return first[0], stream.read(length)
    return 0, b""


class MqttEar:
    """Takes every client and every message, and remembers ``(topic, payload)``; use it as a context.

    Attributes:
        clients: how many have connected so far.
    """

    def __init__(self) -> None:
        """Take a free port."""
        self._lock = threading.Lock()
        self._heard: list[tuple[str, str]] = []
        self._subscribers: dict[str, list[BufferedIOBase]] = {}
        self.clients = 0
        ear = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                """Speak with one client until it leaves."""
                while True:
                    first, body = _read_packet(self.rfile)
                    kind = first >> 4
                    if kind == _CONNECT:
                        self.wfile.write(_CONNACK)
                        ear.clients += 1
                    elif kind == _PUBLISH:
                        self.wfile.write(ear.take(first, body))
                    elif kind == _SUBSCRIBE:
                        self.wfile.write(_SUBACK + body[:2] + _AT_QOS_0)
                        ear.enlist(body, self.wfile)
                    elif kind == _PINGREQ:
                        self.wfile.write(_PINGRESP)
                    elif kind in {0, _DISCONNECT}:
                        return

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True

        self._server = Server(("127.0.0.1", 0), Handler)
        self.address: tuple[str, int] = ("127.0.0.1", self._server.server_address[1])

    def heard(self) -> list[tuple[str, str]]:
        """Return what was published, in order."""
        with self._lock:
            return list(self._heard)

    def filters(self) -> list[str]:
        """Return the topic filters that somebody has subscribed to."""
        with self._lock:
            return sorted(self._subscribers)

    def publish(self, topic_filter: str, topic: str, payload: bytes) -> None:
        """Send a message at QoS 0 to whoever has subscribed to just this filter."""
        name = topic.encode()
        body = len(name).to_bytes(2) + name + payload
        length = b""
        rest = len(body)
        while rest or not length:
            rest, low = divmod(rest, 128)
            length += bytes([low | (128 if rest else 0)])
        with self._lock:
            for stream in self._subscribers[topic_filter]:
                stream.write(bytes([_PUBLISH << 4]) + length + body)

    def enlist(self, body: bytes, stream: BufferedIOBase) -> None:
        """Send what is published to a subscriber's filter to its stream from now on."""
        end = 4 + int.from_bytes(body[2:4])
        with self._lock:
            self._subscribers.setdefault(body[4:end].decode(), []).append(stream)

    def take(self, first: int, body: bytes) -> bytes:
        """Remember a message; returns what acknowledges it, nothing at QoS 0."""
        end = 2 + int.from_bytes(body[:2])
        topic, rest = body[2:end].decode(), body[end:]
        acknowledged = b""
        if first & 0b0110:
            acknowledged, rest = _PUBACK + rest[:2], rest[2:]
        with self._lock:
            self._heard.append((topic, rest.decode()))
        return acknowledged

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
