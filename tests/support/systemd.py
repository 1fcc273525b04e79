"""systemd's end of the notification socket."""

import socket
from pathlib import Path
from typing import Final, Self

_HEARS_WITHIN_SECONDS: Final = 20
_DATAGRAM_BYTES: Final = 65_536


class Systemd:
    """Hears what a service tells; ``with Systemd(address) as systemd:``. The address is as in NOTIFY_SOCKET."""

    def __init__(self, address: str | Path) -> None:
        """Listen at a path, or at ``@name``, which is no file."""
        self.address = str(address)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)

    def __enter__(self) -> Self:
        self._socket.bind("\0" + self.address[1:] if self.address.startswith("@") else self.address)
        self._socket.settimeout(_HEARS_WITHIN_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def heard(self) -> str:
        """Return the next thing that is told; TimeoutError when there is none in time."""
        return self._socket.recv(_DATAGRAM_BYTES).decode()

    def heard_until(self, wanted: str) -> list[str]:
        """Return what is told up to this line."""
        lines = [self.heard()]
        while lines[-1] != wanted:
            lines.append(self.heard())
        return lines

    def heard_so_far(self) -> list[str]:
        """Return what was told already and not heard yet, without waiting."""
        self._socket.setblocking(False)
        lines = []
        try:
            while True:
                lines.append(self.heard())
        except BlockingIOError:
            return lines
        finally:
            self._socket.settimeout(_HEARS_WITHIN_SECONDS)
