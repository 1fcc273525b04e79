"""Deployments that skip who is offline, in memory."""

from collections.abc import Iterable
from dataclasses import replace

from edgeflow.domain.deployments import TargetStatus
from edgeflow.domain.devices import Presence
from edgeflow.domain.strategies import Strategy
from tests.unit.use_cases.cloud import DEPLOYMENT, Cloud, running_world
from tests.unit.use_cases.memory import World

SKIPPED = (TargetStatus.SKIPPED, "offline")


def is_connected(world: World, device: str, *, connected: bool) -> None:
    """Let AWS IoT's newest word on a device be this."""
    world.presences[device] = Presence(device_id=device, connected=connected, connection=1, at_ms=1)


def begun(
    strategy: Strategy = Strategy.ROLLING,
    *,
    offline: Iterable[str] = (),
    devices: int = 4,
    batch_size: int = 2,
    threshold: int = 0,
    canaries: int = 50,
    skip: bool = True,
    auto_rollback: bool = True,
) -> Cloud:
    """Return a planned deployment that skips who is offline; these devices are. Nothing is waited for between waves."""
    made = running_world(
        devices, batch_size=batch_size, threshold=threshold, strategy=strategy, auto_rollback=auto_rollback
    )
    deployment = made.deployments[DEPLOYMENT]
    rules = replace(deployment.rules, batch_delay_seconds=0, canary_percentage=canaries, skip_offline=skip)
    made.deployments[DEPLOYMENT] = replace(deployment, rules=rules)
    away = set(offline)
    for device in made.registered:
        is_connected(made, device, connected=device not in away)
    cloud = Cloud(made)
    cloud.plan(DEPLOYMENT)
    return cloud


def end_of(cloud: Cloud, device: str) -> tuple[TargetStatus, str | None]:
    target = cloud.world.targets[DEPLOYMENT, device]
    return target.status, target.reason


def told(cloud: Cloud) -> set[str]:
    """Return every device that has a job."""
    return {device for executions in cloud.world.jobs.values() for device in executions}
