"""The one folder that a flow may keep files in.

A path is resolved level by level from the open folder, and no level may be a symbolic link, so no path leads out of it:
not by ``..``, not by a link that someone puts there, and not when someone does so in between.
"""

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from edgeflow.contract.wording import counted

MAX_FILE_BYTES: Final = 10 * 1024 * 1024
MAX_READ_BYTES: Final = 1024 * 1024
"""What is read is in memory, as often as there are messages that carry it."""
MAX_FOLDER_BYTES: Final = 50 * 1024 * 1024
MAX_FOLDER_FILES: Final = 1_000

_FOLDER_FLAGS: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE_FLAGS: Final = os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK  # a pipe must not hold up the flow
_MODE: Final = 0o640
_FOLDER_MODE: Final = 0o750


class FolderError(Exception):
    """A file cannot be used so; the message is a sentence."""


class FlowFolder:
    """Files below ``root``, which is made when something is first written. ``levels`` are those of a parsed path."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def write(self, levels: Sequence[str], content: bytes) -> None:
        """Replace the file's content, in one step that a power cut cannot halve.

        Raises:
            FolderError: there is no room for it, or something else is in its place.
        """
        with self._parent(levels, make=True) as folder:
            before = self._size(folder, levels)
            self._check_room(levels, len(content), growth=len(content) - (before or 0), new=before is None)
            name, neighbour = levels[-1], f".{levels[-1]}.new"
            try:
                descriptor = os.open(
                    neighbour, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _FILE_FLAGS, _MODE, dir_fd=folder
                )
                with os.fdopen(descriptor, "wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(descriptor)
                os.replace(neighbour, name, src_dir_fd=folder, dst_dir_fd=folder)
                os.fsync(folder)
            except OSError as error:
                _unlink(neighbour, folder)  # a disk that is full needs the room
                raise _cannot(levels, error, "written") from error

    def append(self, levels: Sequence[str], content: bytes) -> None:
        """Put the content at the file's end; all of it or nothing.

        Raises:
            FolderError: there is no room for it, or something else is in its place.
        """
        with self._parent(levels, make=True) as folder:
            before = self._size(folder, levels)
            self._check_room(levels, (before or 0) + len(content), growth=len(content), new=before is None)
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | _FILE_FLAGS
            try:
                descriptor = os.open(levels[-1], flags, _MODE, dir_fd=folder)
            except OSError as error:
                raise _cannot(levels, error, "written") from error
            try:
                _check_own(os.fstat(descriptor), levels)  # again: it could have become another one meanwhile
                _write_all(descriptor, content)
            except OSError as error:
                os.ftruncate(descriptor, before or 0)
                raise _cannot(levels, error, "written") from error
            finally:
                os.close(descriptor)

    def read(self, levels: Sequence[str]) -> bytes:
        """Return the file's content.

        Raises:
            FolderError: there is no such file, or it is too large.
        """
        with self._parent(levels, make=False) as folder:
            size = self._size(folder, levels)
            if size is None:
                message = f"There is no file {_path(levels)!r}."
                raise FolderError(message)
            if size > MAX_READ_BYTES:
                message = f"The file {_path(levels)!r} has {size} bytes; at most {MAX_READ_BYTES} are read."
                raise FolderError(message)
            try:
                with os.fdopen(os.open(levels[-1], os.O_RDONLY | _FILE_FLAGS, dir_fd=folder), "rb") as file:
                    _check_own(os.fstat(file.fileno()), levels)  # again: it could have become another one meanwhile
                    return file.read(MAX_READ_BYTES)
            except OSError as error:
                raise _cannot(levels, error, "read") from error

    def delete(self, levels: Sequence[str]) -> None:
        """Remove the file, if there is one.

        Raises:
            FolderError: something else is in its place, or it cannot be removed.
        """
        try:
            with self._parent(levels, make=False) as folder:
                if self._size(folder, levels) is not None:
                    os.unlink(levels[-1], dir_fd=folder)
        except _NotThereError:
            return
        except OSError as error:
            raise _cannot(levels, error, "removed") from error

    @contextmanager
    def _parent(self, levels: Sequence[str], *, make: bool) -> Iterator[int]:
        """Open the folder that a file is in, level by level."""
        opened = []
        try:
            try:
                if make:
                    self._root.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
                opened.append(os.open(self._root, _FOLDER_FLAGS))
                for level in levels[:-1]:
                    opened.append(_open_folder(level, opened[-1], make=make))
            except FileNotFoundError as error:
                message = f"There is no file {_path(levels)!r}."
                raise _NotThereError(message) from error
            except OSError as error:
                raise _cannot(levels, error, "reached") from error
            yield opened[-1]
        finally:
            for descriptor in reversed(opened):
                os.close(descriptor)

    def _size(self, folder: int, levels: Sequence[str]) -> int | None:
        try:
            found = os.stat(levels[-1], dir_fd=folder, follow_symlinks=False)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _cannot(levels, error, "reached") from error
        _check_own(found, levels)
        return found.st_size

    def _check_room(self, levels: Sequence[str], size: int, *, growth: int, new: bool) -> None:
        if size > MAX_FILE_BYTES:
            message = f"The file {_path(levels)!r} would have {size} bytes; a file has at most {MAX_FILE_BYTES}."
            raise FolderError(message)
        used, files = self._usage()
        if used + growth > MAX_FOLDER_BYTES and growth > 0:
            message = f"The flow's files would have more than {MAX_FOLDER_BYTES} bytes together; let it delete some."
            raise FolderError(message)
        if new and files >= MAX_FOLDER_FILES:
            message = f"The flow has {counted(files, 'file')}, which is the most it may have; let it delete some."
            raise FolderError(message)

    def _usage(self) -> tuple[int, int]:
        used = files = 0
        for _, _, names, folder in os.fwalk(self._root, follow_symlinks=False):
            for name in names:
                try:
                    used += os.stat(name, dir_fd=folder, follow_symlinks=False).st_size
                except FileNotFoundError:
                    continue  # another node of the flow removed it meanwhile
                files += 1
        return used, files


class _NotThereError(FolderError):
    """There is no such file, for its folder is not there."""


def _check_own(found: os.stat_result, levels: Sequence[str]) -> None:
    # A file of two names could be one from outside.
    if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
        message = f"What is at {_path(levels)!r} is no file of the flow's own, but a folder, a link or a device."
        raise FolderError(message)


def _open_folder(level: str, parent: int, *, make: bool) -> int:
    if make:
        with suppress(FileExistsError):
            os.mkdir(level, _FOLDER_MODE, dir_fd=parent)
    return os.open(level, _FOLDER_FLAGS, dir_fd=parent)


def _write_all(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _unlink(name: str, folder: int) -> None:
    with suppress(FileNotFoundError):
        os.unlink(name, dir_fd=folder)


def _cannot(levels: Sequence[str], error: OSError, done: str) -> FolderError:
    if error.errno in {errno.ELOOP, errno.ENOTDIR}:
        return FolderError(f"On the way to {_path(levels)!r} is a link or a file, which no path may go through.")
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return FolderError(f"The device's disk has no room left for {_path(levels)!r}.")
    return FolderError(f"The file {_path(levels)!r} cannot be {done}: {error.strerror or error}.")


def _path(levels: Sequence[str]) -> str:
    return "/".join(levels)
