"""What the pages for authors of flows say of a type and of each of its settings: written there, and nowhere twice."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edgeflow.contract.nodes.kinds import NATIVE_TYPE

_LINK: Final = re.compile(r"\[([^\]]+)\]\([^)]+\)")
_ROW: Final = re.compile(r"^\| `(\w+)` \|[^|]*\|\s*(.*?)\s*\|$", re.MULTILINE)
_IN_SHORT: Final = re.compile(r"^\| \[`(\w+)`\]\(#\w+\) \|[^|]*\|[^|]*\| (.*) \|$", re.MULTILINE)


@dataclass(frozen=True)
class Section:
    """What is said of one type.

    Attributes:
        summary: a clause.
        documentation: a paragraph, in Markdown without links.
        settings: a clause for each setting, those of rules included, by name.
    """

    summary: str
    documentation: str
    settings: Mapping[str, str]


def sections(root: Path) -> dict[str, Section]:
    """Return what docs/nodes.md says of each type, and docs/node-red.md of Node-RED's own flows."""
    head, *rest = _read(root / "docs" / "nodes.md").split("\n## ")
    in_short = dict(_IN_SHORT.findall(head))
    found = {name: _section(in_short[name], text) for name, text in map(_named, rest)}
    native = _read(root / "docs" / "node-red.md").partition("\n### Native flows\n")[2].partition("\n## ")[0]
    return found | {NATIVE_TYPE: _section("holds nodes as Node-RED exports them", native)}


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _named(part: str) -> tuple[str, str]:
    name, _, text = part.partition("\n")
    return name, text


def _section(summary: str, text: str) -> Section:
    settings = {row[1]: _plain(row[2]) for row in _ROW.finditer(text)}
    first = re.sub(r":$", ".", _plain(next(_paragraphs(text))))  # an example follows on the page
    return Section(_plain(summary), first, settings)


def _paragraphs(text: str) -> Iterator[str]:
    yield from (" ".join(each.split()) for each in text.strip().split("\n\n"))


def _plain(text: str) -> str:
    return _LINK.sub(r"\1", text).strip()
