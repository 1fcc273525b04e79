"""Runs steps one after the other; one that fails keeps only those from running that build on it."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from smoke.report import Outcome, Result

Say = Callable[[str], None]
_LONGEST_DETAIL: Final = 500


class NotAsExpected(Exception):
    """The stack did something else than it should; the text says what."""


@dataclass(frozen=True)
class Step:
    """One step. ``do`` returns what it saw in a few words, and raises when it is not what it should be.

    ``needs`` are names of steps without which this one can tell nothing.
    """

    name: str
    do: Callable[[], str]
    needs: tuple[str, ...] = ()


@dataclass
class Runner:
    """Runs steps, says what becomes of each, and keeps it in ``results``."""

    say: Say
    results: list[Result] = field(default_factory=list)

    def run(self, steps: Sequence[Step]) -> None:
        """Run the steps in order."""
        for step in steps:
            self.results.append(self._run(step))
            self.say(self.results[-1].line())

    def _run(self, step: Step) -> Result:
        missing = [name for name in step.needs if self._outcome(name) is not Outcome.PASSED]
        if missing:
            return Result(step.name, 0, Outcome.SKIPPED, f"for want of: {', '.join(missing)}")
        began = time.monotonic()
        try:
            detail, outcome = step.do(), Outcome.PASSED
        except Exception as error:  # noqa: BLE001  whatever it is, the other steps tell more, and what was made is removed
            detail, outcome = f"{type(error).__name__}: {error}"[:_LONGEST_DETAIL], Outcome.FAILED
        return Result(step.name, time.monotonic() - began, outcome, detail)

    def _outcome(self, name: str) -> Outcome | None:
        return next((each.outcome for each in self.results if each.name == name), None)


def expect(holds: bool, what: str) -> None:  # noqa: FBT001  it reads as a sentence
    """Raise NotAsExpected, saying what was found, unless it holds."""
    if not holds:
        raise NotAsExpected(what)
