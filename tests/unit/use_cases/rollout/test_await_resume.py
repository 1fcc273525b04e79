"""A paused execution is held until somebody resumes it, and a late copy of its message holds nothing."""

from edgeflow.domain.deployments import DeploymentStatus
from tests.unit.use_cases.cloud import (
    DEPLOYMENT,
    ME,
    Cloud,
    running_world,
)


def test_an_execution_that_reaches_its_gate_after_the_resume_goes_on_at_once() -> None:
    cloud = Cloud(running_world(1, status=DeploymentStatus.PENDING))
    cloud.start(DEPLOYMENT, by=ME)
    cloud.pause(DEPLOYMENT, by=ME)
    cloud.resume(DEPLOYMENT, by=ME)
    cloud.await_resume(DEPLOYMENT, "token-p", breached=False)
    assert cloud.world.answers["token-p"] == {"resumed": True}


def test_a_late_copy_of_the_message_that_paused_after_a_breach_does_not_pause_again() -> None:
    cloud = Cloud(running_world(1, status=DeploymentStatus.PENDING, auto_rollback=False))
    cloud.start(DEPLOYMENT, by=ME)
    cloud.await_resume(DEPLOYMENT, "token-b", breached=True)
    assert cloud.world.deployments[DEPLOYMENT].status is DeploymentStatus.PAUSED
    cloud.resume(DEPLOYMENT, by=ME)
    cloud.await_resume(DEPLOYMENT, "token-b", breached=True)
    assert cloud.world.deployments[DEPLOYMENT].status is DeploymentStatus.RUNNING
