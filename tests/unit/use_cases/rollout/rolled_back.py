"""Deployments that have rolled back, or are about to."""

from edgeflow.use_cases.rollout.conclude_rollback import RollbackEnd
from edgeflow.use_cases.rollout.conclude_rollout import RolloutEnd
from tests.unit.use_cases.cloud import (
    DEPLOYMENT,
    Cloud,
    deploy_wave,
    return_job,
    rollback_request,
    running_world,
    wave_job,
)


def completed(devices: int = 2) -> Cloud:
    """Every device runs the new version."""
    cloud = Cloud(running_world(devices, batch_size=devices))
    cloud.plan(DEPLOYMENT)
    deploy_wave(cloud, 1, **{f"dev_{number:03d}": "SUCCEEDED" for number in range(1, devices + 1)})
    cloud.conclude_rollout(DEPLOYMENT, RolloutEnd.SETTLED)
    return cloud


def breached() -> Cloud:
    """The second wave breached, and its rollback has begun: devices 1 and 2 succeeded, 3 failed, 4 was not reached."""
    cloud = Cloud(running_world(4, batch_size=2))
    cloud.plan(DEPLOYMENT)
    deploy_wave(cloud, 1, dev_001="SUCCEEDED", dev_002="SUCCEEDED")
    cloud.dispatch(DEPLOYMENT, 2, "token-2")
    cloud.report("dev_003", "FAILED", job_id=wave_job(2), reason="unhealthy", runs_version="1")
    cloud.tally_all()
    cloud.plan_rollback(rollback_request())
    return cloud


def rolled_back() -> Cloud:
    cloud = breached()
    cloud.return_devices(DEPLOYMENT, 1, "token-r")
    for device in list(cloud.world.jobs[return_job(1)]):
        cloud.report(device, "SUCCEEDED", job_id=return_job(1), runs_version="1", sequence="9")
    cloud.tally_all()
    cloud.conclude_rollback(DEPLOYMENT, 1, RollbackEnd.RETURNED)
    return cloud
