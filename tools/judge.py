# ruff: noqa: INP001  a script, run by its path
"""Holds what checkov and bandit have found to the list of what is accepted: ``judge.py accepted.toml checkov bandit``.

It ends with 1, and a line for each, when something was found that is not accepted, when something is accepted that is
not found any more, and when a program has looked at nothing.
"""

import json
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any


@dataclass(frozen=True, order=True)
class Finding:
    """A check, such as ``CKV_AWS_18`` or ``B301``, the resource or the file in which it fails, and what it says."""

    check: str
    place: str
    text: str


@dataclass(frozen=True)
class Accepted:
    """One place, or several by ``*``, in which a check may fail."""

    check: str
    pattern: str

    def covers(self, finding: Finding) -> bool:
        """Tell whether it speaks of a finding."""
        return self.check == finding.check and fnmatchcase(finding.place, self.pattern)


def accepted_in(document: dict[str, Any]) -> list[Accepted]:
    """Return what the list accepts. Raises ValueError: an entry gives no reason, or no place."""
    found = []
    for entry in document["accepted"]:
        if not str(entry.get("why", "")).strip() or not entry.get("on"):
            message = f"{entry.get('id')} in accepted.toml needs `on`, where it is, and `why`, the reason"
            raise ValueError(message)
        found += [Accepted(entry["id"], pattern) for pattern in entry["on"]]
    return found


def found_by_checkov(report: Any) -> Iterator[Finding]:  # noqa: ANN401  JSON
    """Yield what checkov found. Raises ValueError: it has looked at nothing."""
    if not isinstance(report, dict) or "results" not in report:  # without a resource it says less
        message = "checkov has looked at no resource"
        raise ValueError(message)
    for each in report["results"]["failed_checks"]:
        yield Finding(each["check_id"], each["resource"], each["check_name"])


def found_by_bandit(report: Any) -> Iterator[Finding]:  # noqa: ANN401  JSON
    """Yield what bandit found. Raises ValueError: it has looked at nothing, or could not read a file."""
    if report["errors"] or report["metrics"]["_totals"]["loc"] == 0:
        message = f"bandit has not looked at all of the code: {report['errors']}"
        raise ValueError(message)
    for each in report["results"]:
        yield Finding(each["test_id"], each["filename"].removeprefix("./"), each["issue_text"])


def faults(findings: Iterable[Finding], accepted: Iterable[Accepted]) -> Iterator[str]:
    """Yield a line for each finding that is not accepted, and for each place that is accepted for nothing."""
    all_found, all_accepted = sorted(set(findings)), list(accepted)
    for finding in all_found:
        if not any(each.covers(finding) for each in all_accepted):
            yield f"{finding.check} in {finding.place}: {finding.text}. Mend it, or accept it with a reason."
    for each in all_accepted:
        if not any(each.covers(finding) for finding in all_found):
            yield f"{each.check} in {each.pattern} is accepted, and found nowhere. Take it off the list."


def main(list_of_accepted: str, checkov: str, bandit: str) -> int:
    """Print what is at fault; the exit code says whether anything is."""
    try:
        accepted = accepted_in(tomllib.loads(Path(list_of_accepted).read_text(encoding="utf-8")))
        findings = [
            *found_by_checkov(json.loads(Path(checkov).read_text(encoding="utf-8"))),
            *found_by_bandit(json.loads(Path(bandit).read_text(encoding="utf-8"))),
        ]
    except ValueError as error:
        print(error)  # noqa: T201  a script
        return 1
    told = list(faults(findings, accepted))
    print("\n".join(told) or f"{len(findings)} findings of checkov and bandit, each of them accepted with a reason.")  # noqa: T201
    return int(bool(told))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
