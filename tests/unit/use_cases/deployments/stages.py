"""Deployments in each status, and many who act on one at the same moment."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from edgeflow.domain.deployments import DeploymentStatus
from edgeflow.domain.errors import Conflict, NotFound
from tests.unit.use_cases.cloud import DEPLOYMENT, ME, Cloud, running_world, wave_job

CLICKS = 20


def pending() -> Cloud:
    """A deployment of two waves that nobody has started."""
    return Cloud(running_world(4, status=DeploymentStatus.PENDING))


def at_work() -> Cloud:
    """Its first wave is dispatched: one device runs the new version, one is at it."""
    cloud = pending()
    cloud.start(DEPLOYMENT, by=ME)
    cloud.plan(DEPLOYMENT)
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    cloud.report("dev_001", "SUCCEEDED", job_id=wave_job(1), runs_version="2")
    return cloud


def paused(*, breached: bool = False) -> Cloud:
    """Its first wave is over, and the next one is held; with a breach that is why."""
    cloud = Cloud(running_world(4, status=DeploymentStatus.PENDING, auto_rollback=False))
    cloud.start(DEPLOYMENT, by=ME)
    cloud.plan(DEPLOYMENT)
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    cloud.report("dev_001", "SUCCEEDED", job_id=wave_job(1), runs_version="2")
    cloud.report("dev_002", "FAILED" if breached else "SUCCEEDED", job_id=wave_job(1), runs_version="2")
    cloud.tally_all()
    if not breached:
        cloud.pause(DEPLOYMENT, by=ME)
    cloud.await_resume(DEPLOYMENT, "token-p", breached=breached)
    return cloud


def at_once(click: Callable[[], object]) -> Counter[str]:
    """Click many times at the same moment; returns how many went through, and how many were refused."""
    barrier = Barrier(CLICKS)

    def one(_: int) -> str:
        barrier.wait(timeout=10)
        try:
            click()
        except (Conflict, NotFound) as refusal:
            return type(refusal).__name__
        return "done"

    with ThreadPoolExecutor(CLICKS) as pool:
        return Counter(pool.map(one, range(CLICKS)))


def types(cloud: Cloud) -> list[str]:
    return [event.type for event in cloud.world.history[DEPLOYMENT]]


def claimed(cloud: Cloud) -> set[str]:
    return {device for (device, _), install in cloud.world.installs.items() if install.claimed_by == DEPLOYMENT}
