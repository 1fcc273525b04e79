"""Which devices a rollback returns, and how."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from edgeflow.contract.reasons import Reason
from edgeflow.domain.deployments import Return, Target, TargetStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """What is known of a device's flow: the version it runs, and the deployment that last changed it."""

    version: int | None = None
    deployment_id: str | None = None


class Way(StrEnum):
    """What a rollback does with one target."""

    UNTOUCHED = "untouched"
    """It never acted on this deployment, had nothing to remove, or an earlier attempt returned it."""
    DIRECT = "direct"
    """It went back by itself and said so: no job is needed."""
    JOB = "job"
    MOVED_ON = "moved_on"
    """Another deployment has changed it since: it is left alone."""
    LOST = "lost"
    """Its records were damaged, and nobody can tell what it ran before, or runs now: nothing can be sent to it."""


def way_back(target: Target, running: Running | None, *, deployment_id: str, attempt: int) -> Way:
    """Return what rollback ``attempt`` does with a target that is settled; ``running`` is None where it is damaged."""
    if target.status is TargetStatus.ROLLED_BACK:
        return _way_back_again(target, running, deployment_id=deployment_id, attempt=attempt)
    changed_by_this = running is not None and running.deployment_id == deployment_id
    runs_another = running is None or running.version != target.version_before
    touched = target.reached or target.status in {TargetStatus.SUCCESS, TargetStatus.ROLLBACK_FAILED}
    touched = touched or (changed_by_this and runs_another)
    if not touched or (target.had_nothing and not changed_by_this):
        return Way.UNTOUCHED
    if running is not None and not changed_by_this and runs_another:
        return Way.MOVED_ON
    if running is None or not target.version_before_known:
        return Way.LOST
    if target.status is TargetStatus.FAILED and target.reported and target.runs_version == target.version_before:
        return Way.DIRECT
    return Way.JOB


def _way_back_again(target: Target, running: Running | None, *, deployment_id: str, attempt: int) -> Way:
    if target.rollback_attempt == attempt:
        return Way.DIRECT
    late = running is not None and was_passed_by(target, running, deployment_id=deployment_id)
    return Way.JOB if late else Way.UNTOUCHED


def was_passed_by(target: Target, running: Running, *, deployment_id: str) -> bool:
    """Tell whether the device runs what was withdrawn, although a rollback that has ended did nothing with it.

    What a rollback tried and could not return is for an operator; what another deployment is at is left alone.
    """
    if running.deployment_id != deployment_id or target.reason == Reason.MOVED_ON:
        return False
    match target.status:
        case TargetStatus.SUCCESS:
            return True  # it succeeded at the very moment the plan was frozen
        case TargetStatus.SKIPPED | TargetStatus.FAILED:
            return target.reached_late
        case TargetStatus.ROLLED_BACK:
            return target.reached_late and running.version != target.version_before
        case _:
            return False


@dataclass(frozen=True, slots=True)
class ReturnPlan:
    """The plan of a rollback attempt. ``direct``, ``moved_on`` and ``lost`` are device ids."""

    jobs: list[Return] = field(default_factory=list)
    direct: list[str] = field(default_factory=list)
    moved_on: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


def plan_returns(
    targets: Iterable[Target], running: Mapping[str, Running | None], *, deployment_id: str, attempt: int
) -> ReturnPlan:
    """Sort settled targets by what a rollback does with them.

    Groups are numbered over the versions before of *all* targets, which are frozen, so that planning
    again after a crash numbers them alike and makes no job twice.
    """
    every = list(targets)
    versions = sorted({target.version_before or 0 for target in every})
    plan = ReturnPlan()
    for target in every:
        known = running.get(target.device_id, Running())
        match way_back(target, known, deployment_id=deployment_id, attempt=attempt):
            case Way.UNTOUCHED:
                pass
            case Way.DIRECT:
                plan.direct.append(target.device_id)
            case Way.MOVED_ON:
                plan.moved_on.append(target.device_id)
            case Way.LOST:
                plan.lost.append(target.device_id)
            case Way.JOB:
                group = versions.index(target.version_before or 0)
                plan.jobs.append(Return(device_id=target.device_id, group=group, version_before=target.version_before))
    return plan
