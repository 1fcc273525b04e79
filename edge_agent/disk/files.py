"""Writing files so that a power cut leaves either the old content or the new, never half of it."""

import os
from pathlib import Path


def write_atomically(path: Path, content: bytes, *, mode: int | None = None) -> None:
    """Replace a file's content; returns when it would survive a power cut.

    The content goes to a neighbour first, is synced, and takes the name's place in one step; then the
    folder is synced, for a rename is only an entry of it. With ``mode`` the file has it before it has any content.
    """
    neighbour = path.with_name(f".{path.name}.new")
    try:
        if mode is not None:
            neighbour.unlink(missing_ok=True)  # whoever has it open would go on reading
            os.close(os.open(neighbour, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode))
        with neighbour.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        neighbour.replace(path)
    except OSError:
        neighbour.unlink(missing_ok=True)  # a disk that is full needs the room
        raise
    sync_folder(path.parent)


def keep_beside(path: Path, beside: Path) -> None:
    """Let another name hold a file's present content, if there is one; where the disk has links, nothing is copied."""
    if not path.exists():
        return
    link = beside.with_name(f".{beside.name}.new")
    try:
        link.unlink(missing_ok=True)
        try:
            link.hardlink_to(path)
        except OSError:  # such as FAT, which has no links
            write_atomically(beside, path.read_bytes())
        else:
            link.replace(beside)
    finally:
        link.unlink(missing_ok=True)  # a rename to another name of the same file leaves both


def sync_folder(folder: Path) -> None:
    """Make the folder's entries survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path, mode: int = 0o777) -> None:
    """Make a folder, and those above it that are missing, so that they survive a power cut. ``mode`` is its own."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(mode=mode, exist_ok=True)
    sync_folder(folder.parent)
