"""Files with secrets: whole or not there, and from their first byte readable by their owner alone."""

import os
import tempfile
from pathlib import Path

from edgeflow.cli.errors import CommandFailed


def write_private(path: Path, text: str) -> None:
    """Write a file of mode 0600, in place of one that is there. Raises CommandFailed."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600 by itself
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        message = f"{path} cannot be written ({error.strerror}): see that the folder is yours and has room"
        raise CommandFailed(message) from error
