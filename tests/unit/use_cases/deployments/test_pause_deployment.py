"""Pausing: what runs, and nothing else."""

import pytest

from edgeflow.domain.deployments import DeploymentStatus
from edgeflow.domain.errors import Conflict
from tests.unit.use_cases.cloud import (
    DEPLOYMENT,
    ME,
    Cloud,
    running_world,
)


@pytest.mark.parametrize("status", sorted(set(DeploymentStatus) - {DeploymentStatus.RUNNING}))
def test_only_what_runs_can_be_paused(status: DeploymentStatus) -> None:
    with pytest.raises(Conflict):
        Cloud(running_world(1, status=status)).pause(DEPLOYMENT, by=ME)
