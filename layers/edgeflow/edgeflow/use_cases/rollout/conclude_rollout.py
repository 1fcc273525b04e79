"""The last step of an execution: account for every target, give up the claims, write how the deployment ended."""

import json
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, assert_never

from edgeflow.contract.history.details import Actor
from edgeflow.contract.reasons import Reason
from edgeflow.domain.causes import first_cause
from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.deployments import ACTIVE, Deployment, DeploymentStatus, Target, TargetStatus, list_some
from edgeflow.domain.errors import CannotBeRead
from edgeflow.domain.history import Entry, Part, ended, system
from edgeflow.use_cases.rollout.claims import Claims
from edgeflow.use_cases.rollout.close_wave import CloseCause, CloseWave
from edgeflow.use_cases.rollout.mend_targets import MendTargets
from edgeflow.use_cases.rollout.ports import Deployments, TargetLists, Targets
from edgeflow.use_cases.rollout.return_late import ReturnLate
from edgeflow.use_cases.rollout.skip_targets import SkipTargets

MAX_CAUSE_LENGTH: Final = 500
_BY_ITSELF: Final = system(Part.CONCLUDE_ROLLOUT)
_GIVEN_UP: Final = frozenset({TargetStatus.SKIPPED, TargetStatus.FAILED})
_NOTHING_TO_RETURN_TO: Final = frozenset({Reason.UNREADABLE.value, Reason.NO_SUCH_VERSION.value})


class RolloutEnd(StrEnum):
    """How a strategy's execution ended."""

    SETTLED = "settled"
    """Every wave was deployed, each within its threshold."""
    BREACHED = "breached"
    """The last wave exceeded its threshold, and nothing rolls back by itself."""
    BROKEN = "broken"
    """The execution could not go on."""


