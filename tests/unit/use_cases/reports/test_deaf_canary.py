"""A canary whose record was written by a clock ahead, and that has lost its data folder, is heard when it falls ill."""

from dataclasses import replace

import pytest

from edgeflow.contract.report import FlowHealth, Health, HealthReport, Slot
from edgeflow.domain.clock import milliseconds
from edgeflow.domain.order import Said
from edgeflow.domain.strategies import Strategy
from tests.unit.use_cases.cloud import DEPLOYMENT, FLOW, Cloud, running_world, wave_job
from tests.unit.use_cases.memory import MOMENT

NOW = milliseconds(MOMENT)
HOUR = 3_600_000
OLD, NEW = "epoch-of-before", "epoch-of-now"

DEAF = [
    pytest.param(Said(epoch=OLD, sequence=NOW + HOUR, received_ms=NOW - 60_000), NEW, id="epochs"),
    pytest.param(Said(epoch=None, sequence=NOW + HOUR, received_ms=NOW - 60_000), NEW, id="updated_since"),
    pytest.param(Said(epoch=None, sequence=NOW + HOUR, received_ms=NOW - 60_000), None, id="an_agent_of_before"),
    pytest.param(Said(epoch=None, sequence=NOW + HOUR, received_ms=None), None, id="a_record_of_before"),
    pytest.param(Said(epoch=None, sequence=10**30, received_ms=None), None, id="a_number_of_31_digits"),
]


def ill(epoch: str | None, *, sequence: int) -> HealthReport:
    """Return a report that version 2 has turned unhealthy."""
    flow = FlowHealth(flow_id=FLOW, version=2, sha256="2" * 64, slot=Slot.BLUE, health=Health.UNHEALTHY, since=MOMENT)
    return HealthReport(sent_at=MOMENT, sequence=sequence, epoch=epoch, agent_version="0", flows=(flow,))


def watched(known: Said, epoch: str | None) -> Cloud:
    """Return a canary deployment in its delay; the canary, of which this was known, has succeeded just now."""
    cloud = Cloud(running_world(2, batch_size=1, threshold=0, strategy=Strategy.CANARY))
    install = cloud.world.installs["dev_001", FLOW]
    cloud.world.installs["dev_001", FLOW] = replace(install, said=known)
    cloud.plan(DEPLOYMENT)
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    details = {"runs_version": "2", "sequence": str(NOW)} | ({"epoch": epoch} if epoch else {})
    cloud.report("dev_001", "SUCCEEDED", job_id=wave_job(1), received_ms=NOW, **details)
    cloud.tally_all()
    assert cloud.world.answers["token-1"]["succeeded"] == 1
    cloud.watch.begin(DEPLOYMENT, "token-w")
    return cloud


@pytest.mark.parametrize(("known", "epoch"), DEAF)
def test_its_illness_ends_the_canary_delay(known: Said, epoch: str | None) -> None:
    cloud = watched(known, epoch)
    assert cloud.world.installs["dev_001", FLOW].version == 2
    assert cloud.fail_late("dev_001", ill(epoch, sequence=NOW + 5_000), received_ms=NOW + 5_000) == [DEPLOYMENT]
    cloud.tally_all()
    assert (cloud.world.answers["token-w"]["failed"], cloud.world.answers["token-w"]["breached"]) == (1, True)


@pytest.mark.parametrize(("known", "epoch"), DEAF)
def test_what_it_said_before_its_success_fails_nobody(known: Said, epoch: str | None) -> None:
    cloud = watched(known, epoch)
    assert cloud.fail_late("dev_001", ill(epoch, sequence=NOW - 5_000), received_ms=NOW - 5_000) == []
    assert cloud.fail_late("dev_001", ill(OLD, sequence=NOW + HOUR), received_ms=NOW - 90_000) == []
