"""The ports in memory, for tests that try every order of events and every moment to die at.

``World`` holds the state and hands every call of a port through :meth:`World.step`, which can be told
to die at the n-th one, before or after its effect, as a Lambda function does when it is killed.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import wraps
from typing import Any, TypeVar, cast

from edgeflow.contract.flow import Definition
from edgeflow.contract.job import JobDocument
from edgeflow.domain.deployments import (
    CAN_ROLL_BACK,
    Artifact,
    Deployment,
    DeploymentStatus,
    Return,
    Target,
    TargetStatus,
)
from edgeflow.domain.errors import Conflict, NotFound
from edgeflow.domain.flows import Flow, FlowState
from edgeflow.domain.strategies import Strategy
from edgeflow.domain.waves import Awaits, Deltas, TargetChange, Wave
from edgeflow.use_cases.ports import Install, JobExecution, TargetOutcome

MOMENT = datetime(2026, 2, 21, 12, 0, tzinfo=UTC)

_Method = TypeVar("_Method", bound=Callable[..., Any])


class Died(BaseException):
    """The function was killed: nothing of ours may catch it."""


def _step(method: _Method) -> _Method:
    @wraps(method)
    def through(self: Any, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401  any port's method
        with self.world.lock:
            self.world.step()
            answer = method(self, *arguments, **options)
            self.world.step()
            return answer

    return cast("_Method", through)


@dataclass
class World:
    """Everything at rest, and what was asked of AWS."""

    deployments: dict[str, Deployment] = field(default_factory=dict)
    targets: dict[tuple[str, str], Target] = field(default_factory=dict)
    waves: dict[tuple[str, str], Wave] = field(default_factory=dict)
    checkpoints: dict[tuple[str, str], str] = field(default_factory=dict)
    returns: dict[tuple[str, int, str], Return] = field(default_factory=dict)
    installs: dict[tuple[str, str], tuple[Install, int]] = field(default_factory=dict)
    answered_tokens: set[str] = field(default_factory=set)
    manifests: dict[str, list[str]] = field(default_factory=dict)
    registered: set[str] = field(default_factory=set)
    versions: dict[tuple[str, int], Artifact] = field(default_factory=dict)
    jobs: dict[str, dict[str, JobExecution]] = field(default_factory=dict)
    still_cancelling: dict[str, dict[str, JobExecution]] = field(default_factory=dict)
    """What AWS IoT goes on saying of a job's executions for a while after it was cancelled."""
    documents: dict[str, JobDocument] = field(default_factory=dict)
    job_details: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    cancelled: set[str] = field(default_factory=set)
    executions: dict[str, Mapping[str, object]] = field(default_factory=dict)
    stopped: set[str] = field(default_factory=set)
    answers: dict[str, Mapping[str, object]] = field(default_factory=dict)
    stream: list[TargetChange] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)
    die_at: int | None = None
    steps: int = 0

    def step(self) -> None:
        """Count one moment of the run, and die if it is the one."""
        self.steps += 1
        if self.steps == self.die_at:
            raise Died

    def put_target(self, deployment_id: str, target: Target) -> None:
        """Write a target, and tell the stream."""
        before = self.targets.get((deployment_id, target.device_id))
        self.targets[deployment_id, target.device_id] = target
        self.stream.append(
            TargetChange(
                deployment_id=deployment_id,
                wave=target.wave,
                before=before.status if before else TargetStatus.PENDING,
                after=target.status,
                attempt_before=before.rollback_attempt if before else 0,
                attempt_after=target.rollback_attempt,
                sequence=f"{len(self.stream) + 1:040d}",
            )
        )

    def statuses(self, deployment_id: str) -> dict[str, str]:
        """Return each device's status in a deployment."""
        return {
            device: target.status.value for (owner, device), target in self.targets.items() if owner == deployment_id
        }


@dataclass
class _Port:
    world: World


