"""How a file below a flow's folder is named."""

from typing import Final

MAX_PATH_LENGTH: Final = 255
MAX_LEVELS: Final = 8
MAX_LEVEL_BYTES: Final = 200  # Linux: a name has at most 255 bytes; a file being written has a longer one


def parse_file_path(text: str) -> tuple[str, ...]:
    """Return the levels of a path below the folder.

    Raises:
        ValueError: the path is absolute, hidden, too long, or would lead elsewhere.
    """
    levels = tuple(text.split("/"))
    printable = text.isprintable() and "\\" not in text
    if not printable or any(not level or level.startswith(".") or _bytes(level) > MAX_LEVEL_BYTES for level in levels):
        message = (
            "is a path below the flow's folder, such as readings/day.txt; no level may be empty or start with a dot"
        )
        raise ValueError(message)
    if len(text) > MAX_PATH_LENGTH or len(levels) > MAX_LEVELS:
        message = f"has more than {MAX_PATH_LENGTH} characters or {MAX_LEVELS} levels"
        raise ValueError(message)
    return levels


def _bytes(text: str) -> int:
    return len(text.encode(errors="replace"))
