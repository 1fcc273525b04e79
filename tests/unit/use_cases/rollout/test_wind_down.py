"""Winding down what was cancelled, and nothing else."""

from edgeflow.domain.deployments import DeploymentStatus
from edgeflow.use_cases.rollout.plan_rollback import Origin
from tests.unit.use_cases.cloud import DEPLOYMENT, ME, rollback_request
from tests.unit.use_cases.deployments.stages import at_work, claimed


def test_a_late_message_to_wind_down_does_nothing_to_a_rollback() -> None:
    cloud = at_work()
    cloud.cancel(DEPLOYMENT, by=ME)
    cloud.wind_down(DEPLOYMENT)
    cloud.rollback(DEPLOYMENT, by=ME)
    cloud.plan_rollback(rollback_request(origin=Origin.OPERATOR))
    assert cloud.wind_down(DEPLOYMENT) is DeploymentStatus.ROLLING_BACK
    assert claimed(cloud) == {"dev_001"}
