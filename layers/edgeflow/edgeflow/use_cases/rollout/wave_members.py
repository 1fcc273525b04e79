"""Which targets are in a wave: those planned for it, and in a switch those that the staging before has left staged."""

from collections.abc import Collection

from edgeflow.contract.reasons import Reason
from edgeflow.domain.deployments import Deployment, TargetStatus
from edgeflow.domain.rules import tolerated_failures
from edgeflow.domain.strategies import STAGING_WAVE
from edgeflow.domain.unreadable import Unreadable
from edgeflow.use_cases.rollout.ports import Targets


def members_of_wave(targets: Targets, deployment: Deployment, wave: int) -> list[str]:
    """Return the device ids of a wave, always in the same order; a switch that did not begin has none."""
    if not deployment.strategy.switches(wave):
        return targets.members(deployment.id, wave)
    staged = targets.members(deployment.id, STAGING_WAVE)
    found = targets.many(deployment.id, staged)
    inside = {
        device_id for device_id, target in found.items() if not isinstance(target, Unreadable) and target.wave == wave
    }
    return [device_id for device_id in staged if device_id in inside]


def enter_wave(targets: Targets, deployment: Deployment, wave: int, *, at: str) -> list[str]:
    """Let a wave begin: move to it what is staged for it, and return its device ids. Repeatable.

    No job is created before all have been moved, so a call that died half-way changes no chunk of the next one.
    """
    if not deployment.strategy.switches(wave):
        return targets.members(deployment.id, wave)
    return targets.enter(deployment.id, targets.members(deployment.id, STAGING_WAVE), wave=wave, at=at)


def skipped_as_offline(targets: Targets, deployment: Deployment, members: Collection[str]) -> frozenset[str]:
    """Return those of a wave's devices that were skipped because they were not connected when it began."""
    if not deployment.rules.skip_offline:
        return frozenset()
    return frozenset(
        device_id
        for device_id, target in targets.many(deployment.id, members).items()
        if not isinstance(target, Unreadable)
        and target.status is TargetStatus.SKIPPED
        and target.reason == Reason.OFFLINE
    )


def tolerated_in_wave(targets: Targets, deployment: Deployment, members: Collection[str]) -> int:
    """Return how many of a wave's devices may fail: the threshold is a percentage of those that it did not skip."""
    threshold = deployment.rules.failure_threshold
    offline = skipped_as_offline(targets, deployment, members) if threshold else ()
    return tolerated_failures(len(members) - len(offline), threshold)
