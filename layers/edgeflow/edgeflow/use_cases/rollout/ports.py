"""What the steps of a rollout, and whoever acts on one, need of the outside."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from edgeflow.contract.job import JobDocument
from edgeflow.domain.deployments import (
    ANY_DEPLOYMENT,
    UNBEGUN,
    Deployment,
    DeploymentFilter,
    DeploymentStatus,
    Return,
    Target,
    TargetStatus,
)
from edgeflow.domain.history import Entry
from edgeflow.domain.order import Said
from edgeflow.domain.unreadable import Unreadable
from edgeflow.domain.waves import Awaits, Deltas, Wave, WaveMark
from edgeflow.use_cases.devices.ports import Install, InstallReports


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetOutcome:
    """How a device ended, ready to be written once to its target."""

    status: TargetStatus
    reason: str | None = None
    message: str | None = None
    reached: bool = True
    reported: bool = False
    runs_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobExecution:
    """One device's part of an IoT job. ``started``: the device took it up. ``updated_at``: its last change."""

    device_id: str
    status: str
    started: bool
    updated_at: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionState:
    """Where an execution stands: AWS's status, and when it ended (ISO 8601 UTC), None while it runs."""

    status: str
    ended_at: str | None = None


class Deployments(Protocol):
    """Deployments at rest, as far as a rollout goes.

    A change that takes an ``entry`` writes it to the history in the same transaction. The deployment that it returns is
    what it has written; counters, and tokens of executions that wait, may have changed since they were read for that.
    """

    def get(self, deployment_id: str) -> Deployment:
        """Return it. Raises NotFound, CannotBeRead."""

    def page(
        self,
        *,
        limit: int,
        after: str | None = None,
        wanted: DeploymentFilter = ANY_DEPLOYMENT,
        oldest_first: bool = False,
    ) -> tuple[list[Deployment | Unreadable], str | None]:
        """Return deployments, newest or oldest first, and the position to go on from."""

    def unfinished(self) -> Iterator[Deployment | Unreadable]:
        """Yield the deployments that something is at work on: begun, and not ended."""

    def change_status(
        self,
        deployment_id: str,
        *,
        allowed: Iterable[DeploymentStatus],
        to: DeploymentStatus,
        reason: str,
        at: str,
        entry: Entry,
    ) -> Deployment:
        """Move it on from one of the allowed statuses. Raises Conflict, naming the status it has.

        ``resume_token`` of what is returned is the one that is held from then on.
        """

    def mark_execution_started(self, deployment_id: str, execution_arn: str) -> Deployment:
        """Note that the strategy's execution runs; returns the deployment."""

    def planned(self, deployment_id: str, *, total: int, waves: int, entry: Entry) -> None:
        """Note the size of the plan, once."""

    def reached_wave(self, deployment_id: str, wave: int, *, entry: Entry) -> None:
        """Note that this wave is being dispatched, once, and never that an earlier one is."""

    def hold(self, deployment_id: str, task_token: str, *, reason: str | None, entry: Entry) -> bool:
        """Keep the token of a paused execution. With a reason it pauses first, which the entry tells of.

        False: not paused, go on.

        A token that is held already, or was answered before, changes nothing: the message came twice.
        """

    def watch(
        self, deployment_id: str, task_token: str, *, wave: int | None = None, since: str | None = None
    ) -> Deployment:
        """Keep the token of an execution that waits after this wave since then; returns the deployment as it stands.

        When a later wave is dispatched the token is forgotten, and a late copy of the message keeps it no more.
        """

    def note_breach(self, deployment_id: str, wave: str) -> Deployment:
        """Note that this wave breached; returns the deployment, with the tokens of whoever waits."""

    def begin_rollback(
        self,
        deployment_id: str,
        *,
        attempt: int,
        execution_arn: str | None,
        reason: str,
        entry: Entry,
        asked: Entry | None = None,
    ) -> Deployment:
        """Move it to rolling back for this attempt; repeatable. ``asked`` tells who asked for it. Raises Conflict."""

    def finish(
        self,
        deployment_id: str,
        *,
        allowed: Iterable[DeploymentStatus],
        to: DeploymentStatus,
        reason: str,
        at: str,
        entry: Entry,
    ) -> Deployment | None:
        """End it and strike it off its flow, in one transaction; returns it. None: it had ended already."""

    def count(self, deployment_id: str, deltas: Deltas, *, first: str, last: str) -> str | None:
        """Add to its counters, once per stream position; see Waves.count."""


