"""No text that anybody reads says ``1 devices``: counts before nouns are written by ``contract.wording``."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from edgeflow.contract.wording import agreeing, counted

NOUNS = (
    "batches|canaries|certificates|characters|checks|connections|deployments|devices|edges|entries|errors|executions|"
    "faults|fields|files|flows|groups|hours|items|jobs|keys|levels|lines|members|messages|minutes|nodes|orders|parts|"
    "pieces|places|records|replies|reports|requests|resources|rollbacks|rules|seconds|steps|targets|texts|things|times|"
    "tokens|users|values|variables|versions|waves|wires"
)
SOURCES = ("layers/edgeflow", "functions", "edge_agent", "deployed", "operations")

_PLURAL = re.compile(rf"^ (?:(?:health|more|of the|other|target|thing) )?(?:{NOUNS}|were)\b")
_FINE = re.compile(r"(?:\w+\.)*_?[A-Z][A-Z0-9_]*|(?:counted|agreeing)\(.*\)")
"""Limits, none of which is 1, and what is written by the helper."""


@pytest.mark.parametrize(
    ("count", "noun", "text"),
    [
        (1, "device", "1 device"),
        (0, "device", "0 devices"),
        (2, "device", "2 devices"),
        (1, "batch", "1 batch"),
        (3, "batch", "3 batches"),
        (2, "canary", "2 canaries"),
        (2, "key", "2 keys"),
        (1, "more deployment", "1 more deployment"),
    ],
)
def test_a_noun_goes_with_its_count(count: int, noun: str, text: str) -> None:
    assert counted(count, noun) == text


def test_a_verb_goes_with_the_count() -> None:
    assert [counted(count, "device", "runs", "run") for count in (0, 1, 2)] == [
        "0 devices run",
        "1 device runs",
        "2 devices run",
    ]
    assert [agreeing(count, "was", "were") for count in (0, 1, 2)] == ["were", "was", "were"]


def test_no_text_writes_a_count_before_a_fixed_plural() -> None:
    assert [found for folder in SOURCES for path in sorted(Path(folder).rglob("*.py")) for found in _fixed(path)] == []


def test_what_is_looked_for_is_found() -> None:
    texts = ['f"{n} devices"', 'f"of {len(all_of_them)} health checks,"', 'f"{n} were skipped"']
    fine = ['f"{MAX_LINES} lines"', "f'{counted(n)} devices'", 'f"{n} of them"', "f'{job} times out'"]
    assert [len(list(_plurals(text))) for text in texts] == [1, 1, 1]
    assert [len(list(_plurals(text))) for text in fine[:3]] == [0, 0, 0]


def _fixed(path: Path) -> Iterator[str]:
    for line, text in _plurals(path.read_text(encoding="utf-8")):
        yield f"{path}:{line}: {text}"


def _plurals(source: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.JoinedStr):
            continue
        for value, after in zip(node.values, node.values[1:], strict=False):
            if not isinstance(value, ast.FormattedValue) or not isinstance(after, ast.Constant):
                continue
            expression = ast.unparse(value.value)
            plural = _PLURAL.match(str(after.value))
            if plural and not _FINE.fullmatch(expression):
                yield node.lineno, f"{{{expression}}}{plural.group()}"
