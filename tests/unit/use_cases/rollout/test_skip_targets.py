"""Settling the targets that a rollout never reached: those alone, and once."""

from edgeflow.domain.deployments import DeploymentStatus, TargetStatus
from edgeflow.domain.strategies import Strategy
from edgeflow.use_cases.rollout.skip_targets import SkipTargets
from tests.unit.use_cases.cloud import DEPLOYMENT, Cloud, deploy_wave, running_world, wave_job
from tests.unit.use_cases.memory import MOMENT
from tests.unit.use_cases.memory_targets import MemoryTargets


def test_what_is_pending_is_skipped_once_and_what_began_is_left_alone() -> None:
    cloud = Cloud(running_world(4, batch_size=2))
    cloud.plan(DEPLOYMENT)
    deploy_wave(cloud, 1, dev_001="SUCCEEDED")
    skip = SkipTargets(MemoryTargets(cloud.world), lambda: MOMENT)
    assert skip(DEPLOYMENT, why="it ended") == ["dev_003", "dev_004"]
    assert skip(DEPLOYMENT, why="it ended") == []
    assert cloud.world.statuses(DEPLOYMENT) == {
        "dev_001": "success",
        "dev_002": "deploying",
        "dev_003": "skipped",
        "dev_004": "skipped",
    }
    target = cloud.world.targets[DEPLOYMENT, "dev_003"]
    assert (target.reason, target.message, target.reached) == ("not_reached", "it ended", False)
    assert cloud.world.deployments[DEPLOYMENT].status is DeploymentStatus.RUNNING


def test_what_is_staged_and_was_not_switched_to_is_skipped_as_well() -> None:
    cloud = Cloud(running_world(2, strategy=Strategy.BLUE_GREEN))
    cloud.plan(DEPLOYMENT)
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    cloud.report("dev_001", "SUCCEEDED", job_id=wave_job(1), runs_version="1")
    skip = SkipTargets(MemoryTargets(cloud.world), lambda: MOMENT)
    assert skip(DEPLOYMENT, why="it ended") == ["dev_001"]
    staged = cloud.world.targets[DEPLOYMENT, "dev_001"]
    assert (staged.status, staged.reached) == (TargetStatus.SKIPPED, True), "its device has the version in a slot"


def test_a_target_that_cannot_be_read_is_not_skipped() -> None:
    cloud = Cloud(running_world(2))
    cloud.plan(DEPLOYMENT)
    cloud.world.damaged[DEPLOYMENT, "dev_001"] = cloud.world.targets[DEPLOYMENT, "dev_001"]
    assert SkipTargets(MemoryTargets(cloud.world), lambda: MOMENT)(DEPLOYMENT, why="x") == ["dev_002"]
