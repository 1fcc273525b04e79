"""Going on with what was paused: once, however often it is asked for."""

from dataclasses import replace

import pytest

from edgeflow.domain.deployments import Deployment, DeploymentStatus
from edgeflow.domain.errors import Conflict
from tests.unit.use_cases.cloud import (
    DEPLOYMENT,
    ME,
    Cloud,
    deploy_wave,
    running_world,
)
from tests.unit.use_cases.deployments.stages import CLICKS, at_once, paused, types


def _with_token(deployment: Deployment) -> Deployment:
    return replace(deployment, resume_token="token-p")


def test_a_resume_that_died_before_it_woke_the_execution_is_made_good() -> None:
    cloud = paused()
    cloud.resume(DEPLOYMENT, by=ME)
    held = cloud.world.deployments[DEPLOYMENT]
    cloud.world.answers.pop("token-p")
    cloud.world.answered_tokens.clear()
    cloud.world.deployments[DEPLOYMENT] = _with_token(held)
    assert cloud.reconcile().answered == [DEPLOYMENT]
    assert cloud.world.answers["token-p"] == {"resumed": True}
    assert cloud.reconcile().total == 0


@pytest.mark.parametrize("status", sorted(set(DeploymentStatus) - {DeploymentStatus.RUNNING, DeploymentStatus.PAUSED}))
def test_what_is_not_paused_cannot_be_resumed_and_says_what_can_be_done(status: DeploymentStatus) -> None:
    with pytest.raises(Conflict, match=r"start begins it|create a new one"):
        Cloud(running_world(1, status=status)).resume(DEPLOYMENT, by=ME)


@pytest.mark.parametrize("breached", [False, True])
def test_many_resumes_at_once_are_one(breached: bool) -> None:  # noqa: FBT001
    cloud = paused(breached=breached)
    assert at_once(lambda: cloud.resume(DEPLOYMENT, by=ME, accept_failures=True)) == {"done": CLICKS}
    assert types(cloud).count("resumed") == 1
    assert types(cloud).count("breach_accepted") == breached
    assert cloud.world.answers["token-p"] == {"resumed": True}


def test_a_paused_execution_waits_and_resume_wakes_it_once() -> None:
    cloud = Cloud(running_world(1, status=DeploymentStatus.PENDING))
    cloud.start(DEPLOYMENT, by=ME)
    cloud.pause(DEPLOYMENT, by=ME)
    cloud.await_resume(DEPLOYMENT, "token-p", breached=False)
    assert "token-p" not in cloud.world.answers
    resumed = cloud.resume(DEPLOYMENT, by=ME)
    assert (resumed.status, resumed.resume_token) == (DeploymentStatus.RUNNING, None)
    assert cloud.world.answers["token-p"] == {"resumed": True}


def test_whoever_goes_on_after_a_breach_has_accepted_its_failures() -> None:
    cloud = Cloud(running_world(4, batch_size=2, auto_rollback=False))
    cloud.start(DEPLOYMENT, by=ME)
    cloud.plan(DEPLOYMENT)
    deploy_wave(cloud, 1, dev_001="SUCCEEDED", dev_002="FAILED")
    cloud.await_resume(DEPLOYMENT, "token-b", breached=True)
    with pytest.raises(Conflict, match=r'wave 1 exceeded its failure threshold.*"accept_failures": true'):
        cloud.resume(DEPLOYMENT, by=ME)
    assert cloud.world.deployments[DEPLOYMENT].status is DeploymentStatus.PAUSED
    cloud.resume(DEPLOYMENT, by=ME, accept_failures=True)
    deploy_wave(cloud, 2, dev_003="SUCCEEDED", dev_004="SUCCEEDED")
    assert cloud.world.answers["token-2"]["breached"] is False
    cloud.watch.begin(DEPLOYMENT, "token-w")
    assert "token-w" not in cloud.world.answers
