"""The last step of a strategy's execution: account for every target, then write how the deployment ended."""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, assert_never

from edgeflow.contract.history.details import Actor
from edgeflow.contract.reasons import Reason
from edgeflow.contract.wording import agreeing, counted
from edgeflow.domain.causes import first_cause
from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.deployments import ACTIVE, Deployment, DeploymentStatus, Target, TargetStatus, list_some
from edgeflow.domain.history import Entry, Part, ended, system
from edgeflow.use_cases.rollout.close_wave import CloseCause, CloseWave
from edgeflow.use_cases.rollout.finish_deployment import FinishDeployment
from edgeflow.use_cases.rollout.mend_targets import MendTargets
from edgeflow.use_cases.rollout.ports import Deployments, Targets
from edgeflow.use_cases.rollout.skip_targets import SkipTargets

_BY_ITSELF: Final = system(Part.CONCLUDE_ROLLOUT)


class RolloutEnd(StrEnum):
    """How a strategy's execution ended."""

    SETTLED = "settled"
    """Every wave was deployed, each within its threshold."""
    BREACHED = "breached"
    """The last wave exceeded its threshold, and nothing rolls back by itself."""
    BROKEN = "broken"
    """The execution could not go on."""


@dataclass(frozen=True, slots=True)
class ConcludeRollout:
    """End a deployment whose strategy goes no further. Repeatable: what has ended stays as it ended."""

    deployments: Deployments
    targets: Targets
    close_wave: CloseWave
    skip_targets: SkipTargets
    finish_deployment: FinishDeployment
    clock: Clock

    def __call__(
        self, deployment_id: str, end: RolloutEnd, *, cause: str = "", by: Actor = _BY_ITSELF
    ) -> DeploymentStatus:
        """End a strategy's execution and return the deployment's status. ``cause`` says what broke."""
        deployment = self.deployments.get(deployment_id)
        if deployment.status not in ACTIVE:
            return deployment.status  # somebody else has taken over, or this is a repetition
        targets = self._account_for_all(deployment_id, why="the deployment ended before its turn came")
        status, reason = _how_it_ended(deployment, end, targets, cause)
        entry = Entry(at=timestamp(self.clock()), actor=by, details=ended(status, targets))
        return self.finish_deployment(deployment, targets, allowed=ACTIVE, to=status, reason=reason, entry=entry)

    def cancelled(self, deployment_id: str, *, by: Actor) -> DeploymentStatus:
        """End a deployment that is being cancelled, after its execution was stopped; returns its status."""
        deployment = self.deployments.get(deployment_id)
        cancelling = {DeploymentStatus.CANCELLING}
        if deployment.status not in cancelling:
            return deployment.status
        targets = self._account_for_all(deployment_id, why="the deployment was cancelled before its turn came")
        reason = _how_far_it_came(deployment, targets)
        cancelled = DeploymentStatus.CANCELLED
        entry = Entry(at=timestamp(self.clock()), actor=by, details=ended(cancelled, targets))
        return self.finish_deployment(deployment, targets, allowed=cancelling, to=cancelled, reason=reason, entry=entry)

    def _account_for_all(self, deployment_id: str, *, why: str) -> list[Target]:
        """Leave no job behind of an execution that broke or was stopped, and no target that waits for its turn."""
        self.close_wave.all_at_work(deployment_id, cause=CloseCause.STOP)
        self.skip_targets(deployment_id, why=why)
        return MendTargets(self.targets, self.clock).all(deployment_id)


def _how_it_ended(
    deployment: Deployment, end: RolloutEnd, targets: list[Target], cause: str
) -> tuple[DeploymentStatus, str]:
    counts = Counter(target.status for target in targets)
    succeeded = counts[TargetStatus.SUCCESS]
    failed = [target.device_id for target in targets if target.status is TargetStatus.FAILED]
    match end:
        case RolloutEnd.SETTLED if succeeded == len(targets) == deployment.total_targets:
            return DeploymentStatus.COMPLETED, f"all {_succeeded(deployment, succeeded)}{_had_nothing(targets)}"
        case RolloutEnd.SETTLED:
            return DeploymentStatus.FAILED, _what_is_missing(deployment, targets, failed)
        case RolloutEnd.BREACHED:
            reason = (
                f"the failure threshold was exceeded; failed: {list_some(failed)}; auto_rollback is off:"
                f" rollback returns the devices that changed{first_cause(targets)}"
            )
            return DeploymentStatus.FAILED, reason
        case RolloutEnd.BROKEN:
            reason = (
                f"the rollout could not go on: {cause or 'no cause was given'};"
                " rollback returns the devices that changed"
            )
            return DeploymentStatus.FAILED, reason
        case _:
            assert_never(end)


def _succeeded(deployment: Deployment, targets: int) -> str:
    """Say what so many targets do, once they have succeeded."""
    if deployment.version is None:
        return f"{counted(targets, 'target', 'is', 'are')} without the flow"
    return f"{counted(targets, 'target', 'runs', 'run')} version {deployment.version}"


def _had_nothing(targets: list[Target]) -> str:
    count = sum(target.had_nothing for target in targets)
    return f"; {count} did not have it before" if count else ""


def _what_is_missing(deployment: Deployment, targets: list[Target], failed: list[str]) -> str:
    """Say of a rollout that reached its end which targets did not succeed, and what reaches them."""
    offline = [target.device_id for target in targets if target.reason == Reason.OFFLINE]
    of_all = f"of {counted(deployment.total_targets, 'target')}"
    missing = [f"{len(failed)} {of_all} failed: {list_some(failed)}"] if failed or not offline else []
    if offline:
        skipped = (
            f"{len(offline)} {of_all} {agreeing(len(offline), 'was', 'were')} skipped as offline: {list_some(offline)}"
        )
        missing.append(f"{skipped}; retry reaches what is missing")
    return f"reached its end, but {', and '.join(missing)}{first_cause(targets)}"


def _how_far_it_came(deployment: Deployment, targets: list[Target]) -> str:
    counts = Counter(target.status for target in targets)
    succeeded, failed = counts[TargetStatus.SUCCESS], counts[TargetStatus.FAILED]
    total = deployment.total_targets
    left = total - succeeded - failed
    return (
        f"{deployment.status_reason}: {succeeded} of {_succeeded(deployment, total)}, {failed} failed,"
        f" {left} {agreeing(left, 'was', 'were')} not reached; rollback returns the devices that changed"
    )
