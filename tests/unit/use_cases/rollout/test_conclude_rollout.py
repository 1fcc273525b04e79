"""How a rollout ends, by how its targets did."""

from edgeflow.domain.deployments import DeploymentStatus
from edgeflow.use_cases.rollout.conclude_rollout import RolloutEnd
from tests.unit.use_cases.cloud import (
    DEPLOYMENT,
    Cloud,
    deploy_wave,
    running_world,
)


def test_zero_failures_completes() -> None:
    cloud = Cloud(running_world(3, batch_size=2))
    assert cloud.plan(DEPLOYMENT)["waves"] == 2
    deploy_wave(cloud, 1, dev_001="SUCCEEDED", dev_002="SUCCEEDED")
    deploy_wave(cloud, 2, dev_003="SUCCEEDED")
    assert cloud.conclude_rollout(DEPLOYMENT, RolloutEnd.SETTLED) is DeploymentStatus.COMPLETED
    assert cloud.world.answers["token-2"] == {
        "wave": 2,
        "total": 1,
        "succeeded": 1,
        "failed": 0,
        "tolerated": 0,
        "settled": True,
        "breached": False,
    }
    assert all(install.claimed_by is None for install in cloud.world.installs.values())


def test_failures_within_the_threshold_end_failed_and_roll_nothing_back() -> None:
    cloud = Cloud(running_world(2, batch_size=2, threshold=50))
    cloud.plan(DEPLOYMENT)
    deploy_wave(cloud, 1, dev_001="SUCCEEDED", dev_002="FAILED")
    assert cloud.world.answers["token-1"]["breached"] is False
    assert cloud.conclude_rollout(DEPLOYMENT, RolloutEnd.SETTLED) is DeploymentStatus.FAILED
    assert "dev_002" in cloud.world.deployments[DEPLOYMENT].status_reason
