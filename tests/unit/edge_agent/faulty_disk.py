"""A disk that loses at a power cut what was not synced, and moments before, within and after every call to it."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, Final, Self, cast

import pytest

from tests.unit.edge_agent.device import Power

Content = dict[str, bytes]

_SHARED_MEMORY: Final = "/dev/shm"  # noqa: S108  each makes a folder of its own there
IN_MEMORY: Final = _SHARED_MEMORY if os.access(_SHARED_MEMORY, os.W_OK) else None
"""Where files cost little, if there is such a place: what is lost and what is left is the same on any disk."""


class Disk:
    """One folder with those below it. A file's bytes are durable when it was synced, its name when its folder was."""

    def __init__(self, root: Path, power: Power) -> None:
        """Take all that is there now to be durable."""
        self.root = root
        self.power = power
        self._names: dict[Path, dict[str, int]] = {}
        self._contents: dict[int, bytes] = {}
        self.settle()

    def settle(self) -> None:
        """Let all that is there now be durable."""
        self._names.clear()
        self._contents.clear()
        for folder in (self.root, *(path for path in self.root.rglob("*") if path.is_dir())):
            files = [path for path in folder.iterdir() if path.is_file()]
            self._names[folder] = {path.name: path.stat().st_ino for path in files}
            self._contents |= {path.stat().st_ino: path.read_bytes() for path in files}

    def lose(self) -> None:
        """Lose what is not durable, as a power cut may. A name that is durable without its bytes is an empty file."""
        kept = {
            folder: {name: self._contents.get(inode, b"") for name, inode in names.items()}
            for folder, names in self._names.items()
        }
        for path in self.root.rglob("*"):
            if path.is_file():
                path.unlink()
        for folder, contents in kept.items():
            for name, content in contents.items():
                (folder / name).write_bytes(content)
        self.settle()

    def begun(self, inode: int) -> None:
        """A file was made; whatever was durable under its number is another file's."""
        self._contents.pop(inode, None)

    def synced(self, descriptor: int) -> None:
        """A file or a folder was synced."""
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        if path.is_dir():
            self._names[path] = {each.name: each.stat().st_ino for each in path.iterdir() if each.is_file()}
        else:
            self._contents[os.fstat(descriptor).st_ino] = path.read_bytes()


class _TornFile:
    """A file whose every write has a moment in its middle, when half of it is there."""

    def __init__(self, file: BinaryIO, power: Power) -> None:
        self._file = file
        self._power = power

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, content: bytes) -> int:
        self._power.tick()
        self._file.write(content[: len(content) // 2])
        self._file.flush()
        self._power.tick()
        self._file.write(content[len(content) // 2 :])
        return len(content)

    def flush(self) -> None:
        self._file.flush()
        self._power.tick()

    def fileno(self) -> int:
        return self._file.fileno()


_WRITES: Final = "wb"


def watch_system_calls(disk_of: Callable[[], Disk | None], power: Power, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a moment before and after each open for writing, write, sync, rename and removal; ``disk_of`` is told."""
    opens, replaces, unlinks, links = Path.open, Path.replace, Path.unlink, Path.hardlink_to

    def open_(path: Path, mode: str = "r", *more: Any, **others: Any) -> Any:  # noqa: ANN401  that of the library
        if mode != _WRITES:
            return opens(path, mode, *more, **others)
        power.tick()
        file = cast("BinaryIO", opens(path, mode, *more, **others))
        disk = disk_of()
        if disk is not None:
            disk.begun(os.fstat(file.fileno()).st_ino)
        return _TornFile(file, power)

    def fsync(descriptor: int) -> None:
        power.tick()
        disk = disk_of()
        if disk is not None:
            disk.synced(descriptor)
        power.tick()

    def replace(path: Path, target: Path) -> Path:
        power.tick()
        moved = replaces(path, target)
        power.tick()
        return moved

    def unlink(path: Path, missing_ok: bool = False) -> None:  # noqa: FBT001, FBT002  that of the library
        power.tick()
        unlinks(path, missing_ok)
        power.tick()

    def hardlink_to(path: Path, target: Path) -> None:
        power.tick()
        links(path, target)
        power.tick()

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(Path, "hardlink_to", hardlink_to)
    monkeypatch.setattr(Path, "open", open_)
    monkeypatch.setattr(Path, "replace", replace)
    monkeypatch.setattr(Path, "unlink", unlink)
