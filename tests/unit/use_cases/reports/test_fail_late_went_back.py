"""A device that has succeeded and then went back by itself does not pass for one that runs the new version."""

from dataclasses import replace

import pytest

from edgeflow.contract.report import FlowHealth, Health, HealthReport, Slot
from edgeflow.domain.deployments import DeploymentStatus
from edgeflow.domain.strategies import Strategy
from tests.unit.use_cases.cloud import DEPLOYMENT, FLOW, Cloud, rollback_request, running_world, wave_job
from tests.unit.use_cases.memory import MOMENT

FOLDER = "epoch-of-its-folder"
SUCCEEDED_AT = 100


def report(
    version: int,
    *,
    sequence: int = SUCCEEDED_AT + 1,
    changes: int = 1,
    live: bool = True,
    epoch: str | None = FOLDER,
    health: Health = Health.HEALTHY,
) -> HealthReport:
    """Return a report of a device that runs this version."""
    flow = FlowHealth(
        flow_id=FLOW, version=version, sha256="1" * 64, slot=Slot.BLUE, live=live, health=health, since=MOMENT
    )
    return HealthReport(
        sent_at=MOMENT, sequence=sequence, epoch=epoch, agent_version="0", flows=(flow,), changes=changes
    )


def succeeded(strategy: Strategy = Strategy.CANARY, *, epoch: str | None = FOLDER) -> Cloud:
    """Return a deployment of version 2 in the wait after its first wave, in which the first device has succeeded."""
    cloud = Cloud(running_world(2, batch_size=1, threshold=0, strategy=strategy))
    cloud.plan(DEPLOYMENT)
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    details = {"runs_version": "2", "holds_version": "2", "sequence": str(SUCCEEDED_AT)}
    details |= {"epoch": epoch} if epoch else {}
    cloud.report("dev_001", "SUCCEEDED", job_id=wave_job(1), received_ms=1, **details)
    cloud.tally_all()
    cloud.watch.begin(DEPLOYMENT, "token-w")
    return cloud


@pytest.mark.parametrize("health", list(Health))
def test_its_target_fails_at_once_and_ends_the_wait(health: Health) -> None:
    cloud = succeeded()
    assert cloud.fail_late("dev_001", report(1, health=health)) == [DEPLOYMENT]
    target = cloud.world.targets[DEPLOYMENT, "dev_001"]
    assert (target.status, target.reason) == ("failed", "went_back")
    assert target.message == "it succeeded, and went back later: version 1 is live there"
    cloud.tally_all()
    assert cloud.world.answers["token-w"]["breached"] is True
    assert cloud.fail_late("dev_001", report(1)) == [], "a report that comes again fails nothing twice"


def test_the_way_back_is_still_sent_to_it() -> None:
    cloud = succeeded()
    cloud.fail_late("dev_001", report(1))
    cloud.tally_all()
    assert cloud.plan_rollback(rollback_request())["total"] == 1


@pytest.mark.parametrize(
    "told",
    [
        pytest.param(report(2), id="it_runs_the_new_version"),
        pytest.param(report(1, sequence=SUCCEEDED_AT - 1), id="said_before_its_success"),
        pytest.param(report(1, sequence=SUCCEEDED_AT), id="said_with_its_success"),
        pytest.param(report(1, changes=0), id="nothing_changed"),
        pytest.param(report(1, live=False), id="the_version_before_stands_by"),
        pytest.param(report(1, epoch="epoch-of-another-folder"), id="another_folder"),
        pytest.param(report(1, epoch=None), id="an_agent_of_before"),
    ],
)
def test_what_does_not_show_that_it_went_back_fails_nobody(told: HealthReport) -> None:
    cloud = succeeded()
    assert cloud.fail_late("dev_001", told) == []
    assert cloud.world.statuses(DEPLOYMENT)["dev_001"] == "success"


def test_an_agent_without_an_order_of_its_own_fails_nobody() -> None:
    assert succeeded(epoch=None).fail_late("dev_001", report(1, epoch=None)) == []


def test_who_has_not_succeeded_so_far_has_not_gone_back() -> None:
    cloud = succeeded()
    assert cloud.fail_late("dev_002", report(1)) == []
    assert cloud.world.statuses(DEPLOYMENT)["dev_002"] == "pending"


@pytest.mark.parametrize("status", [DeploymentStatus.ROLLING_BACK, DeploymentStatus.COMPLETED])
def test_in_a_rollback_and_after_the_end_it_may_run_what_it_likes(status: DeploymentStatus) -> None:
    cloud = succeeded()
    cloud.world.deployments[DEPLOYMENT] = replace(cloud.world.deployments[DEPLOYMENT], status=status)
    assert cloud.fail_late("dev_001", report(1)) == []
