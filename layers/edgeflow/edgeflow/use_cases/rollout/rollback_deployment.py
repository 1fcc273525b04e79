"""Rolling a deployment back because an operator asks for it."""

from dataclasses import dataclass
from typing import Final

from edgeflow.contract.history.deployments import RollbackRequested, RollbackStarted
from edgeflow.contract.history.details import Actor
from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.deployments import ACTIVE, CAN_ROLL_BACK, SETTLED, Deployment, DeploymentStatus, list_some
from edgeflow.domain.errors import Conflict, Unavailable
from edgeflow.domain.history import Entry, Part, system
from edgeflow.domain.returns import Running, plan_returns
from edgeflow.domain.unreadable import Unreadable
from edgeflow.use_cases.rollout.claims import Claims, describe_conflicts
from edgeflow.use_cases.rollout.executions import ROLLBACK_MACHINE, rollback_name
from edgeflow.use_cases.rollout.plan_rollback import Origin
from edgeflow.use_cases.rollout.ports import Deployments, Installs, Targets, Workflows

_MAX_LOOKS: Final = 8
_DONE: Final = "the deployment is rolled back already"


@dataclass(frozen=True, slots=True)
class RollbackDeployment:
    """Mark the deployment and tell who asked, in one write, then start the rollback machine. Repeatable.

    What is refused leaves nothing behind. A machine that was never started is by the next call, or by the safety net.
    """

    deployments: Deployments
    targets: Targets
    installs: Installs
    claims: Claims
    workflows: Workflows
    clock: Clock

    def __call__(self, deployment_id: str, *, by: Actor) -> Deployment:
        """Return the deployment, rolling back.

        Raises:
            NotFound: there is no such deployment.
            Conflict: there is nothing to roll back, or it is done.
            Unavailable: the execution could not be started now; rolling back again goes on.
        """
        for _ in range(_MAX_LOOKS):
            deployment = self.deployments.get(deployment_id)
            if deployment.status is DeploymentStatus.ROLLING_BACK:
                return self.execute(deployment)
            if deployment.status not in CAN_ROLL_BACK or deployment.never_started:
                raise Conflict(_why_not(deployment))
            if deployment.status not in ACTIVE:
                self._refuse_pointless(deployment)
            marked = self._mark(deployment, by=by)
            if marked is not None:
                return self.execute(marked)
        message = "the deployment's status changes too fast; try again"
        raise Unavailable(message)

    def execute(self, deployment: Deployment) -> Deployment:
        """Start the execution of the attempt that a deployment is at, unless that was done; returns the deployment."""
        payload = {
            "deployment_id": deployment.id,
            "attempt": deployment.rollbacks,
            "origin": Origin.OPERATOR.value,
            "reason": deployment.status_reason,
        }
        self.workflows.start(ROLLBACK_MACHINE, rollback_name(deployment.id, deployment.rollbacks), payload)
        return deployment

    def once_more(self, deployment: Deployment, *, why: str) -> Deployment:
        """Begin another attempt without anybody asking, for devices that a rollback has passed by.

        Raises:
            Conflict: the deployment has changed since it was read, or its flow was deleted.
            Unavailable: as a call.
        """
        attempt = deployment.rollbacks + 1
        started = RollbackStarted(attempt=attempt, origin=Origin.LATE_SUCCESS.value)
        begun = self.deployments.begin_rollback(
            deployment.id,
            attempt=attempt,
            execution_arn=self.workflows.execution_arn(ROLLBACK_MACHINE, rollback_name(deployment.id, attempt)),
            reason=why,
            entry=Entry(at=timestamp(self.clock()), actor=system(Part.PLAN_ROLLBACK), details=started),
        )
        return self.execute(begun)

    def _mark(self, deployment: Deployment, *, by: Actor) -> Deployment | None:
        """Let nothing go forward; returns the deployment. None: its status has changed since it was read."""
        attempt = deployment.rollbacks + 1
        at = timestamp(self.clock())
        started = RollbackStarted(attempt=attempt, origin=Origin.OPERATOR.value)
        try:
            return self.deployments.begin_rollback(
                deployment.id,
                attempt=attempt,
                execution_arn=self.workflows.execution_arn(ROLLBACK_MACHINE, rollback_name(deployment.id, attempt)),
                reason=f"rollback asked for by {by}",
                entry=Entry(at=at, actor=system(Part.PLAN_ROLLBACK), details=started),
                asked=Entry(at=at, actor=by, details=RollbackRequested(attempt=attempt)),
            )
        except Conflict:
            present = self.deployments.get(deployment.id)
            if (present.status, present.rollbacks) == (deployment.status, deployment.rollbacks):
                raise
            return None

    def _refuse_pointless(self, deployment: Deployment) -> None:
        """Refuse what would return no device: none was changed, or others have changed all of them since."""
        targets = list(self.targets.all(deployment.id))
        again = deployment.status is DeploymentStatus.ROLLED_BACK
        if not again and any(isinstance(target, Unreadable) or target.status not in SETTLED for target in targets):
            return  # what became of those is looked at by the rollback itself
        settled = [target for target in targets if not isinstance(target, Unreadable)]
        found = self.installs.many([target.device_id for target in settled], deployment.flow_id)
        running = {
            device_id: None
            if isinstance(install, Unreadable)
            else Running(version=install.version, deployment_id=install.deployment_id)
            for device_id, install in found.items()
        }
        plan = plan_returns(settled, running, deployment_id=deployment.id, attempt=deployment.rollbacks + 1)
        wanted = [entry.device_id for entry in plan.jobs]
        held = self.claims.conflicts(deployment.id, deployment.flow_id, wanted)
        if len(held) < len(wanted) or (not again and (plan.direct or plan.lost)):
            return
        if again and not held:
            raise Conflict(_DONE)
        if held:
            raise Conflict(describe_conflicts(held))
        if plan.moved_on:
            message = f"every device that it changed has moved on since: {_whereto(plan.moved_on, running)}"
            raise Conflict(message)
        message = "no device was changed by it: there is nothing to roll back"
        raise Conflict(message)


def _whereto(devices: list[str], running: dict[str, Running | None]) -> str:
    """Say what devices run by now, and which deployments brought it."""
    by_state: dict[str, list[str]] = {}
    for device_id in sorted(devices):
        now = running[device_id] or Running()
        runs = "no version" if now.version is None else f"version {now.version}"
        by_state.setdefault(f"{runs} by {now.deployment_id or 'nobody'}", []).append(device_id)
    return "; ".join(f"{list_some(names)} to {state}" for state, names in by_state.items())


def _why_not(deployment: Deployment) -> str:
    match deployment.status:
        case DeploymentStatus.PENDING:
            return "the deployment has not started: there is nothing to roll back"
        case DeploymentStatus.CANCELLING:
            return "the deployment is being cancelled; roll it back as soon as it is cancelled"
        case DeploymentStatus.CANCELLED:
            return "the deployment was cancelled before it started: there is nothing to roll back"
        case _:
            return _DONE
