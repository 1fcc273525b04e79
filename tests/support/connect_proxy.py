"""An HTTP proxy on loopback that tunnels by CONNECT, and may want to know who asks."""

import asyncio
import base64
import threading
from contextlib import suppress
from typing import Any, Final, Self

_CHUNK_BYTES: Final = 65_536
_SECONDS: Final = 10
_WHO_ASKS: Final = (
    b"HTTP/1.1 407 Proxy Authentication Required\r\n"
    b'Proxy-Authenticate: Basic realm="proxy"\r\n'
    b"Content-Length: 0\r\n\r\n"
)


class ConnectProxy:
    """``with ConnectProxy() as proxy:`` runs it; it leads every tunnel to where it was asked for."""

    def __init__(self, user: tuple[str, str] | None = None) -> None:
        """Let only this user pass, named with the password; None lets everybody pass."""
        self._wanted = "Basic " + base64.b64encode(":".join(user).encode()).decode() if user else None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self.asked: list[str] = []
        """The first line of each request."""
        self.refused = 0
        self.port = 0

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = self._run(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_SECONDS)
        self._loop.close()

    def _run(self, work: Any) -> Any:  # noqa: ANN401  what the work returns
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_SECONDS)

    async def _close(self) -> None:
        self._server.close()
        pending = asyncio.all_tasks() - {asyncio.current_task()}
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            self.asked.append(head[0])
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
            if self._wanted is not None and headers.get("proxy-authorization") != self._wanted:
                self.refused += 1
                writer.write(_WHO_ASKS)
                await writer.drain()
                return
            host, _, port = head[0].split()[1].rpartition(":")
            upstream_reader, upstream_writer = await asyncio.open_connection(host, int(port))
            writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
            try:
                await asyncio.gather(_pump(reader, upstream_writer), _pump(upstream_reader, writer))
            finally:
                upstream_writer.close()
        except (asyncio.IncompleteReadError, OSError):
            return
        finally:
            writer.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while chunk := await reader.read(_CHUNK_BYTES):
            writer.write(chunk)
            await writer.drain()
    writer.close()
