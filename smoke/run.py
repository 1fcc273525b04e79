"""The whole proof: every step against a stack that is there, and on AWS what comes before and after."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from deployed.stack import Stack
from smoke.report import Outcome
from smoke.runner import Runner, Step
from smoke.steps import access, ending, enrolment, rollouts
from smoke.world import World


class Account(Protocol):
    """Where a stack for the proof alone can be made; each of its methods raises when it cannot."""

    def look(self) -> str:
        """Look whether a deployment would go well, changing nothing."""

    def deploy(self) -> Stack:
        """Build and deploy the stack."""

    def teardown(self) -> str:
        """Delete it with its devices and its data; returns what is left."""


def prove(runner: Runner, stack: Stack, folder: Path, *, patience: float) -> None:
    """Prove a stack that is there; devices of the run keep their files in ``folder``."""
    world = World(stack, folder, patience)
    try:
        for part in (access, enrolment, rollouts, ending):
            runner.run(part.steps(world))
    finally:
        world.close()


def prove_own(runner: Runner, account: Account, prove_it: Callable[[Stack], None], *, keeps: bool = False) -> None:
    """Deploy a stack of the proof's own, prove it by ``prove_it``, and tear it down, whatever comes of it.

    ``keeps`` leaves it there when something has failed, to be looked at.
    """
    made: list[Stack] = []

    def deploy() -> str:
        made.append(account.deploy())
        return f"the stack {made[-1].name} in {made[-1].region}"

    runner.run([Step("preflight", account.look)])
    if runner.results[-1].outcome is not Outcome.PASSED:
        return
    try:
        runner.run([Step("deploy", deploy)])
        if made:
            prove_it(made[-1])
    finally:
        if not (keeps and any(each.outcome is Outcome.FAILED for each in runner.results)):
            runner.run([Step("teardown", account.teardown)])
