"""A TCP connection that a test can cut, slow down and stall: what is between a device and the broker."""

import asyncio
import socket
import struct
import threading
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Final, Self

from localcloud.settings import HOST

_AT_ONCE: Final = struct.pack("ii", 1, 0)
"""SO_LINGER: closing sends a reset, as a router does that has lost the connection, instead of an orderly end."""
_CHUNK_BYTES: Final = 65_536
_ANSWERS_SECONDS: Final = 10


class Wire:
    """Passes on what comes to its own port, on loopback, until it is cut; ``with Wire(port) as wire:`` runs it."""

    def __init__(self, upstream_port: int) -> None:
        """Lead to this port of the same machine; nothing runs yet."""
        self._upstream_port = upstream_port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="wire", daemon=True)
        self._ends: set[asyncio.StreamWriter] = set()
        self._is_cut = False
        self._passes = asyncio.Event()
        self._passes.set()
        self._bytes_per_second: float | None = None
        self.port = 0
        self.connections = 0
        """How many there were that passed."""

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = self._run(asyncio.start_server(self._join, HOST, 0))
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_ANSWERS_SECONDS)
        self._loop.close()

    def cut(self) -> None:
        """Reset every connection, and every one that is tried until it is healed."""
        self._run(self._cut())

    def slow_down(self, bytes_per_second: float) -> None:
        """Take no more than this from a device, as a weak radio link does; what it sends faster piles up before it."""
        self._bytes_per_second = bytes_per_second

    def stall(self) -> None:
        """Let nothing pass to the broker, and close nothing."""
        self._loop.call_soon_threadsafe(self._passes.clear)

    def go_on(self) -> None:
        """Let it pass again."""
        self._loop.call_soon_threadsafe(self._passes.set)

    def heal(self) -> None:
        """Let connections pass again."""
        self._is_cut = False

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401  what the work returns
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_ANSWERS_SECONDS)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            _reset(writer)
            return
        upstream_reader, upstream_writer = await asyncio.open_connection(HOST, self._upstream_port)
        self.connections += 1
        ends = {writer, upstream_writer}
        self._ends |= ends
        try:
            await asyncio.gather(self._pump_up(reader, upstream_writer), _pump(upstream_reader, writer))
        finally:
            self._ends -= ends
            for end in ends:
                end.close()

    async def _pump_up(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while chunk := await reader.read(self._chunk()):
                await self._passes.wait()
                if self._bytes_per_second is not None:
                    await asyncio.sleep(len(chunk) / self._bytes_per_second)
                writer.write(chunk)
                await writer.drain()
        writer.close()

    def _chunk(self) -> int:
        return _CHUNK_BYTES if self._bytes_per_second is None else max(1, int(self._bytes_per_second / 20))

    async def _cut(self) -> None:
        self._is_cut = True
        self._passes.set()
        for end in self._ends:
            if not end.is_closing():
                _reset(end)

    async def _close(self) -> None:
        self._server.close()
        pending = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*pending, return_exceptions=True)


def _reset(writer: asyncio.StreamWriter) -> None:
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
    writer.transport.abort()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while chunk := await reader.read(_CHUNK_BYTES):
            writer.write(chunk)
            await writer.drain()
    writer.close()
