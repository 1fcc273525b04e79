"""Rollouts as the tests of the strategies' machines drive them: what the plan says, how a wave went."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from tests.support.functions import Answer
from tests.support.machines import CONCLUDE_ROLLOUT, PLAN_ROLLBACK, PLAN_ROLLOUT, Cloud, Run

DEPLOYMENT: Final = "dep_01KS"


def plan(
    *,
    waves: int = 1,
    auto_rollback: bool = True,
    timeout_seconds: int = 60,
    batch_delay_seconds: int = 0,
    canary_delay_seconds: int = 0,
    switch_delay_seconds: int = 0,
    outcome: str = "planned",
) -> dict[str, object]:
    """Return an answer of plan_rollout."""
    return {
        "outcome": outcome,
        "waves": waves,
        "timeout_seconds": timeout_seconds,
        "batch_delay_seconds": batch_delay_seconds,
        "canary_delay_seconds": canary_delay_seconds,
        "switch_delay_seconds": switch_delay_seconds,
        "auto_rollback": auto_rollback,
    }


def went(*, wave: int = 1, failed: int = 0, tolerated: int = 0, total: int = 10) -> dict[str, object]:
    """Return the answer to a wave in which every device is accounted for."""
    return {
        "wave": wave,
        "total": total,
        "succeeded": total - failed,
        "failed": failed,
        "tolerated": tolerated,
        "settled": True,
        "breached": failed > tolerated,
    }


@dataclass
class Rollouts:
    """Starts one deployment's execution of a strategy's machine."""

    cloud: Cloud
    strategy: str
    input: dict[str, str] = field(default_factory=lambda: {"deployment_id": DEPLOYMENT})
    change: Callable[[str], str] = lambda text: text
    """Changes the text of the strategy's definition."""

    def __post_init__(self) -> None:
        """Make the machine; what its functions answer fits most tests."""
        self.cloud.create(self.strategy, change=self.change)
        for machine in ("deploy_wave", "handle_breach"):
            self.cloud.create(machine)
        self.cloud.set_status(DEPLOYMENT, "running")
        self.cloud.functions.answers(CONCLUDE_ROLLOUT, {"status": "completed"})

    def start(self, *planned: Answer) -> Run:
        """Start the execution; plan_rollout answers so."""
        self.cloud.functions.answers(PLAN_ROLLOUT, *planned)
        return self.cloud.start(self.strategy, DEPLOYMENT, self.input)

    def ends(self) -> list[dict[str, Any]]:
        """Return what conclude_rollout was asked."""
        return self.cloud.functions.asked(CONCLUDE_ROLLOUT)

    def end(self, outcome: str) -> dict[str, str]:
        """Return what conclude_rollout should be asked when nothing broke."""
        return {"deployment_id": DEPLOYMENT, "outcome": outcome}

    def make_rollback(self) -> None:
        """Make the rollback machine; what it is started for ends at once."""
        self.cloud.create("rollback")
        self.cloud.functions.answers(PLAN_ROLLBACK, {"outcome": "refused", "total": 0, "timeout_seconds": 60})

    def rollback(self) -> Run:
        """Return the rollback that the machine has started, once it has ended."""
        assert self.cloud.executions("rollback") == [f"{DEPLOYMENT}-rollback-1"]
        run = self.cloud.started("rollback", f"{DEPLOYMENT}-rollback-1")
        assert run.ended() == "SUCCEEDED"
        return run
