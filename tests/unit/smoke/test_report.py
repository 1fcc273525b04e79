"""The report: for programs a file, for people a line a step."""

import json
from pathlib import Path

import pytest

from smoke.report import Outcome, Result, passed, write

WELL = Result("token", 0.26, Outcome.PASSED, "the API answers")
ILL = Result("rolling", 12.34, Outcome.FAILED, "NotAsExpected: it is failed")
NOT_RUN = Result("canary", 0, Outcome.SKIPPED, "for want of: rolling")


def test_it_tells_each_step_in_order(tmp_path: Path) -> None:
    path = tmp_path / "smoke-report.json"
    write(path, [WELL, ILL], stack="edgeflow-smoke", region="eu-central-1", started_at="2026-11-29T12:00:00+00:00")
    assert json.loads(path.read_text()) == {
        "stack": "edgeflow-smoke",
        "region": "eu-central-1",
        "started_at": "2026-11-29T12:00:00+00:00",
        "seconds": 12.6,
        "outcome": "failed",
        "steps": [
            {"name": "token", "seconds": 0.3, "outcome": "passed", "detail": "the API answers"},
            {"name": "rolling", "seconds": 12.3, "outcome": "failed", "detail": "NotAsExpected: it is failed"},
        ],
    }


def test_each_line_begins_with_what_became_of_the_step() -> None:
    assert [each.line() for each in (WELL, ILL, NOT_RUN)] == [
        "ok         0.3 s  token: the API answers",
        "FAILED    12.3 s  rolling: NotAsExpected: it is failed",
        "skipped    0.0 s  canary: for want of: rolling",
    ]


@pytest.mark.parametrize(
    ("results", "all_passed"), [([WELL], True), ([], False), ([WELL, ILL], False), ([NOT_RUN], False)]
)
def test_nothing_but_steps_that_passed_is_a_pass(results: list[Result], all_passed: bool) -> None:  # noqa: FBT001
    assert passed(results) is all_passed
