"""What the stack will cost, as docs/costs.md reckons it from this template."""

import re
from collections.abc import Iterator
from typing import Final

from operations.preflight.findings import Finding, warning, well

CHECK: Final = "price"
_TABLE: Final = re.compile(
    r"^\| (?P<title>[^|*]+) \| quantity \| dollars \|$.+?^\| \*\*together\*\* \| \| \*\*(?P<dollars>[\d.,]+)\*\* \|$",
    re.MULTILINE | re.DOTALL,
)
_AS_OF: Final = re.compile(r"as of (\d{4}-\d{2}-\d{2})")


def price(page: str) -> Iterator[Finding]:
    """Say what each bill of the page comes to; ``page`` is the text of docs/costs.md."""
    bills = [f"${bill['dollars']} for {bill['title']}" for bill in _TABLE.finditer(page)]
    as_of = _AS_OF.search(page)
    if not bills or as_of is None:
        yield warning(
            CHECK,
            "docs/costs.md tells none",
            why="a fleet that grows could cost more than it may",
            remedy="make costs writes the page anew",
        )
        return
    yield well(CHECK, f"{'; '.join(bills)}: list prices in us-east-1 as of {as_of[1]}; docs/costs.md has each item")
