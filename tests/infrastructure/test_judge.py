"""What `make secure` holds findings to: each is accepted with a reason, and nothing is accepted for nothing."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

BUCKET: Final = {"check_id": "CKV_AWS_18", "resource": "AWS::S3::Bucket.Artifacts", "check_name": "no access log"}
PICKLE: Final = {"test_id": "B301", "filename": "./edge_agent/orders.py", "issue_text": "pickle"}
BOTH: Final = """
[[accepted]]
id = "CKV_AWS_18"
on = ["AWS::S3::Bucket.*"]
why = "the API has one"

[[accepted]]
id = "B301"
on = ["edge_agent/orders.py"]
why = "its own process wrote it"
"""


def judge(
    root: Path,
    folder: Path,
    accepted: str,
    *,
    checkov: Any = None,  # noqa: ANN401  JSON
    bandit: list[dict[str, str]],
    lines: int = 9,
) -> tuple[int, list[str]]:
    """Return its exit code, and what it says."""
    reports = {
        "checkov": {"results": {"failed_checks": [BUCKET]}} if checkov is None else checkov,
        "bandit": {"errors": [], "metrics": {"_totals": {"loc": lines}}, "results": bandit},
    }
    (folder / "accepted.toml").write_text(accepted)
    for name, report in reports.items():
        (folder / name).write_text(json.dumps(report))
    done = subprocess.run(  # noqa: S603  a script of this clone
        [sys.executable, str(root / "tools" / "judge.py"), "accepted.toml", "checkov", "bandit"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()


def test_what_is_accepted_with_a_reason_is_well(root: Path, tmp_path: Path) -> None:
    said = ["2 findings of checkov and bandit, each of them accepted with a reason."]
    assert judge(root, tmp_path, BOTH, bandit=[PICKLE]) == (0, said)


def test_what_is_found_elsewhere_is_not_accepted(root: Path, tmp_path: Path) -> None:
    elsewhere = PICKLE | {"filename": "edge_agent/report.py"}
    said = ["B301 in edge_agent/report.py: pickle. Mend it, or accept it with a reason."]
    assert judge(root, tmp_path, BOTH, bandit=[PICKLE, elsewhere]) == (1, said)


def test_what_is_found_no_more_is_taken_off_the_list(root: Path, tmp_path: Path) -> None:
    said = ["B301 in edge_agent/orders.py is accepted, and found nowhere. Take it off the list."]
    assert judge(root, tmp_path, BOTH, bandit=[]) == (1, said)


@pytest.mark.parametrize("lacking", ['why = "its own process wrote it"', 'on = ["edge_agent/orders.py"]'])
def test_nothing_is_accepted_without_a_place_and_a_reason(root: Path, tmp_path: Path, lacking: str) -> None:
    code, (said,) = judge(root, tmp_path, BOTH.replace(lacking, ""), bandit=[PICKLE])
    assert (code, said) == (1, "B301 in accepted.toml needs `on`, where it is, and `why`, the reason")


def test_a_program_that_has_looked_at_nothing_has_found_nothing_and_proves_nothing(root: Path, tmp_path: Path) -> None:
    nothing = {"passed": 0, "failed": 0, "resource_count": 0}
    assert judge(root, tmp_path, BOTH, checkov=nothing, bandit=[PICKLE])[1] == ["checkov has looked at no resource"]
    assert judge(root, tmp_path, BOTH, bandit=[], lines=0)[0] == 1
