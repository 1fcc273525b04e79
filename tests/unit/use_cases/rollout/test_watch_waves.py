"""Between the waves: devices that fall ill while the others wait."""

from tests.unit.use_cases.cloud import (
    DEPLOYMENT,
    Cloud,
    deploy_wave,
    rollback_request,
    running_world,
)
from tests.unit.use_cases.rollout.ill_reports import ill_report


def test_a_device_that_falls_ill_while_the_next_batch_is_waited_for_ends_the_wait_at_once() -> None:
    cloud = Cloud(running_world(4, batch_size=2))
    cloud.plan(DEPLOYMENT)
    deploy_wave(cloud, 1, dev_001="SUCCEEDED", dev_002="SUCCEEDED")
    cloud.watch.begin(DEPLOYMENT, "token-w")
    assert "token-w" not in cloud.world.answers
    assert cloud.fail_late("dev_001", ill_report(version=2, sequence=9)) == [DEPLOYMENT]
    assert cloud.fail_late("dev_001", ill_report(version=2, sequence=9)) == []
    cloud.tally_all()
    assert cloud.world.answers["token-w"] == {
        "wave": 1,
        "total": 2,
        "succeeded": 1,
        "failed": 1,
        "tolerated": 0,
        "settled": True,
        "breached": True,
    }
    assert cloud.plan_rollback(rollback_request())["total"] == 2  # the ill device still runs the new version


def test_a_failure_within_the_threshold_lets_the_wait_go_on() -> None:
    cloud = Cloud(running_world(4, batch_size=2, threshold=50))
    cloud.plan(DEPLOYMENT)
    deploy_wave(cloud, 1, dev_001="SUCCEEDED", dev_002="SUCCEEDED")
    cloud.watch.begin(DEPLOYMENT, "token-w")
    cloud.fail_late("dev_001", ill_report(version=2, sequence=9))
    cloud.tally_all()
    assert "token-w" not in cloud.world.answers
    assert cloud.world.statuses(DEPLOYMENT)["dev_001"] == "failed"


def test_a_breach_of_an_earlier_wave_ends_the_wave_that_is_deployed_now() -> None:
    cloud = Cloud(running_world(4, batch_size=2))
    cloud.plan(DEPLOYMENT)
    deploy_wave(cloud, 1, dev_001="SUCCEEDED", dev_002="SUCCEEDED")
    cloud.dispatch(DEPLOYMENT, 2, "token-2")
    cloud.fail_late("dev_001", ill_report(version=2, sequence=9))
    cloud.tally_all()
    assert cloud.world.answers["token-2"]["wave"] == 1
    assert cloud.world.answers["token-2"]["breached"] is True
