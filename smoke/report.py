"""What became of each step, in a file for programs and a line for people."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

FILE: Final = "smoke-report.json"
_MARKS: Final = {"passed": "ok", "failed": "FAILED", "skipped": "skipped"}


class Outcome(StrEnum):
    """What became of a step. A step is skipped when one that it builds on has failed."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Result:
    """One step: how long it took, and what it saw, or why it failed or was skipped."""

    name: str
    seconds: float
    outcome: Outcome
    detail: str

    def line(self) -> str:
        """Return it for people."""
        return f"{_MARKS[self.outcome]:<7} {self.seconds:6.1f} s  {self.name}: {self.detail}"


def passed(results: Sequence[Result]) -> bool:
    """Tell whether there are steps, and each of them has passed."""
    return bool(results) and all(each.outcome is Outcome.PASSED for each in results)


def write(path: Path, results: Sequence[Result], *, stack: str, region: str, started_at: str) -> None:
    """Write the report: ``stack``, ``region``, ``started_at``, ``seconds``, ``outcome``, and ``steps`` in order."""
    told = {
        "stack": stack,
        "region": region,
        "started_at": started_at,
        "seconds": round(sum(each.seconds for each in results), 1),
        "outcome": Outcome.PASSED if passed(results) else Outcome.FAILED,
        "steps": [asdict(each) | {"seconds": round(each.seconds, 1)} for each in results],
    }
    path.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
