"""Steps: one that fails keeps those from running that build on it, and no other."""

import pytest

from smoke.report import Outcome
from smoke.runner import NotAsExpected, Runner, Step, expect


def fails() -> str:
    expect(False, "dep_1 is failed")
    return "never"


def test_only_what_builds_on_a_failure_is_skipped() -> None:
    said: list[str] = []
    runner = Runner(said.append)
    runner.run([Step("first", fails), Step("second", lambda: "well"), Step("third", lambda: "well", needs=("first",))])
    runner.run([Step("fourth", lambda: "well", needs=("third", "second"))])
    outcomes = [(each.name, each.outcome, each.detail) for each in runner.results]
    assert outcomes == [
        ("first", Outcome.FAILED, "NotAsExpected: dep_1 is failed"),
        ("second", Outcome.PASSED, "well"),
        ("third", Outcome.SKIPPED, "for want of: first"),
        ("fourth", Outcome.SKIPPED, "for want of: third"),
    ]
    assert [line.split()[0] for line in said] == ["FAILED", "ok", "skipped", "skipped"]


def test_a_step_that_was_never_run_is_wanting() -> None:
    runner = Runner(lambda _: None)
    runner.run([Step("first", lambda: "well", needs=("deploy",))])
    assert runner.results[0].outcome is Outcome.SKIPPED


def test_what_holds_is_silent() -> None:
    expect(True, "nothing")
    with pytest.raises(NotAsExpected, match="something"):
        expect(False, "something")
