"""A stack of the proof's own: deployed, proved, and torn down, whatever comes of it."""

from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from deployed.errors import StackError
from deployed.stack import Stack
from smoke.report import Outcome
from smoke.run import prove_own
from smoke.runner import Runner, Step


class There:
    """A stack that nothing is asked of but its name."""

    name, region = "edgeflow-smoke", "eu-central-1"


@dataclass
class Account:
    """Does what it is told, but for what is to fail; ``asked`` is what it was told, in order."""

    failing: str = ""
    asked: list[str] = field(default_factory=list)

    def _do(self, what: str) -> str:
        self.asked.append(what)
        if what == self.failing:
            raise StackError(what)
        return "well"

    def look(self) -> str:
        return self._do("look")

    def deploy(self) -> Stack:
        self._do("deploy")
        return cast("Stack", There())

    def teardown(self) -> str:
        return self._do("teardown")


def proved(account: Account, *, by: Any = lambda: "well", keeps: bool = False) -> dict[str, Outcome]:  # noqa: ANN401
    runner = Runner(lambda _: None)
    prove_own(runner, account, lambda _: runner.run([Step("proof", by)]), keeps=keeps)
    return {each.name: each.outcome for each in runner.results}


def fails() -> str:
    raise AssertionError


def test_it_is_looked_at_deployed_proved_and_torn_down() -> None:
    account = Account()
    assert set(proved(account).values()) == {Outcome.PASSED}
    assert account.asked == ["look", "deploy", "teardown"]


def test_what_would_not_go_well_is_not_deployed() -> None:
    account = Account(failing="look")
    assert proved(account) == {"preflight": Outcome.FAILED}
    assert account.asked == ["look"], "least of all is it torn down: it may be somebody's"


@pytest.mark.parametrize("keeps", [False, True])
def test_half_a_stack_is_torn_down_and_not_proved(keeps: bool) -> None:  # noqa: FBT001
    account = Account(failing="deploy")
    assert "proof" not in proved(account, keeps=keeps)
    assert ("teardown" in account.asked) is not keeps


def test_a_proof_that_fails_is_torn_down_unless_it_is_to_be_kept() -> None:
    account, kept = Account(), Account()
    assert proved(account, by=fails)["proof"] is Outcome.FAILED
    assert proved(kept, by=fails, keeps=True)["proof"] is Outcome.FAILED
    assert account.asked == ["look", "deploy", "teardown"]
    assert kept.asked == ["look", "deploy"]


def test_a_teardown_that_fails_is_a_failure() -> None:
    assert proved(Account(failing="teardown"))["teardown"] is Outcome.FAILED


def test_whoever_stops_it_leaves_no_stack() -> None:
    def stopped() -> str:
        raise KeyboardInterrupt

    account = Account()
    with pytest.raises(KeyboardInterrupt):
        proved(account, by=stopped)
    assert account.asked[-1] == "teardown"