class MemoryDeployments(_Port):
    """See ports.Deployments."""

    @_step
    def get(self, deployment_id: str) -> Deployment:
        if deployment_id not in self.world.deployments:
            raise NotFound(deployment_id)
        return self.world.deployments[deployment_id]

    @_step
    def create(self, deployment: Deployment) -> None:
        self.world.deployments[deployment.id] = deployment

    @_step
    def page(
        self,
        *,
        limit: int,
        after: str | None = None,
        status: DeploymentStatus | None = None,
        flow_id: str | None = None,
        strategy: Strategy | None = None,
    ) -> tuple[list[Deployment], str | None]:
        wanted = {"status": status, "flow_id": flow_id, "strategy": strategy}
        found = [
            each
            for each in sorted(self.world.deployments.values(), key=lambda each: each.id, reverse=True)
            if (after is None or each.id < after)
            and all(value is None or getattr(each, name) == value for name, value in wanted.items())
        ]
        return found[:limit], found[limit - 1].id if len(found) > limit else None

    def _change(self, deployment_id: str, **facts: Any) -> Deployment:  # noqa: ANN401  fields of a deployment
        self.world.deployments[deployment_id] = replace(self.world.deployments[deployment_id], **facts)
        return self.world.deployments[deployment_id]

    @_step
    def change_status(
        self, deployment_id: str, *, allowed: Iterable[DeploymentStatus], to: DeploymentStatus, reason: str, at: str
    ) -> Deployment:
        found = self.world.deployments[deployment_id]
        if found.status not in set(allowed):
            message = f"the deployment is {found.status}"
            raise Conflict(message)
        return self._change(deployment_id, status=to, status_reason=reason, started_at=found.started_at or at)

    @_step
    def mark_execution_started(self, deployment_id: str, execution_arn: str) -> None:
        self._change(deployment_id, execution_arn=execution_arn, execution_started=True)

    @_step
    def planned(self, deployment_id: str, *, total: int, waves: int) -> None:
        self._change(deployment_id, total_targets=total, waves=waves)

    @_step
    def reached_wave(self, deployment_id: str, wave: int) -> None:
        self._change(deployment_id, current_wave=wave)

    @_step
    def hold(self, deployment_id: str, task_token: str, *, reason: str | None) -> bool:
        found = self.world.deployments[deployment_id]
        if task_token in {found.resume_token, *self.world.answered_tokens}:
            return True
        if found.status is DeploymentStatus.PAUSED or (reason and found.status is DeploymentStatus.RUNNING):
            self._change(
                deployment_id,
                status=DeploymentStatus.PAUSED,
                resume_token=task_token,
                status_reason=reason or found.status_reason,
            )
            return True
        return False

    @_step
    def resumed(self, deployment_id: str, task_token: str) -> None:
        if self.world.deployments[deployment_id].resume_token == task_token:
            self._change(deployment_id, resume_token=None)
            self.world.answered_tokens.add(task_token)

    @_step
    def begin_rollback(self, deployment_id: str, *, attempt: int, execution_arn: str | None, reason: str) -> Deployment:
        found = self.world.deployments[deployment_id]
        if found.status is DeploymentStatus.ROLLING_BACK and found.rollbacks == attempt:
            return found
        if found.status not in CAN_ROLL_BACK or found.rollbacks != attempt - 1:
            message = f"the deployment is {found.status}"
            raise Conflict(message)
        return self._change(
            deployment_id,
            status=DeploymentStatus.ROLLING_BACK,
            rollbacks=attempt,
            rollback_execution_arn=execution_arn,
            status_reason=reason,
        )

    @_step
    def finish(
        self, deployment_id: str, *, allowed: Iterable[DeploymentStatus], to: DeploymentStatus, reason: str, at: str
    ) -> bool:
        if self.world.deployments[deployment_id].status not in set(allowed):
            return False
        self._change(deployment_id, status=to, status_reason=reason, finished_at=at)
        return True

    @_step
    def count(self, deployment_id: str, deltas: Deltas, *, first: str, last: str) -> str | None:
        counted = self.world.checkpoints.get((deployment_id, ""), "")
        if counted >= first:
            return counted
        counts = dict(self.world.deployments[deployment_id].counts)
        for status, delta in deltas.items():
            counts[status] = counts.get(status, 0) + delta
        self._change(deployment_id, counts=counts)
        self.world.checkpoints[deployment_id, ""] = last
        return None


class MemoryWaves(_Port):
    """See ports.Waves."""

    @_step
    def get(self, deployment_id: str, name: str) -> Wave | None:
        return self.world.waves.get((deployment_id, name))

    @_step
    def open(
        self, deployment_id: str, name: str, *, total: int, tolerated: int, task_token: str | None, awaits: Awaits
    ) -> Wave:
        found = self.world.waves.get((deployment_id, name), Wave(name=name))
        if found.awaits is Awaits.SETTLEMENT and awaits is Awaits.VERDICT:
            return found
        opened = replace(found, total=total, tolerated=tolerated, task_token=task_token, awaits=awaits)
        self.world.waves[deployment_id, name] = opened
        return opened

    @_step
    def count(self, deployment_id: str, name: str, deltas: Deltas, *, first: str, last: str) -> tuple[Wave, str | None]:
        found = self.world.waves.get((deployment_id, name), Wave(name=name))
        counted = self.world.checkpoints.get((deployment_id, name), "")
        if counted >= first:
            return found, counted
        counts = dict(found.counts)
        for status, delta in deltas.items():
            counts[status] = counts.get(status, 0) + delta
        self.world.waves[deployment_id, name] = replace(found, counts=counts)
        self.world.checkpoints[deployment_id, name] = last
        return self.world.waves[deployment_id, name], None


