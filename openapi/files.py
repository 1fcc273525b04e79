"""The files that are made of the document."""

import json
from pathlib import Path
from typing import Final

from openapi.document import document

DOCUMENT: Final = "functions/api/openapi.json"
"""The function serves it; docs/openapi.json leads here."""


def contents(root: Path) -> dict[str, str]:  # noqa: ARG001  what docs/api.md has around its marks
    """Return the text of each file by its path from the root, which is the clone."""
    return {DOCUMENT: json.dumps(document(), ensure_ascii=False, indent=1) + "\n"}


def write(root: Path) -> None:
    """Write all files; ``root`` is the clone."""
    for path, content in contents(root).items():
        (root / path).write_text(content, encoding="utf-8")
