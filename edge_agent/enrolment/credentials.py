"""Certificates and keys on the device's disk: a folder for each pair, and one link that says which is in use.

    credentials/
      0001/certificate.pem, private.key
      0002/certificate.pem, private.key
      current -> 0002

A pair is written whole before the link names it, and the link is changed by one rename, so a power cut at any moment
leaves a pair in use whose two files belong together. Pairs that are not in use are the way back: they stay until a pair
that is newer has proven itself.
"""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from edge_agent.disk.files import make_folder, sync_folder, write_atomically
from edge_agent.enrolment.keys import belong_together

FOLDER: Final = "credentials"
CERTIFICATE: Final = "certificate.pem"
PRIVATE_KEY: Final = "private.key"
CURRENT: Final = "current"
_OWNER_ALONE: Final = 0o600
_OWNERS_FOLDER: Final = 0o700


class Credentials:
    """The pairs of one device, by number; a newer one has a higher number."""

    def __init__(self, data_directory: Path) -> None:
        """Look at them under the agent's data directory; nothing is written."""
        self.folder = data_directory / FOLDER

    @property
    def certificate(self) -> Path:
        """The certificate in use."""
        return self.folder / CURRENT / CERTIFICATE

    @property
    def private_key(self) -> Path:
        """The private key in use."""
        return self.folder / CURRENT / PRIVATE_KEY

    def begin(self, key: bytes) -> int:
        """Write a new private key, which only its owner can read; returns the number of its pair. Raises OSError."""
        make_folder(self.folder, _OWNERS_FOLDER)
        number = max(self._numbers(), default=0) + 1
        pair = self._pair(number)
        pair.mkdir(mode=_OWNERS_FOLDER)
        descriptor = os.open(pair / PRIVATE_KEY, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ALONE)
        with os.fdopen(descriptor, "wb") as file:
            file.write(key)
            file.flush()
            os.fsync(file.fileno())
        sync_folder(pair)
        sync_folder(self.folder)
        return number

    def complete(self, number: int, certificate: bytes) -> None:
        """Write the certificate of a key. Raises OSError."""
        write_atomically(self._pair(number) / CERTIFICATE, certificate)

    def use(self, number: int) -> None:
        """Put a complete pair to use, by one rename. Raises OSError."""
        link = self.folder / f".{CURRENT}.new"
        link.unlink(missing_ok=True)
        link.symlink_to(_name(number))
        link.replace(self.folder / CURRENT)
        sync_folder(self.folder)

    def current(self) -> int | None:
        """Return the number of the pair in use; None when there is none."""
        try:
            name = (self.folder / CURRENT).readlink().name
        except OSError:
            return None
        return int(name) if name.isdecimal() else None

    def others(self) -> list[int]:
        """Return the pairs that are whole and not in use, the newest first."""
        current = self.current()
        return [number for number in sorted(self._numbers(), reverse=True) if number != current and self._whole(number)]

    def drop_older(self) -> None:
        """Remove what is older than the pair in use, which has proven itself. Raises OSError."""
        current = self.current()
        if current is not None:
            self._drop(number for number in self._numbers() if number < current)

    def drop_unused(self) -> None:
        """Remove every pair but the one in use, such as what a try that died has left. Raises OSError."""
        self._drop(number for number in self._numbers() if number != self.current())

    def drop_incomplete(self) -> None:
        """Remove what a try that died or was refused has left: keys without a certificate. Raises OSError."""
        whole = {self.current(), *self.others()}
        self._drop(number for number in self._numbers() if number not in whole)

    def _drop(self, numbers: Iterable[int]) -> None:
        for number in sorted(numbers):
            # The key goes first: half a pair is no pair.
            (self._pair(number) / PRIVATE_KEY).unlink(missing_ok=True)
            shutil.rmtree(self._pair(number))
        if self.folder.exists():
            sync_folder(self.folder)

    def _numbers(self) -> list[int]:
        if not self.folder.exists():
            return []
        return [int(entry.name) for entry in self.folder.iterdir() if entry.name.isdecimal()]

    def _whole(self, number: int) -> bool:
        pair = self._pair(number)
        try:
            return belong_together((pair / CERTIFICATE).read_bytes(), (pair / PRIVATE_KEY).read_bytes())
        except OSError:
            return False

    def _pair(self, number: int) -> Path:
        return self.folder / _name(number)


def _name(number: int) -> str:
    return f"{number:04}"
