"""Retrying: just the targets that failed, once, whatever the call was interrupted by."""

from dataclasses import replace

import pytest

from edgeflow.domain.deployments import CAN_RETRY, DeploymentStatus
from edgeflow.domain.errors import Conflict
from edgeflow.use_cases.rollout.conclude_rollout import RolloutEnd
from tests.unit.use_cases.cloud import (
    DEPLOYMENT,
    ME,
    Cloud,
    deploy_wave,
    running_world,
)
from tests.unit.use_cases.memory import Died
from tests.unit.use_cases.rollout.rolled_back import rolled_back


def failed_with_one() -> Cloud:
    """A rolling deployment that reached its end with one failure, within its threshold."""
    cloud = Cloud(running_world(4, batch_size=4, threshold=50))
    cloud.plan(DEPLOYMENT)
    deploy_wave(cloud, 1, dev_001="SUCCEEDED", dev_002="FAILED", dev_003="SUCCEEDED", dev_004="SUCCEEDED")
    cloud.conclude_rollout(DEPLOYMENT, RolloutEnd.SETTLED)
    return cloud


def test_only_the_failed_targets_are_deployed_to() -> None:
    cloud = failed_with_one()
    old = cloud.world.deployments[DEPLOYMENT]
    retry = cloud.retry(DEPLOYMENT, by=ME)
    assert (retry.status, retry.retry_of, retry.total_targets) == (DeploymentStatus.RUNNING, DEPLOYMENT, 1)
    assert (retry.artifact, retry.strategy, retry.rules) == (old.artifact, old.strategy, old.rules)
    assert cloud.world.manifests[retry.id] == ["dev_002"]
    assert cloud.world.deployments[DEPLOYMENT].retried_by == retry.id
    assert f"rolling:{retry.id}" in cloud.world.executions
    assert cloud.plan(retry.id)["outcome"] == "planned"


def test_a_retry_in_which_every_device_would_time_out_is_refused_and_changes_nothing() -> None:
    cloud = failed_with_one()
    old = cloud.world.deployments[DEPLOYMENT]
    rules = replace(old.rules, timeout_seconds=30, health_window_seconds=30)
    cloud.world.deployments[DEPLOYMENT] = replace(old, rules=rules)
    with pytest.raises(Conflict, match=r"timeout 30s leaves a device no time for its health_window of 30s"):
        cloud.retry(DEPLOYMENT, by=ME)
    assert list(cloud.world.deployments) == [DEPLOYMENT]
    assert cloud.world.deployments[DEPLOYMENT].retried_by is None


def test_two_clicks_make_one_retry() -> None:
    cloud = failed_with_one()
    retry = cloud.retry(DEPLOYMENT, by=ME)
    with pytest.raises(Conflict, match=f"retried already, by {retry.id}"):
        cloud.retry(DEPLOYMENT, by=ME)
    assert len(cloud.world.deployments) == 2


@pytest.mark.slow
def test_killed_at_any_moment_and_called_again_makes_one_retry() -> None:
    whole = failed_with_one()
    whole.world.steps = 0
    whole.retry(DEPLOYMENT, by=ME)
    moments = whole.world.steps
    for moment in range(1, moments + 1):
        cloud = failed_with_one()
        cloud.world.steps, cloud.world.die_at = 0, moment
        with pytest.raises(Died):
            cloud.retry(DEPLOYMENT, by=ME)
        cloud.world.die_at = None
        retried_by = cloud.world.deployments[DEPLOYMENT].retried_by
        running = retried_by in cloud.world.deployments and (
            cloud.world.deployments[retried_by].status is DeploymentStatus.RUNNING
        )
        if running:  # the retry is there; what is left of its start, start completes
            with pytest.raises(Conflict, match="retried already"):
                cloud.retry(DEPLOYMENT, by=ME)
            assert cloud.reconcile().looked_at == 1
        else:
            cloud.retry(DEPLOYMENT, by=ME)
        assert len(cloud.world.deployments) == 2
        assert len([arn for arn in cloud.world.executions if not arn.endswith(DEPLOYMENT)]) == 1
        assert [event.type for event in cloud.world.history[DEPLOYMENT]].count("retried") == 1
        retry = cloud.world.history[str(cloud.world.deployments[DEPLOYMENT].retried_by)]
        assert [event.type for event in retry] == ["created", "started"]


@pytest.mark.parametrize("status", sorted(set(DeploymentStatus) - CAN_RETRY))
def test_only_what_has_failed_or_was_rolled_back_can_be_retried(status: DeploymentStatus) -> None:
    with pytest.raises(Conflict, match=f"is {status}"):
        Cloud(running_world(1, status=status)).retry(DEPLOYMENT, by=ME)


def test_a_deployment_without_failed_targets_has_nothing_to_retry() -> None:
    cloud = Cloud(running_world(1))
    cloud.plan(DEPLOYMENT)
    cloud.conclude_rollout(DEPLOYMENT, RolloutEnd.BROKEN, cause="a test")
    with pytest.raises(Conflict, match="no target"):
        cloud.retry(DEPLOYMENT, by=ME)


def test_what_was_rolled_back_is_retried_with_all_its_targets() -> None:
    cloud = rolled_back()
    retry = cloud.retry(DEPLOYMENT, by=ME)
    assert (retry.status, retry.retry_of, retry.total_targets) == (DeploymentStatus.RUNNING, DEPLOYMENT, 4)
    assert cloud.plan(retry.id)["outcome"] == "planned"


def test_what_was_rolled_back_is_retried_with_just_those_that_failed() -> None:
    cloud = rolled_back()
    retry = cloud.retry(DEPLOYMENT, by=ME, only=["failed"])
    assert cloud.world.manifests[retry.id] == ["dev_003"]
    with pytest.raises(Conflict, match="retried already"):
        cloud.retry(DEPLOYMENT, by=ME)
