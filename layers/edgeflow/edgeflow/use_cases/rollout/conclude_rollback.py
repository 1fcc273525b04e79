"""The last step of a rollback attempt's execution: write how it ended, and go on where a device was passed by."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, assert_never

from edgeflow.contract.history.details import Actor
from edgeflow.contract.reasons import Reason
from edgeflow.contract.wording import agreeing, counted
from edgeflow.domain.causes import first_cause
from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.deployments import Deployment, DeploymentStatus, Target, TargetStatus, list_some
from edgeflow.domain.history import Entry, Part, ended, system
from edgeflow.use_cases.rollout.finish_deployment import FinishDeployment
from edgeflow.use_cases.rollout.mend_targets import MendTargets
from edgeflow.use_cases.rollout.ports import Deployments, Targets
from edgeflow.use_cases.rollout.return_late import ReturnLate

_BY_ITSELF: Final = system(Part.CONCLUDE_ROLLBACK)
_GIVEN_UP: Final = frozenset({TargetStatus.SKIPPED, TargetStatus.FAILED})
_NOTHING_TO_RETURN_TO: Final = frozenset({Reason.UNREADABLE.value, Reason.NO_SUCH_VERSION.value})


class RollbackEnd(StrEnum):
    """How a rollback's execution ended."""

    RETURNED = "returned"
    """Every device of its plan is accounted for."""
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class ConcludeRollback:
    """End a rollback attempt. Repeatable: what has ended stays as it ended."""

    deployments: Deployments
    targets: Targets
    finish_deployment: FinishDeployment
    return_late: ReturnLate
    clock: Clock

    def __call__(
        self, deployment_id: str, attempt: int, end: RollbackEnd, *, cause: str = "", by: Actor = _BY_ITSELF
    ) -> DeploymentStatus:
        """End a rollback attempt's execution and return the deployment's status: rolling back, if it has to go on."""
        deployment = self.deployments.get(deployment_id)
        if deployment.status is not DeploymentStatus.ROLLING_BACK or deployment.rollbacks != attempt:
            return self._go_on(deployment, end)  # a repetition; the first call may have died before it went on
        targets = MendTargets(self.targets, self.clock).all(deployment_id)
        status, how = _how_it_returned(end, targets, attempt, cause)
        reason = f"{deployment.status_reason}; {how}"  # why it was begun stays
        entry = Entry(at=timestamp(self.clock()), actor=by, details=ended(status, targets, attempt=attempt))
        rolling_back = {DeploymentStatus.ROLLING_BACK}
        self.finish_deployment(deployment, targets, allowed=rolling_back, to=status, reason=reason, entry=entry)
        return self._go_on(self.deployments.get(deployment_id), end)

    def _go_on(self, deployment: Deployment, end: RollbackEnd) -> DeploymentStatus:
        """Begin the next attempt for devices that this one has passed by; returns the deployment's status then.

        Looked at after the end was written: a success that is noted later finds the end, and begins it itself. What
        broke is left to an operator: it could break for ever.
        """
        goes_on = end is RollbackEnd.RETURNED and self.return_late(deployment.id)
        return DeploymentStatus.ROLLING_BACK if goes_on else deployment.status


def _how_it_returned(end: RollbackEnd, targets: list[Target], attempt: int, cause: str) -> tuple[DeploymentStatus, str]:
    # Nothing is at work any more: a target that is, was damaged after the plan was made.
    stuck = [
        target.device_id
        for target in targets
        if target.status in {TargetStatus.ROLLBACK_FAILED, TargetStatus.DEPLOYING}
    ]
    lost = [
        target.device_id
        for target in targets
        if target.status is TargetStatus.ROLLBACK_FAILED and target.reason in _NOTHING_TO_RETURN_TO
    ]
    # A device that took the version up at the very moment the rollback was planned is not in its plan.
    late = [
        target.device_id
        for target in targets
        if (target.status is TargetStatus.SUCCESS or (target.reached_late and target.status in _GIVEN_UP))
        and target.rollback_attempt < attempt
        and target.reason != Reason.MOVED_ON
        and not target.had_nothing
    ]
    moved_on = [target.device_id for target in targets if target.reason == Reason.MOVED_ON]
    returned = sum(target.status is TargetStatus.ROLLED_BACK for target in targets)
    match end:
        case RollbackEnd.BROKEN:
            return (
                DeploymentStatus.FAILED,
                f"the rollback could not go on: {cause or 'no cause was given'}; roll back again",
            )
        case RollbackEnd.RETURNED if stuck or late:
            reason = (
                f"{counted(len(stuck) + len(late), 'device')} did not return to the version before:"
                f" {list_some(stuck + late)}; roll back again{_for_lost(lost)}"
            )
            return DeploymentStatus.FAILED, reason
        case RollbackEnd.RETURNED:
            left_alone = (
                f"; left alone, since another deployment changed them: {list_some(moved_on)}" if moved_on else ""
            )
            they = agreeing(returned, "it", "they")
            return (
                DeploymentStatus.ROLLED_BACK,
                f"{counted(returned, 'device')} returned to what {they} ran before{left_alone}{first_cause(targets)}",
            )
        case _:
            assert_never(end)


def _for_lost(devices: list[str]) -> str:
    if not devices:
        return ""
    return (
        f"; nobody can tell what {list_some(devices)} ran before, which no rollback mends:"
        " deploy the version that they are to run"
    )
