"""Targets and what devices run, in memory. Records can be damaged: see ``World.damaged``."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from edgeflow.domain.deployments import UNBEGUN, Deployment, DeploymentFilter, Return, Target, TargetStatus
from edgeflow.domain.history import Entry
from edgeflow.domain.order import Said
from edgeflow.domain.unreadable import Kind, Unreadable
from edgeflow.use_cases.devices.ports import Install
from edgeflow.use_cases.rollout.ports import TargetOutcome
from tests.unit.use_cases.memory import Port, port_call, unreadable


class MemoryTargets(Port):
    """See ports.Targets."""

    def _seen(self, key: tuple[str, str]) -> Target | Unreadable:
        return unreadable(Kind.TARGET, key[1], key[0]) if key in self.world.damaged else self.world.targets[key]

    @port_call
    def get(self, deployment_id: str, device_id: str) -> Target | Unreadable | None:
        key = deployment_id, device_id
        return self._seen(key) if key in self.world.targets else None

    @port_call
    def mend(self, deployment_id: str, device_id: str, *, at: str) -> None:  # noqa: ARG002  the test names the moment
        mended = self.world.damaged.pop((deployment_id, device_id), None)
        if mended is not None:
            self.world.put_target(deployment_id, mended)

    @port_call
    def add(self, deployment_id: str, target: Target, *, created_at: str) -> None:  # noqa: ARG002  no list goes by it
        if (deployment_id, target.device_id) not in self.world.targets:
            self.world.put_target(deployment_id, target)

    @port_call
    def all(self, deployment_id: str) -> Iterator[Target | Unreadable]:
        return iter([self._seen(key) for key in sorted(self.world.targets) if key[0] == deployment_id])

    @port_call
    def page(
        self,
        deployment_id: str,
        *,
        limit: int,
        after: str | None,
        status: TargetStatus | None = None,
        wave: int | None = None,
    ) -> tuple[list[Target | Unreadable], str | None]:
        found = [
            key
            for key, target in sorted(self.world.targets.items())
            if key[0] == deployment_id
            and key[1] > (after or "")
            and status in {None, target.status}
            and wave in {None, target.wave}
        ]
        return [self._seen(key) for key in found[:limit]], found[limit - 1][1] if len(found) > limit else None

    @port_call
    def members(self, deployment_id: str, wave: int) -> list[str]:
        return sorted(
            device
            for (owner, device), planned in self.world.planned.items()
            if owner == deployment_id and planned == wave
        )

    @port_call
    def many(self, deployment_id: str, device_ids: Iterable[str]) -> dict[str, Target | Unreadable]:
        there = [device for device in device_ids if (deployment_id, device) in self.world.targets]
        return {device: self._seen((deployment_id, device)) for device in there}

    @port_call
    def of_device(self, device_id: str, deployment_ids: Iterable[str]) -> dict[str, Target | Unreadable]:
        keys = [(deployment_id, device_id) for deployment_id in deployment_ids]
        return {key[0]: self._seen(key) for key in keys if key in self.world.targets}

    @port_call
    def mark_deploying(self, deployment_id: str, device_ids: Sequence[str], *, wave: int, at: str) -> list[str]:
        for device in device_ids:
            target = self.world.targets[deployment_id, device]
            if target.status is TargetStatus.PENDING and (deployment_id, device) not in self.world.damaged:
                self.world.step()
                marked = replace(target, status=TargetStatus.DEPLOYING, started_at=at)
                self.world.put_target(deployment_id, marked)
        return [
            device
            for device in device_ids
            if (deployment_id, device) not in self.world.damaged
            and self.world.targets[deployment_id, device].status is TargetStatus.DEPLOYING
            and self.world.targets[deployment_id, device].wave == wave
        ]

    @port_call
    def enter(self, deployment_id: str, device_ids: Sequence[str], *, wave: int, at: str) -> list[str]:
        for device in device_ids:
            target = self.world.targets[deployment_id, device]
            if target.status is TargetStatus.STAGED and (deployment_id, device) not in self.world.damaged:
                self.world.step()
                moved = replace(target, status=TargetStatus.DEPLOYING, wave=wave, started_at=at)
                self.world.put_target(deployment_id, moved)
        return [device for device in device_ids if self.world.targets[deployment_id, device].wave == wave]

    @port_call
    def settle(self, deployment_id: str, device_id: str, outcome: TargetOutcome, *, wave: int, at: str) -> bool:
        target = self.world.targets[deployment_id, device_id]
        if (deployment_id, device_id) in self.world.damaged:
            return False  # the write is on the condition of a status that is there no longer
        if target.status not in {TargetStatus.PENDING, TargetStatus.DEPLOYING} or target.wave != wave:
            return False
        self.world.put_target(deployment_id, _settled(target, outcome, at))
        return True

    @port_call
    def give_up(
        self, deployment_id: str, device_id: str, outcome: TargetOutcome, *, wave: int, at: str, entry: Entry
    ) -> bool:
        target = self.world.targets[deployment_id, device_id]
        if (deployment_id, device_id) in self.world.damaged:
            return False  # the write is on the condition of a status that is there no longer
        if target.status is not TargetStatus.DEPLOYING or target.wave != wave:
            return False
        self.world.put_target(deployment_id, _settled(target, outcome, at))
        self.world.tell(deployment_id, entry)
        return True

    @port_call
    def skip(
        self,
        deployment_id: str,
        device_id: str,
        outcome: TargetOutcome,
        *,
        at: str,
        unbegun: frozenset[TargetStatus] = UNBEGUN,
    ) -> bool:
        target = self.world.targets[deployment_id, device_id]
        if (deployment_id, device_id) in self.world.damaged:
            return False  # the write is on the condition of a status that is there no longer
        if target.status not in unbegun:
            return False
        self.world.put_target(deployment_id, _settled(target, outcome, at))
        return True

    @port_call
    def fail_late(
        self, deployment_id: str, device_id: str, *, was: TargetStatus, reason: str, message: str, at: str
    ) -> bool:
        target = self.world.targets[deployment_id, device_id]
        if (deployment_id, device_id) in self.world.damaged:
            return False  # the write is on the condition of a status that is there no longer
        if target.status is not was:
            return False
        failed = replace(
            target, status=TargetStatus.FAILED, reason=reason, message=message, reported=False, finished_at=at
        )
        self.world.put_target(deployment_id, failed)
        return True

    @port_call
    def reach_late(self, deployment_id: str, target: Target, *, runs_version: int | None, entry: Entry) -> bool:
        found = self.world.targets[deployment_id, target.device_id]
        if (found.status, found.wave) != (target.status, target.wave) or found.reached_late:
            return False
        reached = replace(found, reached=True, reached_late=True, runs_version=runs_version)
        self.world.put_target(deployment_id, reached)
        self.world.tell(deployment_id, entry)
        return True

    @port_call
    def return_late(
        self, deployment_id: str, device_id: str, *, attempt: int, runs_version: int | None, at: str, entry: Entry
    ) -> bool:
        found = self.world.targets[deployment_id, device_id]
        if (found.status, found.rollback_attempt) != (TargetStatus.ROLLBACK_FAILED, attempt):
            return False
        returned = replace(found, status=TargetStatus.ROLLED_BACK, reason=None, message=None, reported=True)
        self.world.put_target(deployment_id, replace(returned, runs_version=runs_version, finished_at=at))
        self.world.tell(deployment_id, entry)
        return True

    @port_call
    def settle_return(
        self, deployment_id: str, device_id: str, outcome: TargetOutcome, *, attempt: int, at: str
    ) -> bool:
        target = self.world.targets[deployment_id, device_id]
        if target.rollback_attempt >= attempt:
            return False
        if target.status is TargetStatus.ROLLBACK_FAILED and outcome.reason is None:
            target = replace(target, reason=None, message=None)
        returned = replace(_settled(target, outcome, at), rollback_attempt=attempt, reached=target.reached)
        self.world.put_target(deployment_id, returned)
        return True

    @port_call
    def note(self, deployment_id: str, device_id: str, *, reason: str, message: str) -> None:
        target = self.world.targets[deployment_id, device_id]
        self.world.put_target(deployment_id, replace(target, reason=reason, message=message))

    @port_call
    def plan_return(self, deployment_id: str, attempt: int, entry: Return) -> None:
        self.world.returns[deployment_id, attempt, entry.device_id] = entry

    @port_call
    def returns(self, deployment_id: str, attempt: int) -> list[Return]:
        planned = [entry for key, entry in self.world.returns.items() if key[:2] == (deployment_id, attempt)]
        return sorted(planned, key=lambda entry: (entry.group, entry.device_id))

    @port_call
    def is_to_return(self, deployment_id: str, attempt: int, group: int, device_id: str) -> bool:
        entry = self.world.returns.get((deployment_id, attempt, device_id))
        return entry is not None and entry.group == group

    @port_call
    def first_returns(self, deployment_id: str, attempt: int, *, most: int) -> list[Return]:
        planned = [entry for key, entry in self.world.returns.items() if key[:2] == (deployment_id, attempt)]
        return sorted(planned, key=lambda entry: (entry.group, entry.device_id))[:most]


def _settled(target: Target, outcome: TargetOutcome, at: str) -> Target:
    return replace(
        target,
        status=outcome.status,
        reason=outcome.reason or target.reason,
        message=outcome.message or target.message,
        reached=outcome.reached or target.reached,
        reported=outcome.reported,
        runs_version=outcome.runs_version,
        finished_at=at,
    )


class MemoryDeviceDeployments(Port):
    """See ports.DeviceDeployments. Ids are in the order of creation."""

    @port_call
    def page(
        self, device_id: str, *, limit: int, after: str | None, wanted: DeploymentFilter, oldest_first: bool
    ) -> tuple[list[Deployment | Unreadable], str | None]:
        found = [
            each
            for each in sorted(self.world.deployments.values(), key=lambda each: each.id, reverse=not oldest_first)
            if (each.id, device_id) in self.world.targets
            and (after is None or (each.id > after if oldest_first else each.id < after))
            and wanted.matches(each)
        ]
        shown: list[Deployment | Unreadable] = [
            unreadable(Kind.DEPLOYMENT, each.id) if (Kind.DEPLOYMENT, each.id) in self.world.unreadable else each
            for each in found[:limit]
        ]
        return shown, found[limit - 1].id if len(found) > limit else None


class MemoryInstalls(Port):
    """See ports.Installs."""

    def _install(self, device_id: str, flow_id: str) -> Install:
        return self.world.installs.get((device_id, flow_id), Install(device_id=device_id))

    @port_call
    def claim(self, device_id: str, flow_id: str, deployment_id: str) -> Install | Unreadable:
        if (device_id, flow_id) in self.world.unreadable_installs:
            return unreadable(Kind.INSTALL, flow_id, device_id)
        install = self._install(device_id, flow_id)
        if install.claimed_by in {None, deployment_id}:
            install = replace(install, claimed_by=deployment_id)
            self.world.installs[device_id, flow_id] = install
        return install

    @port_call
    def take_over(self, device_id: str, flow_id: str, deployment_id: str, *, stale: str) -> Install | Unreadable:
        install = self._install(device_id, flow_id)
        if install.claimed_by == stale:
            install = replace(install, claimed_by=deployment_id)
            self.world.installs[device_id, flow_id] = install
        return install

    @port_call
    def release(self, device_id: str, flow_id: str, deployment_id: str) -> None:
        install = self._install(device_id, flow_id)
        if install.claimed_by == deployment_id:
            self.world.installs[device_id, flow_id] = replace(install, claimed_by=None)

    @port_call
    def record(self, device_id: str, flow_id: str, said: Said, *, version: int | None, deployment_id: str) -> None:
        install = self._install(device_id, flow_id)
        if install.said is None or said.is_after(install.said):
            changed = replace(install, version=version, deployment_id=deployment_id, said=said)
            self.world.installs[device_id, flow_id] = changed

    @port_call
    def many(self, device_ids: Iterable[str], flow_id: str) -> dict[str, Install | Unreadable]:
        return {
            device: unreadable(Kind.INSTALL, flow_id, device)
            if (device, flow_id) in self.world.unreadable_installs
            else self.world.installs[device, flow_id]
            for device in device_ids
            if (device, flow_id) in self.world.installs
        }
