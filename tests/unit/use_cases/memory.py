"""The ports in memory, for tests that try every order of events and every moment to die at.

``World`` holds the state and hands every call of a port through :meth:`World.step`, which can be told
to die at the n-th one, before or after its effect, as a Lambda function does when it is killed.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import wraps
from typing import Any, TypeVar, cast

from edgeflow.contract.history.events import DeploymentEvent
from edgeflow.contract.job import JobDocument
from edgeflow.contract.report import HealthReport
from edgeflow.domain.absences import Absence
from edgeflow.domain.deployments import (
    Artifact,
    Deployment,
    Return,
    Target,
    TargetStatus,
)
from edgeflow.domain.devices import Presence
from edgeflow.domain.errors import CannotBeRead
from edgeflow.domain.history import Entry
from edgeflow.domain.unreadable import Kind, Unreadable
from edgeflow.domain.waves import TargetChange, Wave
from edgeflow.use_cases.deployments.ports import Manifest
from edgeflow.use_cases.devices.ports import Install
from edgeflow.use_cases.rollout.ports import JobExecution
from edgeflow.use_cases.rollout.set_aside import SetAside

DAMAGED_OF = "dep_1"
MOMENT = datetime(2026, 2, 21, 12, 0, tzinfo=UTC)

_Method = TypeVar("_Method", bound=Callable[..., Any])


class Died(BaseException):
    """The function was killed: nothing of ours may catch it."""


def port_call(method: _Method) -> _Method:
    @wraps(method)
    def through(self: Any, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401  any port's method
        with self.world.lock:
            self.world.step()
            answer = method(self, *arguments, **options)
            self.world.step()
            return answer

    return cast("_Method", through)


def unreadable(kind: Kind, record_id: str, of: str = DAMAGED_OF) -> Unreadable:
    """Return a record that cannot be read."""
    return Unreadable(kind=kind, id=record_id, of=of, fault="damaged by a test")


@dataclass
class World:
    """Everything at rest, and what was asked of AWS."""

    deployments: dict[str, Deployment] = field(default_factory=dict)
    targets: dict[tuple[str, str], Target] = field(default_factory=dict)
    damaged: dict[tuple[str, str], Target] = field(default_factory=dict)
    """Targets whose records cannot be read, and what can be read of them."""
    unreadable: set[tuple[Kind, str]] = field(default_factory=set)
    """Deployments, and waves by name, whose records cannot be read."""
    unreadable_installs: set[tuple[str, str]] = field(default_factory=set)
    planned: dict[tuple[str, str], int] = field(default_factory=dict)
    """The wave each target was planned for."""
    waves: dict[tuple[str, str], Wave] = field(default_factory=dict)
    checkpoints: dict[tuple[str, str], str] = field(default_factory=dict)
    returns: dict[tuple[str, int, str], Return] = field(default_factory=dict)
    installs: dict[tuple[str, str], Install] = field(default_factory=dict)
    answered_tokens: set[str] = field(default_factory=set)
    manifests: dict[str, list[str]] = field(default_factory=dict)
    """The frozen lists of targets."""
    asked: dict[str, Manifest] = field(default_factory=dict)
    """What deployments with groups asked for."""
    groups: dict[str, list[str]] = field(default_factory=dict)
    """The members of thing groups, those of the groups below included."""
    registered: set[str] = field(default_factory=set)
    versions: dict[tuple[str, int], Artifact] = field(default_factory=dict)
    jobs: dict[str, dict[str, JobExecution]] = field(default_factory=dict)
    still_cancelling: dict[str, dict[str, JobExecution]] = field(default_factory=dict)
    """What AWS IoT goes on saying of a job's executions for a while after it was cancelled."""
    cancels_lag: bool = False
    """Executions of cancelled jobs stay open until ``end_cancelled``."""
    before_job: Callable[[], object] | None = None
    """What happens, once, while a job is being created: AWS IoT refuses it at first."""
    cancelled_parts: set[tuple[str, str]] = field(default_factory=set)
    """Parts of jobs that were cancelled by themselves: job, device."""
    foreign_jobs: set[str] = field(default_factory=set)
    """Names of jobs that somebody else in the account has created."""
    documents: dict[str, JobDocument] = field(default_factory=dict)
    job_details: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    cancelled: set[str] = field(default_factory=set)
    executions: dict[str, Mapping[str, object]] = field(default_factory=dict)
    stopped: set[str] = field(default_factory=set)
    answers: dict[str, Mapping[str, object]] = field(default_factory=dict)
    presences: dict[str, Presence] = field(default_factory=dict)
    reported_at: dict[str, datetime] = field(default_factory=dict)
    """When a device's newest health report came."""
    reports: dict[str, HealthReport] = field(default_factory=dict)
    """What that report said."""
    reminders: set[Absence] = field(default_factory=set)
    """What a function told itself to look at later."""
    history: dict[str, list[DeploymentEvent]] = field(default_factory=dict)
    """What happened to each deployment."""
    orders: set[str] = field(default_factory=set)
    """Deployments that are to be wound down."""
    given_up: set[tuple[str, str, str]] = field(default_factory=set)
    """Devices that are to be given up once their cancelled jobs have ended: deployment, device, when it was asked."""
    dead_letters: list[SetAside] = field(default_factory=list)
    """What the tally could not deal with."""
    stream: list[TargetChange] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)
    die_at: int | None = None
    steps: int = 0

    def step(self) -> None:
        """Count one moment of the run, and die if it is the one."""
        self.steps += 1
        if self.steps == self.die_at:
            raise Died

    def require_readable(self, kind: Kind, record_id: str) -> None:
        """Raise CannotBeRead for what is damaged."""
        if (kind, record_id) in self.unreadable:
            raise CannotBeRead(unreadable(kind, record_id))

    def tell(self, deployment_id: str, entry: Entry) -> None:
        """Write an event, after its change."""
        self.deployments[deployment_id] = replace(self.deployments[deployment_id], changed_at=entry.at)
        events = self.history.setdefault(deployment_id, [])
        events.append(
            DeploymentEvent.model_validate(
                {
                    "sequence": len(events) + 1,
                    "at": entry.at,
                    "type": entry.details.type,
                    "actor": entry.actor,
                    "details": entry.details,
                    "status": self.deployments[deployment_id].status.value,
                    "status_reason": self.deployments[deployment_id].status_reason,
                }
            )
        )

    def put_target(self, deployment_id: str, target: Target) -> None:
        """Write a target, and tell the stream."""
        before = self.targets.get((deployment_id, target.device_id))
        self.targets[deployment_id, target.device_id] = target
        self.planned.setdefault((deployment_id, target.device_id), target.wave)
        self.stream.append(
            TargetChange(
                deployment_id=deployment_id,
                wave=target.wave,
                wave_before=before.wave if before else target.wave,
                before=before.status if before else TargetStatus.PENDING,
                after=target.status,
                attempt_before=before.rollback_attempt if before else 0,
                attempt_after=target.rollback_attempt,
                sequence=f"{len(self.stream) + 1:040d}",
            )
        )

    def end_cancelled(self) -> None:
        """Let AWS IoT end what was cancelled."""
        for job_id, executions in self.jobs.items():
            for device, execution in executions.items():
                is_cancelled = job_id in self.cancelled or (job_id, device) in self.cancelled_parts
                if is_cancelled and execution.status in {"QUEUED", "IN_PROGRESS"}:
                    executions[device] = replace(execution, status="CANCELED")

    def statuses(self, deployment_id: str) -> dict[str, str]:
        """Return each device's status in a deployment."""
        return {
            device: target.status.value for (owner, device), target in self.targets.items() if owner == deployment_id
        }


@dataclass
class Port:
    """One port, over the world that all of them share."""

    world: World