class RollbackEnd(StrEnum):
    """How a rollback's execution ended."""

    RETURNED = "returned"
    """Every device of its plan is accounted for."""
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class ConcludeRollout:
    """End a deployment. Repeatable: a deployment that has ended stays as it ended."""

    deployments: Deployments
    targets: Targets
    manifests: TargetLists
    claims: Claims
    close_wave: CloseWave
    skip_targets: SkipTargets
    return_late: ReturnLate
    clock: Clock

    def rollout(
        self, deployment_id: str, end: RolloutEnd, *, cause: str = "", by: Actor = _BY_ITSELF
    ) -> DeploymentStatus:
        """End a strategy's execution and return the deployment's status. ``cause`` says what broke."""
        deployment = self.deployments.get(deployment_id)
        if deployment.status not in ACTIVE:
            return deployment.status  # somebody else has taken over, or this is a repetition
        targets = self._account_for_all(deployment_id, why="the deployment ended before its turn came")
        status, reason = _how_it_ended(deployment, end, targets, cause)
        entry = Entry(at=timestamp(self.clock()), actor=by, details=ended(status, targets))
        return self._finish(deployment, targets, allowed=ACTIVE, to=status, reason=reason, entry=entry)

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
        return self._finish(deployment, targets, allowed=cancelling, to=cancelled, reason=reason, entry=entry)

    def rollback(
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
        self._finish(deployment, targets, allowed=rolling_back, to=status, reason=reason, entry=entry)
        return self._go_on(self.deployments.get(deployment_id), end)

    def _go_on(self, deployment: Deployment, end: RollbackEnd) -> DeploymentStatus:
        """Begin the next attempt for devices that this one has passed by; returns the deployment's status then.

        Looked at after the end was written: a success that is noted later finds the end, and begins it itself. What
        broke is left to an operator: it could break for ever.
        """
        goes_on = end is RollbackEnd.RETURNED and self.return_late(deployment.id)
        return DeploymentStatus.ROLLING_BACK if goes_on else deployment.status

    def _account_for_all(self, deployment_id: str, *, why: str) -> list[Target]:
        """Leave no job behind of an execution that broke or was stopped, and no target that waits for its turn."""
        self.close_wave.all_at_work(deployment_id, cause=CloseCause.STOP)
        self.skip_targets(deployment_id, why=why)
        return MendTargets(self.targets, self.clock).all(deployment_id)

    def _finish(
        self,
        deployment: Deployment,
        targets: list[Target],
        *,
        allowed: frozenset[DeploymentStatus] | set[DeploymentStatus],
        to: DeploymentStatus,
        reason: str,
        entry: Entry,
    ) -> DeploymentStatus:
        # The list as asked for, too: planning may have claimed devices and died before it wrote targets.
        devices = dict.fromkeys([*self._asked_for(deployment.id), *(target.device_id for target in targets)])
        self.claims.release(deployment.id, deployment.flow_id, devices)
        if self.deployments.finish(deployment.id, allowed=allowed, to=to, reason=reason, at=entry.at, entry=entry):
            return to
        return self.deployments.get(deployment.id).status

    def _asked_for(self, deployment_id: str) -> list[str]:
        """Return the list of targets; of one that cannot be read nothing was planned that is not among the targets."""
        try:
            return self.manifests.read(deployment_id)
        except CannotBeRead:
            return []


def in_a_sentence(cause: str) -> str:
    """Return what broke, as people read it.

    States name an error as ``Error: Cause``; where a function failed, the cause is Lambda's JSON with the
    whole stack trace, of which the message is enough. Where an execution failed that this one had started, it is
    Step Functions' JSON of that one, with an error and a cause of its own. The logs have the rest.
    """
    error, _, told = cause.partition(": ")
    try:
        document = json.loads(told)
    except ValueError:
        return cause[:MAX_CAUSE_LENGTH]
    match document:
        case {"errorMessage": str(message)}:
            return f"{error}: {message}"[:MAX_CAUSE_LENGTH]
        case {"Error": str(inner)}:
            return in_a_sentence(f"{inner}: {document.get('Cause') or 'no cause was given'}")
        case _:
            return cause[:MAX_CAUSE_LENGTH]


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
        return f"{targets} targets are without the flow"
    return f"{targets} targets run version {deployment.version}"


def _had_nothing(targets: list[Target]) -> str:
    count = sum(target.had_nothing for target in targets)
    return f"; {count} did not have it before" if count else ""


def _what_is_missing(deployment: Deployment, targets: list[Target], failed: list[str]) -> str:
    """Say of a rollout that reached its end which targets did not succeed, and what reaches them."""
    offline = [target.device_id for target in targets if target.reason == Reason.OFFLINE]
    of_all = f"of {deployment.total_targets} targets"
    missing = [f"{len(failed)} {of_all} failed: {list_some(failed)}"] if failed or not offline else []
    if offline:
        were = "was" if len(offline) == 1 else "were"
        skipped = f"{len(offline)} {of_all} {were} skipped as offline: {list_some(offline)}"
        missing.append(f"{skipped}; retry reaches what is missing")
    return f"reached its end, but {', and '.join(missing)}{first_cause(targets)}"


def _how_far_it_came(deployment: Deployment, targets: list[Target]) -> str:
    counts = Counter(target.status for target in targets)
    succeeded, failed = counts[TargetStatus.SUCCESS], counts[TargetStatus.FAILED]
    total = deployment.total_targets
    return (
        f"{deployment.status_reason}: {succeeded} of {_succeeded(deployment, total)}, {failed} failed,"
        f" {total - succeeded - failed} were not reached; rollback returns the devices that changed"
    )


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
                f"{len(stuck) + len(late)} devices did not return to the version before:"
                f" {list_some(stuck + late)}; roll back again{_for_lost(lost)}"
            )
            return DeploymentStatus.FAILED, reason
        case RollbackEnd.RETURNED:
            left_alone = (
                f"; left alone, since another deployment changed them: {list_some(moved_on)}" if moved_on else ""
            )
            return (
                DeploymentStatus.ROLLED_BACK,
                f"{returned} devices returned to what they ran before{left_alone}{first_cause(targets)}",
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