class MemoryTargets(_Port):
    """See ports.Targets."""

    @_step
    def get(self, deployment_id: str, device_id: str) -> Target | None:
        return self.world.targets.get((deployment_id, device_id))

    @_step
    def add(self, deployment_id: str, target: Target) -> None:
        if (deployment_id, target.device_id) not in self.world.targets:
            self.world.put_target(deployment_id, target)

    @_step
    def all(self, deployment_id: str) -> Iterator[Target]:
        return iter([self.world.targets[key] for key in sorted(self.world.targets) if key[0] == deployment_id])

    @_step
    def page(self, deployment_id: str, *, limit: int, after: str | None) -> tuple[list[Target], str | None]:
        found = [
            self.world.targets[key]
            for key in sorted(self.world.targets)
            if key[0] == deployment_id and key[1] > (after or "")
        ]
        return found[:limit], found[limit - 1].device_id if len(found) > limit else None

    @_step
    def members(self, deployment_id: str, wave: int) -> list[str]:
        return sorted(
            device
            for (owner, device), target in self.world.targets.items()
            if owner == deployment_id and target.wave == wave
        )

    @_step
    def many(self, deployment_id: str, device_ids: Iterable[str]) -> dict[str, Target]:
        found = {device: self.world.targets.get((deployment_id, device)) for device in device_ids}
        return {device: target for device, target in found.items() if target is not None}

    @_step
    def mark_deploying(self, deployment_id: str, device_ids: Sequence[str], *, at: str) -> list[str]:
        for device in device_ids:
            target = self.world.targets[deployment_id, device]
            if target.status is TargetStatus.PENDING:
                self.world.step()
                marked = replace(target, status=TargetStatus.DEPLOYING, started_at=at)
                self.world.put_target(deployment_id, marked)
        return [
            device
            for device in device_ids
            if self.world.targets[deployment_id, device].status is TargetStatus.DEPLOYING
        ]

    @_step
    def settle(
        self, deployment_id: str, device_id: str, outcome: TargetOutcome, *, at: str, pending_only: bool = False
    ) -> bool:
        target = self.world.targets[deployment_id, device_id]
        allowed = {TargetStatus.PENDING} if pending_only else {TargetStatus.PENDING, TargetStatus.DEPLOYING}
        if target.status not in allowed:
            return False
        self.world.put_target(deployment_id, _settled(target, outcome, at))
        return True

    @_step
    def settle_return(
        self, deployment_id: str, device_id: str, outcome: TargetOutcome, *, attempt: int, at: str
    ) -> bool:
        target = self.world.targets[deployment_id, device_id]
        if target.rollback_attempt >= attempt:
            return False
        returned = replace(_settled(target, outcome, at), rollback_attempt=attempt, reached=target.reached)
        self.world.put_target(deployment_id, returned)
        return True

    @_step
    def note(self, deployment_id: str, device_id: str, *, reason: str, message: str) -> None:
        target = self.world.targets[deployment_id, device_id]
        self.world.put_target(deployment_id, replace(target, reason=reason, message=message))

    @_step
    def plan_return(self, deployment_id: str, attempt: int, entry: Return) -> None:
        self.world.returns[deployment_id, attempt, entry.device_id] = entry

    @_step
    def returns(self, deployment_id: str, attempt: int) -> list[Return]:
        planned = [entry for key, entry in self.world.returns.items() if key[:2] == (deployment_id, attempt)]
        return sorted(planned, key=lambda entry: (entry.group, entry.device_id))


def _settled(target: Target, outcome: TargetOutcome, at: str) -> Target:
    return replace(
        target,
        status=outcome.status,
        reason=outcome.reason or target.reason,
        message=outcome.message or target.message,
        reached=outcome.reached,
        reported=outcome.reported,
        runs_version=outcome.runs_version,
        finished_at=at,
    )


