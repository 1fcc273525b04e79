"""docs/api.md tells of every route and every code, and of none that is not there."""

import re
from pathlib import Path

from api.paths import ROUTES
from edgeflow.contract.rest.problem import Code

DOCS = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")


def test_every_route_is_told_and_no_other() -> None:
    told = set(re.findall(r"^\| `([A-Z]+ /v1/\S+)` \|", DOCS, re.MULTILINE))
    there = {
        method + " " + path.replace("<", "{").replace(">", "}")
        for path, methods in ROUTES.items()
        for method in methods
    }
    assert told == there


def test_every_code_is_told_and_no_other() -> None:
    told = set(re.findall(r"^\| `([a-z-]+)` \| [45]\d\d \|", DOCS, re.MULTILINE))
    assert told == {code.value for code in Code}
