"""Planning a rollback: stop what goes forward, then freeze which devices return to which version."""

from dataclasses import dataclass
from enum import StrEnum

from edgeflow.contract.history.deployments import RollbackPlanned, RollbackStarted
from edgeflow.contract.history.details import Details
from edgeflow.contract.reasons import Reason
from edgeflow.domain.breaches import describe_breach
from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.deployments import ACTIVE, Deployment, Return, TargetStatus
from edgeflow.domain.errors import CannotBeRead, Conflict, StillCancelling
from edgeflow.domain.history import Entry, Part, system
from edgeflow.domain.returns import ReturnPlan, Running, plan_returns
from edgeflow.domain.unreadable import Unreadable
from edgeflow.domain.waves import Awaits, WaveMark, rollback_wave_name
from edgeflow.use_cases.concurrently import for_each
from edgeflow.use_cases.rollout.claims import Claims
from edgeflow.use_cases.rollout.close_wave import CloseCause, CloseWave
from edgeflow.use_cases.rollout.executions import stop_rollout
from edgeflow.use_cases.rollout.mend_targets import MendTargets
from edgeflow.use_cases.rollout.ports import Deployments, Installs, TargetOutcome, Targets, Waves, Workflows
from edgeflow.use_cases.rollout.return_groups import nothing_to_return_to
from edgeflow.use_cases.rollout.skip_targets import SkipTargets
from edgeflow.use_cases.rollout.wave_members import members_of_wave


class Origin(StrEnum):
    """Who asked for a rollback."""

    OPERATOR = "operator"
    BREACH = "breach"
    LATE_SUCCESS = "late_success"
    """Nobody: a device took the version up after the rollback had passed it by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RollbackRequest:
    """Input of the rollback machine, with the ARN of its execution."""

    deployment_id: str
    attempt: int
    origin: Origin
    reason: str
    execution_arn: str


@dataclass(frozen=True, slots=True)
class PlanRollback:
    """Plan one rollback attempt. Repeatable: planning again finds what is planned already."""

    deployments: Deployments
    targets: Targets
    waves: Waves
    installs: Installs
    claims: Claims
    workflows: Workflows
    close_wave: CloseWave
    skip_targets: SkipTargets
    clock: Clock

    def __call__(self, request: RollbackRequest) -> dict[str, int | str]:
        """Return the number of devices that need a job, and how many seconds they have.

        The outcome ``cancelling`` asks to plan again in a moment: AWS IoT has not ended all of what was cancelled.

        Raises:
            NotFound: there is no such deployment.
        """
        reason = self._cause(request.deployment_id) if request.origin is Origin.BREACH else None
        try:
            deployment = self.deployments.begin_rollback(
                request.deployment_id,
                attempt=request.attempt,
                execution_arn=request.execution_arn,
                reason=reason or request.reason,
                entry=self._entry(RollbackStarted(attempt=request.attempt, origin=request.origin.value)),
            )
        except Conflict as conflict:
            return {"outcome": "refused", "total": 0, "timeout_seconds": 0, "why": str(conflict)}
        if request.origin is Origin.OPERATOR:
            # After a breach the strategy's execution ends by itself, as a success of its own story.
            stop_rollout(deployment, self.workflows, reason=request.reason)
        try:
            self.close_wave.all_at_work(deployment.id, cause=CloseCause.STOP)
        except StillCancelling as still:
            return {"outcome": "cancelling", "total": 0, "timeout_seconds": 0, "why": str(still)}
        self.skip_targets(deployment.id, why="the deployment was rolled back before its turn came")
        plan = self._plan(deployment, request.attempt)
        self._write(deployment, request.attempt, plan)
        return {
            "outcome": "planned",
            "total": len(plan.jobs),
            "timeout_seconds": deployment.rules.timeout_seconds,
            "why": "",
        }

    def _cause(self, deployment_id: str) -> str | None:
        """Say which devices made the breach, before the rollback changes them; None where nobody can tell."""
        deployment = self.deployments.get(deployment_id)
        if deployment.breached_wave is None or deployment.status not in ACTIVE:
            return None
        try:
            wave = self.waves.get(deployment_id, deployment.breached_wave)
        except CannotBeRead:
            return None
        breach = wave.breach() if wave is not None else None
        if breach is None:
            return None
        members = members_of_wave(self.targets, deployment, breach.number)
        found = self.targets.many(deployment_id, members).values()
        return describe_breach(deployment, breach, [target for target in found if not isinstance(target, Unreadable)])

    def _plan(self, deployment: Deployment, attempt: int) -> ReturnPlan:
        targets = MendTargets(self.targets, self.clock).all(deployment.id)
        installs = self.installs.many([target.device_id for target in targets], deployment.flow_id)
        running = {
            device_id: None
            if isinstance(install, Unreadable)
            else Running(version=install.version, deployment_id=install.deployment_id)
            for device_id, install in installs.items()
        }
        plan = plan_returns(targets, running, deployment_id=deployment.id, attempt=attempt)
        # A finished deployment has given up its claims; another one may be at some of the devices by now.
        claimed = self.claims.take(deployment.id, deployment.flow_id, [entry.device_id for entry in plan.jobs])
        return ReturnPlan(
            jobs=[entry for entry in plan.jobs if entry.device_id in claimed.installs],
            direct=plan.direct,
            moved_on=[*plan.moved_on, *claimed.conflicts],
            lost=[*plan.lost, *sorted(claimed.unreadable)],
        )

    def _write(self, deployment: Deployment, attempt: int, plan: ReturnPlan) -> None:
        at = timestamp(self.clock())

        def note_moved_on(device_id: str) -> None:
            self.targets.note(
                deployment.id,
                device_id,
                reason=Reason.MOVED_ON.value,
                message="another deployment has changed this device since; the rollback left it alone",
            )

        def plan_return(entry: Return) -> None:
            self.targets.plan_return(deployment.id, attempt, entry)

        def returned(device_id: str) -> None:
            # Its reason and message stay: they say why it went back by itself.
            outcome = TargetOutcome(status=TargetStatus.ROLLED_BACK, reported=True)
            self.targets.settle_return(deployment.id, device_id, outcome, attempt=attempt, at=at)

        def lost(device_id: str) -> None:
            self.targets.settle_return(deployment.id, device_id, nothing_to_return_to(), attempt=attempt, at=at)

        for_each(note_moved_on, plan.moved_on)
        for_each(plan_return, plan.jobs)
        self.waves.open(
            deployment.id,
            rollback_wave_name(attempt),
            total=len(plan.jobs) + len(plan.direct) + len(plan.lost),
            tolerated=0,
            task_token=None,
            awaits=Awaits.SETTLEMENT,
            since=at,
        )
        planned = RollbackPlanned(
            attempt=attempt, jobs=len(plan.jobs), returned_already=len(plan.direct), moved_on=len(plan.moved_on)
        )
        self.waves.tell(deployment.id, rollback_wave_name(attempt), WaveMark.PLANNED, entry=self._entry(planned))
        for_each(returned, plan.direct)
        for_each(lost, plan.lost)

    def _entry(self, details: Details) -> Entry:
        return Entry(at=timestamp(self.clock()), actor=system(Part.PLAN_ROLLBACK), details=details)