class Waves(Protocol):
    """Counters of waves, and the tokens of the executions that wait for them. A damaged one raises CannotBeRead."""

    def get(self, deployment_id: str, name: str) -> Wave | None:
        """Return it, or None. Raises CannotBeRead."""

    def open(
        self,
        deployment_id: str,
        name: str,
        *,
        total: int,
        tolerated: int,
        task_token: str | None,
        awaits: Awaits,
        since: str | None = None,
    ) -> Wave:
        """Set what is waited for, by whom and since when; counters stay.

        A wave that is being closed (awaits settlement) is not opened for a verdict again: a late copy of
        its dispatch message changes nothing. Returns the wave as it stands.
        """

    def cancelling(self, deployment_id: str, name: str, *, at: str) -> str:
        """Note when its jobs were cancelled, once; returns the moment that is noted. Raises CannotBeRead."""

    def tolerate(self, deployment_id: str, name: str, failures: int) -> None:
        """Raise the number of failures that a wave may have."""

    def tell(self, deployment_id: str, name: str, mark: WaveMark, *, entry: Entry, level: int = 1) -> bool:
        """Mark the wave and write the entry to the deployment's history, in one transaction, once for each level.

        False: it was marked so, or higher, before.
        """

    def count(self, deployment_id: str, name: str, deltas: Deltas, *, first: str, last: str) -> tuple[Wave, str | None]:
        """Add to the counters if nothing from ``first`` on was counted before.

        Returns the wave as it stands, and None when counted, else the position up to which it was
        counted already (the caller leaves those changes out and tries again).
        """


class Targets(Protocol):
    """Targets of deployments."""

    def get(self, deployment_id: str, device_id: str) -> Target | Unreadable | None:
        """Return it, or None."""

    def mend(self, deployment_id: str, device_id: str, *, at: str) -> None:
        """Write a target whose record cannot be read anew, with what can be read of it. Repeatable.

        A status that cannot be read becomes ``deploying``, so that the wave's jobs are asked how it ended.
        """

    def add(self, deployment_id: str, target: Target, *, created_at: str) -> None:
        """Write it unless it is there. ``created_at`` is when the deployment was created: ISO 8601 UTC."""

    def all(self, deployment_id: str) -> Iterator[Target | Unreadable]:
        """Yield every target, by device id."""

    def page(
        self,
        deployment_id: str,
        *,
        limit: int,
        after: str | None,
        status: TargetStatus | None = None,
        wave: int | None = None,
    ) -> tuple[list[Target | Unreadable], str | None]:
        """Return targets after this device id, all or those of a status and a wave, and the device id to go on from.

        A page may be shorter than ``limit`` although there is more.
        """

    def members(self, deployment_id: str, wave: int) -> list[str]:
        """Return the device ids that were planned for a wave, always in the same order."""

    def many(self, deployment_id: str, device_ids: Iterable[str]) -> dict[str, Target | Unreadable]:
        """Return those that exist, by device id."""

    def of_device(self, device_id: str, deployment_ids: Iterable[str]) -> dict[str, Target | Unreadable]:
        """Return a device's targets in those deployments, where it is one, by deployment id."""

    def mark_deploying(self, deployment_id: str, device_ids: Sequence[str], *, wave: int, at: str) -> list[str]:
        """Move pending targets on; returns those of the wave that are deploying, by this call or an earlier one."""

    def enter(self, deployment_id: str, device_ids: Sequence[str], *, wave: int, at: str) -> list[str]:
        """Move staged targets to this wave, deploying; returns those that are in it, by this call or an earlier one."""

    def settle(self, deployment_id: str, device_id: str, outcome: TargetOutcome, *, wave: int, at: str) -> bool:
        """Write how a pending or deploying target ended in a wave, once. False: it had ended, or is in another wave."""

    def give_up(
        self, deployment_id: str, device_id: str, outcome: TargetOutcome, *, wave: int, at: str, entry: Entry
    ) -> bool:
        """Settle a target that is deploying in a wave, and tell of it, in one transaction. False: as ``settle``."""

    def skip(
        self,
        deployment_id: str,
        device_id: str,
        outcome: TargetOutcome,
        *,
        at: str,
        unbegun: frozenset[TargetStatus] = UNBEGUN,
    ) -> bool:
        """Settle a target whose turn did not come: pending, or staged. False: it had come, or the target has ended."""

    def fail_late(
        self, deployment_id: str, device_id: str, *, was: TargetStatus, reason: str, message: str, at: str
    ) -> bool:
        """Turn what was a success (or ``staged``) into a failure, once: the device is not well any more."""

    def reach_late(self, deployment_id: str, target: Target, *, runs_version: int | None, entry: Entry) -> bool:
        """Note that a target had succeeded although it was given up, and tell of it, in one transaction, once.

        False: it was noted before, or the target has changed since it was read.
        """

    def return_late(
        self, deployment_id: str, device_id: str, *, attempt: int, runs_version: int | None, at: str, entry: Entry
    ) -> bool:
        """Note that a device returned which this attempt had counted as one that did not, and tell of it, once."""

    def settle_return(
        self, deployment_id: str, device_id: str, outcome: TargetOutcome, *, attempt: int, at: str
    ) -> bool:
        """Write how a rollback attempt ended on a device, once per attempt.

        A reason or message that the outcome does not have stays as it was: why the target had failed.
        """

    def note(self, deployment_id: str, device_id: str, *, reason: str, message: str) -> None:
        """Say something of a target whose status stays."""

    def plan_return(self, deployment_id: str, attempt: int, entry: Return) -> None:
        """Write one device of a rollback's plan; repeatable."""

    def returns(self, deployment_id: str, attempt: int) -> list[Return]:
        """Return the plan of a rollback, by group, always in the same order."""

    def is_to_return(self, deployment_id: str, attempt: int, group: int, device_id: str) -> bool:
        """Tell whether the plan of a rollback has a device in this group."""

    def first_returns(self, deployment_id: str, attempt: int, *, most: int) -> list[Return]:
        """Return so many of the plan of a rollback, in its order, and look at no more."""


