"""A device that turns bad after it succeeded has failed after all."""

import pytest

from edgeflow.contract.reasons import Reason
from tests.unit.use_cases.cloud import (
    DEPLOYMENT,
    Cloud,
    deploy_wave,
    running_world,
)
from tests.unit.use_cases.rollout.ill_reports import ill_report


def test_the_code_that_a_device_gives_for_what_is_wrong_is_its_targets() -> None:
    cloud = Cloud(running_world(2, batch_size=2))
    cloud.plan(DEPLOYMENT)
    deploy_wave(cloud, 1, dev_001="SUCCEEDED", dev_002="SUCCEEDED")
    told = ill_report(version=2, sequence=9)
    in_loop = told.model_copy(
        update={"flows": tuple(flow.model_copy(update={"reason": Reason.CRASH_LOOP}) for flow in told.flows)}
    )
    cloud.fail_late("dev_001", in_loop)
    cloud.fail_late("dev_002", told)
    reasons = [cloud.world.targets[DEPLOYMENT, device].reason for device in ("dev_001", "dev_002")]
    assert reasons == [Reason.CRASH_LOOP, Reason.UNHEALTHY]


@pytest.mark.parametrize(
    ("version", "sequence"), [pytest.param(1, 9, id="another_version"), pytest.param(2, 5, id="an_older_report")]
)
def test_a_report_of_another_time_fails_nobody(version: int, sequence: int) -> None:
    cloud = Cloud(running_world(2, batch_size=2))
    cloud.plan(DEPLOYMENT)
    deploy_wave(cloud, 1, dev_001="SUCCEEDED", dev_002="SUCCEEDED")
    assert cloud.fail_late("dev_001", ill_report(version=version, sequence=sequence)) == []
