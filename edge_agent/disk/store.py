"""Artifacts on disk, each under its own hash. What is read back is checked again: flash memory forgets."""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from edge_agent.config import DEFAULT_LIMIT
from edge_agent.disk.files import write_atomically
from edgeflow.contract.flow import FlowArtifact

_FOLDER: Final = "artifacts"


class ArtifactDamaged(Exception):
    """The bytes under a hash are not what the hash says."""


class ArtifactUnreadable(Exception):
    """The bytes are right, and still no flow that this agent understands."""


class StoreFull(Exception):
    """The store has no room for it; what it holds is all wanted."""


class ArtifactReader:
    """Reads artifacts, and changes nothing."""

    def __init__(self, directory: Path) -> None:
        """Read those kept in a folder of this one, which need not be there."""
        self._folder = directory / _FOLDER

    def has(self, sha256: str) -> bool:
        """Tell whether the artifact is there, undamaged."""
        try:
            return hashlib.sha256(self._path(sha256).read_bytes()).hexdigest() == sha256
        except OSError:
            return False

    def get(self, sha256: str) -> FlowArtifact:
        """Return an artifact.

        Raises:
            ArtifactDamaged: it is gone, or not what its hash says.
            ArtifactUnreadable: it is not a flow that this agent understands.
        """
        try:
            content = self._path(sha256).read_bytes()
        except OSError as error:
            message = f"artifact {sha256} cannot be read: {error.strerror}"
            raise ArtifactDamaged(message) from error
        if hashlib.sha256(content).hexdigest() != sha256:
            message = f"artifact {sha256} is damaged on disk"
            raise ArtifactDamaged(message)
        try:
            return FlowArtifact.model_validate_json(content)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            place = "/".join(str(part) for part in first["loc"])
            message = f"the artifact is not a flow this agent understands: {place}: {first['msg']}"
            raise ArtifactUnreadable(message) from error

    def _path(self, sha256: str) -> Path:
        return self._folder / f"{sha256}.json"


class ArtifactStore(ArtifactReader):
    """Content-addressed: writing the same artifact twice is writing it once."""

    def __init__(self, directory: Path, *, limit: int = DEFAULT_LIMIT) -> None:
        """Keep artifacts in a folder of this one, ``limit`` bytes at most."""
        super().__init__(directory)
        self._limit = limit
        self._folder.mkdir(parents=True, exist_ok=True)

    def put(self, sha256: str, content: bytes) -> None:
        """Keep bytes whose hash was checked.

        Raises:
            StoreFull: there would be more than the limit.
            OSError: the disk does not take it.
        """
        used = sum(path.stat().st_size for path in self._folder.iterdir() if path.is_file())
        if used + len(content) > self._limit:
            message = (
                f"the store has {used} of {self._limit} bytes in use, and no room for {len(content)} more; "
                "remove flows from the device, or raise store_limit in the agent's settings"
            )
            raise StoreFull(message)
        write_atomically(self._path(sha256), content)

    def keep_only(self, wanted: Iterable[str]) -> None:
        """Remove everything but these artifacts: old ones, and what writes left behind that the power cut short."""
        names = {f"{sha256}.json" for sha256 in wanted}
        for path in self._folder.iterdir():
            if path.name not in names and not path.is_dir():
                path.unlink(missing_ok=True)