class TargetLists(Protocol):
    """The devices that deployments come to, once frozen."""

    def read(self, deployment_id: str) -> list[str]:
        """Return the frozen list, in its order. Raises CannotBeRead, and NotFound, also while it is not frozen."""


class Installs(InstallReports, Protocol):
    """What devices run, and which deployment may change it."""

    def claim(self, device_id: str, flow_id: str, deployment_id: str) -> Install | Unreadable:
        """Claim a flow on a device. Returns the record; ``claimed_by`` names the winner."""

    def take_over(self, device_id: str, flow_id: str, deployment_id: str, *, stale: str) -> Install | Unreadable:
        """Claim what a finished deployment left claimed."""

    def release(self, device_id: str, flow_id: str, deployment_id: str) -> None:
        """Give up a claim, if it is held."""

    def record(self, device_id: str, flow_id: str, said: Said, *, version: int | None, deployment_id: str) -> None:
        """Note what the device runs now, unless something later is known."""


class JobExecutions(Protocol):
    """What devices made of jobs of AWS IoT."""

    def execution(self, job_id: str, device_id: str) -> JobExecution | None:
        """Return what one device made of the job; None when it has no part in it."""

    def executions(self, job_id: str) -> dict[str, JobExecution]:
        """Return what each device made of the job; empty when there is no such job."""

    def details(self, job_id: str, device_id: str) -> Mapping[str, str]:
        """Return the statusDetails a device left."""


class RunningJobs(JobExecutions, Protocol):
    """Jobs of AWS IoT that devices have been given, and may be at."""

    def cancel(self, job_id: str) -> None:
        """Cancel a job with all its executions, also those in progress; one that is over or never was is left alone."""

    def cancel_execution(self, job_id: str, device_id: str) -> None:
        """Cancel a device's part of a job, also one in progress; one that is over or never was is left alone."""


class NewJobs(Protocol):
    """Jobs of AWS IoT that devices are to be given."""

    def create(self, job_id: str, device_ids: Sequence[str], document: JobDocument) -> None:
        """Create a job; one that exists already is left alone.

        Raises NotFound when a thing is gone, NotOurs when somebody else has created a job of this name.
        """

    def missing(self, device_ids: Iterable[str]) -> list[str]:
        """Return those of the devices that AWS IoT has no thing for; a call for each, so only after NotFound."""

    def artifact_url(self, sha256: str) -> str:
        """Return the address that IoT turns into a presigned one at delivery."""


class Workflows(Protocol):
    """Step Functions."""

    def state(self, execution_arn: str) -> ExecutionState | None:
        """Return where an execution stands; None when there is no such execution."""

    def start(self, machine: str, name: str, payload: Mapping[str, object]) -> str:
        """Start an execution of this name, or find it started; returns its ARN."""

    def execution_arn(self, machine: str, name: str) -> str:
        """Return the ARN an execution of this name has."""

    def stop(self, execution_arn: str, reason: str) -> None:
        """Stop an execution; one that has ended is left alone."""

    def answer(self, task_token: str, output: Mapping[str, object]) -> bool:
        """Answer a waiting state. False: nobody waits for this token any more."""
