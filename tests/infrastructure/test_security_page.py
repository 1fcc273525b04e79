"""docs/security.md names tests as proof; here is the proof that they exist."""

import ast
import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
_FILE_AND_TESTS: Final = re.compile(r"`(tests/[\w/]+\.py)`: ((?:`test_\w+`(?:, )?)+)")
_ROWS: Final = [
    line for line in (ROOT / "docs/security.md").read_text(encoding="utf-8").splitlines() if line.startswith("| **")
]


def _named(row: str) -> list[tuple[str, str]]:
    return [(file, test) for file, tests in _FILE_AND_TESTS.findall(row) for test in re.findall(r"`(test_\w+)`", tests)]


@pytest.mark.parametrize("row", _ROWS, ids=lambda row: row.split("**")[1])
def test_each_threat_is_met_by_tests_that_exist(row: str) -> None:
    named = _named(row)
    assert named
    assert len(named) == row.count("`test_"), "each test stands after its file"
    for file, test in named:
        functions = [node.name for node in ast.walk(ast.parse((ROOT / file).read_text())) if hasattr(node, "name")]
        assert test in functions, f"{file} has no {test}"


def test_the_page_names_every_threat_that_was_asked_for() -> None:
    page = "\n".join(_ROWS).lower()
    wanted = ("rogue device", "device certificate", "access token", "malicious flow", "compromised bucket", "replayed")
    assert [threat for threat in wanted if threat not in page] == []
