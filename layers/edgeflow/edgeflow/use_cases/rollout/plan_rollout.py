"""Planning a rollout: claim every device, remember what it runs, split the targets into waves."""

from dataclasses import dataclass, replace
from enum import StrEnum

from edgeflow.contract.history.deployments import WavesPlanned
from edgeflow.contract.history.details import Details
from edgeflow.contract.reasons import Reason
from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.deployments import ACTIVE, Deployment, DeploymentAction, DeploymentStatus, Target, TargetStatus
from edgeflow.domain.devices import Device
from edgeflow.domain.history import Entry, Part, ended, system
from edgeflow.domain.strategies import wave_count, wave_of
from edgeflow.domain.unreadable import Unreadable
from edgeflow.use_cases.concurrently import for_each
from edgeflow.use_cases.devices.ports import Install, Registry, Reports
from edgeflow.use_cases.rollout.claims import Claims, describe_conflicts
from edgeflow.use_cases.rollout.ports import Deployments, TargetLists, Targets
from edgeflow.use_cases.rollout.skip_targets import SkipTargets


class PlanOutcome(StrEnum):
    """How planning ended, as the state machine's choice reads it."""

    PLANNED = "planned"
    REFUSED = "refused"
    """Another deployment holds some of the devices; this one has failed."""
    STOPPED = "stopped"
    """The deployment was rolled back, or ended, while it was planned."""


@dataclass(frozen=True, slots=True)
class PlanRollout:
    """Plan one deployment. Repeatable: a plan that is there already is found again."""

    deployments: Deployments
    targets: Targets
    claims: Claims
    manifests: TargetLists
    registry: Registry
    devices: Reports
    skip_targets: SkipTargets
    clock: Clock

    def __call__(self, deployment_id: str) -> dict[str, int | bool | str]:
        """Write the targets and return what the state machine goes by (whole seconds).

        Raises:
            NotFound: there is no such deployment, or its list of targets is gone.
        """
        deployment = self.deployments.get(deployment_id)
        if deployment.status not in ACTIVE:
            return self._answer(deployment, PlanOutcome.STOPPED)
        device_ids = self.manifests.read(deployment_id)
        gone = set(self.registry.missing(device_ids))
        present = [device_id for device_id in device_ids if device_id not in gone]
        claimed = self.claims.take(deployment_id, deployment.flow_id, present)
        if claimed.conflicts:
            self._refuse(deployment, device_ids, claimed.conflicts)
            return self._answer(deployment, PlanOutcome.REFUSED)

        without = self._without_the_flow(deployment, claimed.installs)

        def add(place: tuple[int, str]) -> None:
            position, device_id = place
            wave = wave_of(position, len(device_ids), deployment.strategy, deployment.rules)
            target = self._target(
                device_id, wave, claimed.installs.get(device_id), unreadable=device_id in claimed.unreadable
            )
            if device_id in without:
                target = self._had_nothing(target)
            self.targets.add(deployment_id, target, created_at=deployment.created_at)

        for_each(add, enumerate(device_ids))
        waves = wave_count(len(device_ids), deployment.strategy, deployment.rules)
        entry = self._entry(WavesPlanned(total_targets=len(device_ids), waves=waves))
        self.deployments.planned(deployment_id, total=len(device_ids), waves=waves, entry=entry)
        if self.deployments.get(deployment_id).status not in ACTIVE:
            # What was planned while somebody stopped it is taken back; touched devices keep their claims.
            skipped = self.skip_targets(deployment_id, why="the deployment was stopped while it was planned")
            self.claims.release(deployment_id, deployment.flow_id, skipped)
            return self._answer(deployment, PlanOutcome.STOPPED)
        return self._answer(deployment, PlanOutcome.PLANNED, waves=waves)

    def _target(self, device_id: str, wave: int, install: Install | None, *, unreadable: bool) -> Target:
        if unreadable:
            return Target(
                device_id=device_id,
                wave=wave,
                status=TargetStatus.FAILED,
                reason=Reason.UNREADABLE.value,
                message="what the device runs of this flow cannot be read; remove the device and register it again",
                finished_at=timestamp(self.clock()),
            )
        if install is None:
            return Target(
                device_id=device_id,
                wave=wave,
                status=TargetStatus.FAILED,
                reason=Reason.DEVICE_GONE.value,
                message="the device was removed before the deployment started",
                finished_at=timestamp(self.clock()),
            )
        return Target(device_id=device_id, wave=wave, status=TargetStatus.PENDING, version_before=install.version)

    def _without_the_flow(self, deployment: Deployment, installs: dict[str, Install]) -> set[str]:
        """Return the devices from which there is nothing to remove: neither our records nor their own word name it.

        A device that says that it has the flow gets its job, whatever our records say; so does one whose word cannot
        be read. Nothing that runs passes for removed.
        """
        if deployment.action is DeploymentAction.DEPLOY:
            return set()
        none = [device_id for device_id, install in installs.items() if install.version is None]
        devices = self.devices.many(none)
        return {device_id for device_id in none if not _names(devices.get(device_id), deployment.flow_id)}

    def _had_nothing(self, target: Target) -> Target:
        return replace(
            target,
            status=TargetStatus.SUCCESS,
            reason=Reason.NOT_INSTALLED.value,
            message="the device did not have the flow: there was nothing to remove",
            finished_at=timestamp(self.clock()),
        )

    def _refuse(self, deployment: Deployment, device_ids: list[str], conflicts: dict[str, str]) -> None:
        self.claims.release(deployment.id, deployment.flow_id, device_ids)
        entry = self._entry(ended(DeploymentStatus.FAILED, []))
        self.deployments.finish(
            deployment.id,
            allowed=ACTIVE,
            to=DeploymentStatus.FAILED,
            reason=f"nothing was deployed: {describe_conflicts(conflicts)}",
            at=entry.at,
            entry=entry,
        )

    def _entry(self, details: Details) -> Entry:
        return Entry(at=timestamp(self.clock()), actor=system(Part.PLAN_ROLLOUT), details=details)

    def _answer(self, deployment: Deployment, outcome: PlanOutcome, *, waves: int = 0) -> dict[str, int | bool | str]:
        return {
            "outcome": outcome.value,
            "waves": waves,
            "timeout_seconds": deployment.rules.timeout_seconds,
            "batch_delay_seconds": deployment.rules.batch_delay_seconds,
            "canary_delay_seconds": deployment.rules.canary_delay_seconds,
            "switch_delay_seconds": deployment.rules.switch_delay_seconds,
            "auto_rollback": deployment.rules.auto_rollback,
        }


def _names(device: Device | Unreadable | None, flow_id: str) -> bool:
    """Tell whether a device may have the flow by its newest report, in whatever slot."""
    if isinstance(device, Unreadable):
        return True
    report = device.report if device is not None else None
    return report is not None and any(flow.flow_id == flow_id for flow in report.flows)
