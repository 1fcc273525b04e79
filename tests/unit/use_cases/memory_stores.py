"""The stores of the ports, in memory."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from edgeflow.domain.deployments import (
    ANY_DEPLOYMENT,
    CAN_ROLL_BACK,
    UNFINISHED,
    Deployment,
    DeploymentFilter,
    DeploymentStatus,
)
from edgeflow.domain.errors import Conflict, NotFound
from edgeflow.domain.history import Entry
from edgeflow.domain.remains import Remains
from edgeflow.domain.unreadable import Kind, Unreadable
from edgeflow.domain.waves import Awaits, Deltas, Wave, WaveMark
from tests.unit.use_cases.memory import Port, port_call, unreadable


class MemoryDeployments(Port):
    """See ports.Deployments."""

    @port_call
    def get(self, deployment_id: str) -> Deployment:
        if deployment_id not in self.world.deployments:
            raise NotFound(deployment_id)
        self.world.require_readable(Kind.DEPLOYMENT, deployment_id)
        return self.world.deployments[deployment_id]

    @port_call
    def create(self, deployment: Deployment, *, entry: Entry) -> None:
        self.world.deployments[deployment.id] = deployment
        self.world.tell(deployment.id, entry)

    @port_call
    def page(
        self,
        *,
        limit: int,
        after: str | None = None,
        wanted: DeploymentFilter = ANY_DEPLOYMENT,
        oldest_first: bool = False,
    ) -> tuple[list[Deployment | Unreadable], str | None]:
        found = [
            each
            for each in sorted(self.world.deployments.values(), key=lambda each: each.id, reverse=not oldest_first)
            if (after is None or (each.id > after if oldest_first else each.id < after)) and wanted.matches(each)
        ]
        shown: list[Deployment | Unreadable] = [
            unreadable(Kind.DEPLOYMENT, each.id) if (Kind.DEPLOYMENT, each.id) in self.world.unreadable else each
            for each in found[:limit]
        ]
        return shown, found[limit - 1].id if len(found) > limit else None

    @port_call
    def unfinished(self) -> Iterator[Deployment | Unreadable]:
        at_work = UNFINISHED - {DeploymentStatus.PENDING}
        for each in sorted(self.world.deployments.values(), key=lambda each: each.id):
            if each.status in at_work:
                damaged = (Kind.DEPLOYMENT, each.id) in self.world.unreadable
                yield unreadable(Kind.DEPLOYMENT, each.id) if damaged else each

    def _change(self, deployment_id: str, **facts: Any) -> Deployment:  # noqa: ANN401  fields of a deployment
        self.world.deployments[deployment_id] = replace(self.world.deployments[deployment_id], **facts)
        return self.world.deployments[deployment_id]

    def _tell(self, deployment_id: str, entry: Entry, **facts: Any) -> Deployment:  # noqa: ANN401  fields of a deployment
        self._change(deployment_id, **facts)
        self.world.tell(deployment_id, entry)
        return self.world.deployments[deployment_id]

    @port_call
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
        found = self.world.deployments[deployment_id]
        if found.status not in set(allowed):
            message = f"the deployment is {found.status}"
            raise Conflict(message)
        return self._tell(deployment_id, entry, status=to, status_reason=reason, started_at=found.started_at or at)

    @port_call
    def request_cancel(
        self, deployment_id: str, *, allowed: Iterable[DeploymentStatus], reason: str, entry: Entry
    ) -> Deployment:
        if self.world.deployments[deployment_id].status not in set(allowed):
            message = f"the deployment is {self.world.deployments[deployment_id].status}"
            raise Conflict(message)
        cancelling = {"status": DeploymentStatus.CANCELLING, "cancel_asked_at": entry.at, "resume_token": None}
        return self._tell(deployment_id, entry, status_reason=reason, **cancelling)

    @port_call
    def mark_execution_started(self, deployment_id: str, execution_arn: str) -> Deployment:
        return self._change(deployment_id, execution_arn=execution_arn, execution_started=True)

    @port_call
    def resolved(self, deployment_id: str, *, total: int, entry: Entry) -> None:
        if not self.world.deployments[deployment_id].total_targets:
            self._tell(deployment_id, entry, total_targets=total)

    @port_call
    def planned(self, deployment_id: str, *, total: int, waves: int, entry: Entry) -> None:
        if not self.world.deployments[deployment_id].waves:
            self._tell(deployment_id, entry, total_targets=total, waves=waves)

    @port_call
    def reached_wave(self, deployment_id: str, wave: int, *, entry: Entry) -> None:
        if self.world.deployments[deployment_id].current_wave < wave:
            self._tell(deployment_id, entry, current_wave=wave, watch_token=None, watched_since=None)

    @port_call
    def promote(self, deployment_id: str, task_token: str, *, entry: Entry) -> Deployment | None:
        found = self.world.deployments[deployment_id]
        if found.status is DeploymentStatus.RUNNING and found.watch_token == task_token != found.promoted_token:
            found = self._tell(deployment_id, entry, promoted_token=task_token)
        return found if found.promoted_token == task_token == found.watch_token else None

    @port_call
    def hold(self, deployment_id: str, task_token: str, *, reason: str | None, entry: Entry) -> bool:
        found = self.world.deployments[deployment_id]
        if task_token in {found.resume_token, *self.world.answered_tokens}:
            return True
        if found.status is DeploymentStatus.PAUSED:
            self._change(deployment_id, resume_token=task_token)
            return True
        if reason and found.status is DeploymentStatus.RUNNING:
            paused = {"status": DeploymentStatus.PAUSED, "status_reason": reason}
            self._tell(deployment_id, entry, resume_token=task_token, **paused)
            return True
        return False

    @port_call
    def resumed(self, deployment_id: str, task_token: str) -> Deployment:
        if self.world.deployments[deployment_id].resume_token == task_token:
            self._change(deployment_id, resume_token=None)
            self.world.answered_tokens.add(task_token)
        return self.world.deployments[deployment_id]

    @port_call
    def reserve_retry(self, deployment_id: str, retry_id: str, *, entry: Entry) -> str:
        if self.world.deployments[deployment_id].retried_by is None:
            self._tell(deployment_id, entry, retried_by=retry_id)
        return str(self.world.deployments[deployment_id].retried_by)

    @port_call
    def watch(
        self, deployment_id: str, task_token: str, *, wave: int | None = None, since: str | None = None
    ) -> Deployment:
        if wave not in {None, self.world.deployments[deployment_id].current_wave}:
            return self.world.deployments[deployment_id]
        return self._change(deployment_id, watch_token=task_token, watched_since=since)

    @port_call
    def note_breach(self, deployment_id: str, wave: str) -> Deployment:
        return self._change(deployment_id, breached_wave=wave)

    @port_call
    def accept_breach(self, deployment_id: str, *, entry: Entry) -> None:
        if self.world.deployments[deployment_id].breached_wave is not None:
            self._tell(deployment_id, entry, breached_wave=None)

    @port_call
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
        found = self.world.deployments[deployment_id]
        if found.status is DeploymentStatus.ROLLING_BACK and found.rollbacks == attempt:
            return found
        if found.status not in CAN_ROLL_BACK or found.rollbacks != attempt - 1:
            message = f"the deployment is {found.status}"
            raise Conflict(message)
        if asked is not None:
            self.world.tell(deployment_id, asked)
        return self._tell(
            deployment_id,
            entry,
            status=DeploymentStatus.ROLLING_BACK,
            rollbacks=attempt,
            rollback_execution_arn=execution_arn,
            status_reason=reason,
        )

    @port_call
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
        if self.world.deployments[deployment_id].status not in set(allowed):
            return None
        return self._tell(deployment_id, entry, status=to, status_reason=reason, finished_at=at)

    @port_call
    def remains(self, deployment_id: str) -> Remains:
        if deployment_id not in self.world.deployments:
            raise NotFound(deployment_id)
        found = self.world.deployments[deployment_id]
        planned = {device: wave for (owner, device), wave in self.world.planned.items() if owner == deployment_id}
        returns = [
            entry.group for key, entry in self.world.returns.items() if key[:2] == (deployment_id, found.rollbacks)
        ]
        return Remains(
            deployment_id=deployment_id,
            flow_id=found.flow_id,
            devices=tuple(device for owner, device in self.world.targets if owner == deployment_id),
            planned=Counter(planned.values()),
            current_wave=found.current_wave,
            rollbacks=found.rollbacks,
            returns=Counter(returns),
        )

    @port_call
    def remove(self, remains: Remains, *, entry: Entry) -> None:
        owner = remains.deployment_id
        items: list[dict[Any, Any]] = [self.world.targets, self.world.planned, self.world.waves, self.world.returns]
        for kept in items:
            for key in [key for key in kept if key[0] == owner]:
                self.world.step()
                del kept[key]
        self.world.tell(owner, entry)
        del self.world.deployments[owner]

    @port_call
    def count(self, deployment_id: str, deltas: Deltas, *, first: str, last: str) -> str | None:
        if deployment_id not in self.world.deployments:
            raise NotFound(deployment_id)
        counted = self.world.checkpoints.get((deployment_id, ""), "")
        if counted >= first:
            return counted
        counts = dict(self.world.deployments[deployment_id].counts)
        for status, delta in deltas.items():
            counts[status] = counts.get(status, 0) + delta
        self._change(deployment_id, counts=counts)
        self.world.checkpoints[deployment_id, ""] = last
        return None


class MemoryWaves(Port):
    """See ports.Waves."""

    @port_call
    def get(self, deployment_id: str, name: str) -> Wave | None:
        self.world.require_readable(Kind.WAVE, name)
        return self.world.waves.get((deployment_id, name))

    @port_call
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
        found = self.world.waves.get((deployment_id, name), Wave(name=name))
        if found.awaits is Awaits.SETTLEMENT and awaits is Awaits.VERDICT:
            return found
        opened = replace(found, total=total, tolerated=tolerated, task_token=task_token, awaits=awaits, since=since)
        self.world.waves[deployment_id, name] = opened
        self.world.require_readable(Kind.WAVE, name)
        return opened

    @port_call
    def cancelling(self, deployment_id: str, name: str, *, at: str) -> str:
        self.world.require_readable(Kind.WAVE, name)
        found = self.world.waves.get((deployment_id, name), Wave(name=name))
        noted = replace(found, cancelled_at=found.cancelled_at or at)
        self.world.waves[deployment_id, name] = noted
        return noted.cancelled_at or at

    @port_call
    def tolerate(self, deployment_id: str, name: str, failures: int) -> None:
        found = self.world.waves[deployment_id, name]
        self.world.waves[deployment_id, name] = replace(found, tolerated=max(found.tolerated, failures))

    @port_call
    def tell(self, deployment_id: str, name: str, mark: WaveMark, *, entry: Entry, level: int = 1) -> bool:
        found = self.world.waves[deployment_id, name]
        if found.marks.get(mark, 0) >= level:
            return False
        self.world.waves[deployment_id, name] = replace(found, marks={**found.marks, mark: level})
        self.world.tell(deployment_id, entry)
        return True

    @port_call
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
