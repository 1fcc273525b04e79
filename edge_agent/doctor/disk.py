"""The disk under the data directory, and whose the files are."""

import os
import pwd
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from edge_agent.doctor.finding import Finding, fail, ok, warn
from edgeflow.contract.wording import counted

MIB: Final = 1024 * 1024
NEEDED_BYTES: Final = 20 * MIB
"""Two versions of the largest artifact, their download, and the state."""
COMFORTABLE_BYTES: Final = 100 * MIB
NEEDED_FILES: Final = 100
Measure = Callable[[Path], os.statvfs_result]


def check_disk(directory: Path, measure: Measure) -> Iterator[Finding]:
    """Check that there is room, and that the agent can write."""
    name = "disk"
    place = _existing(directory)
    try:
        disk = measure(place)
    except OSError as error:
        yield fail(name, f"{place} cannot be measured: {error.strerror}", "look at the mount")
        return
    if disk.f_flag & os.ST_RDONLY:
        remedy = "look why in the kernel's log (a damaged card is mounted so), then mount it rw"
        yield fail(name, f"{place} is mounted read-only", remedy)
        return
    free = disk.f_bavail * disk.f_frsize
    room = f"{free // MIB} MiB are free at {place}"
    if free < NEEDED_BYTES:
        yield fail(name, f"{room}, which is less than {NEEDED_BYTES // MIB}", "make room")
    elif free < COMFORTABLE_BYTES:
        yield warn(name, f"{room}, which is less than {COMFORTABLE_BYTES // MIB}", "make room")
    elif disk.f_files and disk.f_favail < NEEDED_FILES:  # some file systems count none
        yield fail(
            name, f"{room}, but for {counted(disk.f_favail, 'file')} only", "remove small files (df -i says where)"
        )
    else:
        yield ok(name, room)


def _owner_of(path: Path) -> int:
    return path.lstat().st_uid


def check_ownership(directory: Path, owner_of: Callable[[Path], int] = _owner_of) -> Finding:
    """Check that the agent's user can write everything that is in its directory."""
    name = "data_directory"
    if not directory.exists():
        return warn(
            name, f"there is no {directory} yet", "nothing, when the agent's user may make it; the unit does so for it"
        )
    if not directory.is_dir():
        return fail(name, f"{directory} is no directory", "name a directory in the settings, or remove the file")
    owner, me = owner_of(directory), os.geteuid()
    try:
        others = [entry for entry in directory.rglob("*") if owner_of(entry) != owner]
    except OSError as error:
        return fail(name, f"{directory} cannot be looked at: {error.strerror}", f"run as {_user(owner)}")
    if others:
        sentence = f"{others[0]} belongs to {_user(owner_of(others[0]))}, its directory to {_user(owner)}"
        more = f" ({len(others) - 1} more do)" if len(others) > 1 else ""
        return fail(name, sentence + more, f"chown -R {_user(owner)} {directory}, and run the agent as that user only")
    if owner != me:
        sentence = f"{directory} belongs to {_user(owner)}, and this is {_user(me)}"
        return warn(name, sentence, f"run as the agent does: sudo -u {_user(owner)} edgeflow-agent doctor")
    return _check_writing(directory, owner)


def _check_writing(directory: Path, owner: int) -> Finding:
    name = "data_directory"
    try:
        with tempfile.TemporaryFile(dir=directory) as file:
            file.write(b"x")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return fail(name, f"nothing can be written in {directory}: {error.strerror}", f"chmod u+rwx {directory}")
    return ok(name, f"{directory} belongs to {_user(owner)}, who can write there")


def _existing(path: Path) -> Path:
    return next((folder for folder in (path, *path.absolute().parents) if folder.exists()), Path("/"))


def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)
