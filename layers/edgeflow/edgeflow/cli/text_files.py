"""Files with text."""

from pathlib import Path

from edgeflow.cli.errors import CommandFailed


def text_of(path: Path) -> str:
    """Return a file's text. Raises CommandFailed."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        message = f"{path} cannot be read: {why}"
        raise CommandFailed(message) from None