class MemoryInstalls(_Port):
    """See ports.Installs."""

    def _install(self, device_id: str, flow_id: str) -> tuple[Install, int]:
        return self.world.installs.get((device_id, flow_id), (Install(device_id=device_id), -1))

    @_step
    def claim(self, device_id: str, flow_id: str, deployment_id: str) -> Install:
        install, sequence = self._install(device_id, flow_id)
        if install.claimed_by in {None, deployment_id}:
            install = replace(install, claimed_by=deployment_id)
            self.world.installs[device_id, flow_id] = install, sequence
        return install

    @_step
    def take_over(self, device_id: str, flow_id: str, deployment_id: str, *, stale: str) -> Install:
        install, sequence = self._install(device_id, flow_id)
        if install.claimed_by == stale:
            install = replace(install, claimed_by=deployment_id)
            self.world.installs[device_id, flow_id] = install, sequence
        return install

    @_step
    def release(self, device_id: str, flow_id: str, deployment_id: str) -> None:
        install, sequence = self._install(device_id, flow_id)
        if install.claimed_by == deployment_id:
            self.world.installs[device_id, flow_id] = replace(install, claimed_by=None), sequence

    @_step
    def record(self, device_id: str, flow_id: str, *, version: int | None, deployment_id: str, sequence: int) -> None:
        install, known = self._install(device_id, flow_id)
        if sequence > known:
            changed = replace(install, version=version, deployment_id=deployment_id)
            self.world.installs[device_id, flow_id] = changed, sequence

    @_step
    def many(self, device_ids: Iterable[str], flow_id: str) -> dict[str, Install]:
        return {
            device: self.world.installs[device, flow_id][0]
            for device in device_ids
            if (device, flow_id) in self.world.installs
        }


class MemoryJobs(_Port):
    """See ports.Jobs."""

    @_step
    def create(self, job_id: str, device_ids: Sequence[str], document: JobDocument) -> None:
        if set(device_ids) - self.world.registered:
            raise NotFound(job_id)
        if job_id not in self.world.jobs:
            self.world.documents[job_id] = document
            self.world.jobs[job_id] = {
                device: JobExecution(device_id=device, status="QUEUED", started=False) for device in device_ids
            }

    @_step
    def cancel(self, job_id: str) -> None:
        self.world.cancelled.add(job_id)
        for device, execution in self.world.jobs.get(job_id, {}).items():
            if execution.status in {"QUEUED", "IN_PROGRESS"}:
                self.world.jobs[job_id][device] = replace(execution, status="CANCELED")

    @_step
    def executions(self, job_id: str) -> dict[str, JobExecution]:
        return dict(self.world.still_cancelling.get(job_id) or self.world.jobs.get(job_id, {}))

    @_step
    def details(self, job_id: str, device_id: str) -> Mapping[str, str]:
        return self.world.job_details.get((job_id, device_id), {})

    @_step
    def missing(self, device_ids: Iterable[str]) -> list[str]:
        return [device for device in device_ids if device not in self.world.registered]

    def artifact_url(self, sha256: str) -> str:
        return f"https://artifacts.test/{sha256}"


class MemoryWorkflows(_Port):
    """See ports.Workflows."""

    @_step
    def start(self, machine: str, name: str, payload: Mapping[str, object]) -> str:
        arn = self.execution_arn(machine, name)
        self.world.executions.setdefault(arn, payload)
        return arn

    def execution_arn(self, machine: str, name: str) -> str:
        return f"{machine}:{name}"

    @_step
    def stop(self, execution_arn: str, reason: str) -> None:  # noqa: ARG002  part of the port
        self.world.stopped.add(execution_arn)

    @_step
    def answer(self, task_token: str, output: Mapping[str, object]) -> bool:
        if task_token in self.world.answers:
            return False
        self.world.answers[task_token] = output
        return True


class MemoryManifests(_Port):
    """See ports.Manifests."""

    @_step
    def write(self, deployment_id: str, device_ids: Sequence[str]) -> None:
        self.world.manifests[deployment_id] = list(device_ids)

    @_step
    def read(self, deployment_id: str) -> list[str]:
        return list(self.world.manifests[deployment_id])


class MemoryRegistry(_Port):
    """See ports.Registry."""

    @_step
    def missing(self, device_ids: Iterable[str]) -> list[str]:
        return [device for device in device_ids if device not in self.world.registered]


class MemoryFlows(_Port):
    """See ports.DeployableFlows; every flow is published."""

    @_step
    def get(self, flow_id: str) -> Flow:
        return Flow(
            id=flow_id,
            name="",
            description="",
            tags=(),
            state=FlowState.PUBLISHED,
            definition=Definition(),
            revision=1,
            created_at="",
            created_by="",
            updated_at="",
        )

    @_step
    def artifact(self, flow_id: str, version: int) -> Artifact:
        if (flow_id, version) not in self.world.versions:
            raise NotFound(flow_id)
        return self.world.versions[flow_id, version]
