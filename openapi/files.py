"""The files that are made of the document."""

import json
from pathlib import Path
from typing import Final

from openapi.api_docs import with_parts
from openapi.document import document
from openapi.page import page

DOCUMENT: Final = "functions/api/openapi.json"
"""The function serves it; docs/openapi.json leads here."""
PAGE: Final = "functions/api/docs.html"
DOCS: Final = "docs/api.md"
"""Of this, what stands between marks."""


def contents(root: Path) -> dict[str, str]:
    """Return the text of each file by its path from the root, which is the clone."""
    whole = document()
    return {
        DOCUMENT: json.dumps(whole, ensure_ascii=False, indent=1) + "\n",
        PAGE: page(whole),
        DOCS: with_parts((root / DOCS).read_text(encoding="utf-8"), whole),
    }


def write(root: Path) -> None:
    """Write all files; ``root`` is the clone."""
    for path, content in contents(root).items():
        (root / path).write_text(content, encoding="utf-8")
