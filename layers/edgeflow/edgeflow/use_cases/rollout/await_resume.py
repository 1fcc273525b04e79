"""Holding a paused execution until somebody resumes it."""

from dataclasses import dataclass

from edgeflow.contract.history.deployments import Paused
from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.history import Entry, Part, system
from edgeflow.use_cases.rollout.ports import Deployments, Workflows

BREACHED = (
    "a wave exceeded its failure threshold; resume with accept_failures goes on with the next wave,"
    " rollback returns every device"
)


@dataclass(frozen=True, slots=True)
class AwaitResume:
    """Keep the execution's token while the deployment is paused."""

    deployments: Deployments
    workflows: Workflows
    clock: Clock

    def __call__(self, deployment_id: str, task_token: str, *, breached: bool) -> None:
        """Keep the token, pausing first when a breach is the cause; answer at once when nothing is paused."""
        paused = Paused(cause="breach")
        entry = Entry(at=timestamp(self.clock()), actor=system(Part.AWAIT_RESUME), details=paused)
        held = self.deployments.hold(deployment_id, task_token, reason=BREACHED if breached else None, entry=entry)
        if not held:
            self.workflows.answer(task_token, {"resumed": True})
