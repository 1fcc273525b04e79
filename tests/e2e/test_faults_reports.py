"""Reports of devices that come twice, late, reversed, held back for a minute, or never."""

import time
from collections.abc import Iterator
from typing import Any, Final

import pytest

from localcloud.stack import Stack
from tests.support.faults import Once, ReportsQueue, environment, have_done
from tests.support.rollouts import NEEDS_DHT11, eventually, reconcile, runs

HELD_SECONDS: Final = 60
PATIENCE_SECONDS: Final = "300"
"""The default of the template's ReconcileGraceSeconds."""
QUICKLY_SECONDS: Final = 10
"""How soon a deployment ends when its reports come after all."""

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def reports(stack: Stack) -> ReportsQueue:
    """The queue that reports of devices come in."""
    return ReportsQueue(stack)


@pytest.fixture(autouse=True, scope="module")
def patience(stack: Stack) -> Iterator[None]:
    """Let the safety net wait as long as it does in production; on the local cloud it loses patience at once."""
    with environment(stack, "ReconcileFunction", RECONCILE_GRACE_SECONDS=PATIENCE_SECONDS):
        yield


def first_job(deployment_id: str) -> str:
    """Return the id of the first job of a deployment."""
    return f"{deployment_id}-w00001-0000"


def everything(once: Once, *deployment_ids: str) -> list[Any]:
    """Return all that the API says of deployments and their targets."""
    return [(once.operator.read(name), once.operator.targets(name)) for name in deployment_ids]


def test_reports_that_come_twice_and_reversed_count_once(once: Once, reports: ReportsQueue, devices: list[str]) -> None:
    flow_id, few = once.operator.flow(), devices[7:11]
    deployment_id = once.operator.create(flow_id, few, strategy="all_at_once")
    with reports.held_back():
        once.operator.start(deployment_id)
        have_done(once.stack, first_job(deployment_id), few)
        taken = reports.take(deployment_id, len(few))
        assert set(once.operator.statuses(deployment_id).values()) == {"deploying"}
        reports.send([*reversed(taken), *reversed(taken)])
    once.all_succeeded(deployment_id, few)
    reports.drained()
    once.all_succeeded(deployment_id, few)
    once.all_run(flow_id, few, 1)
    once.next_one_starts(flow_id, few)


def test_reports_that_come_after_their_wave_was_closed_and_the_next_version_deployed_change_nothing(
    once: Once, reports: ReportsQueue, devices: list[str]
) -> None:
    flow_id, few = once.operator.flow(), devices[7:10]
    first = once.operator.create(flow_id, few, strategy="all_at_once", timeout="8s")
    with reports.held_back():
        once.operator.start(first)
        have_done(once.stack, first_job(first), few)
        taken = reports.take(first, len(few))
        once.all_succeeded(first, few)  # when the wave's time was out, AWS IoT was asked
    once.operator.next_version(flow_id, {"nodes": [{"id": "only", "type": "debug"}]})
    second = once.operator.deploy(flow_id, few, strategy="all_at_once")["id"]
    once.all_succeeded(second, few)
    before = everything(once, first, second)
    reports.send([*reversed(taken), *reversed(taken)])
    reports.drained()
    assert everything(once, first, second) == before
    once.all_succeeded(second, few)
    once.all_run(flow_id, few, 2)


def test_successes_that_are_reported_after_the_failure_that_rolled_them_back_change_nothing(
    once: Once, reports: ReportsQueue, devices: list[str]
) -> None:
    flow_id, few = once.operator.flow(), [devices[0], *devices[7:9]]  # the first has another sensor
    assert once.operator.deploy(flow_id, few, strategy="all_at_once")["status"] == "completed"
    once.operator.next_version(flow_id, NEEDS_DHT11)
    deployment_id = once.operator.create(flow_id, few, strategy="all_at_once")
    with reports.held_back():
        once.operator.start(deployment_id)
        taken = reports.take(deployment_id, len(few))
        failure = [report for report in taken if '"FAILED"' in report]
        assert len(failure) == 1
        reports.send(failure)
    ended = once.operator.ended(deployment_id)
    assert ended["status"] == "rolled_back", ended["status_reason"]
    once.counted(ended, few, rolled_back=len(few))
    before = everything(once, deployment_id)
    late = [report for report in taken if report not in failure]
    reports.send([*reversed(late), *reversed(late), *failure])
    reports.drained()
    assert everything(once, deployment_id) == before
    once.recorded(ended, few, version=1)
    once.nothing_given_up()
    assert runs(once.fleet, flow_id, few, 1)
    returned = once.jobs(deployment_id, few)
    assert {device: len(jobs) for device, jobs in returned.items()} == {few[0]: 1, few[1]: 2, few[2]: 2}


def test_reports_that_are_lost_are_asked_for_by_the_safety_net(
    once: Once, reports: ReportsQueue, devices: list[str]
) -> None:
    flow_id, few = once.operator.flow(), devices[7:10]
    deployment_id = once.operator.create(flow_id, few, strategy="all_at_once", timeout="10m")
    with reports.held_back():
        once.operator.start(deployment_id)
        have_done(once.stack, first_job(deployment_id), few)
        reports.take(deployment_id, len(few))  # and nobody ever gets them
    told: list[dict[str, Any]] = []
    with environment(once.stack, "ReconcileFunction", RECONCILE_GRACE_SECONDS="1"):

        def repaired() -> bool:
            told.append(reconcile(once.stack))
            return sum(int(round_["reports"]) for round_ in told) == len(few)

        eventually(repaired, seconds=30, what="all lost reports were asked for")
        once.all_succeeded(deployment_id, few)
        assert reconcile(once.stack)["reports"] == 0
    assert not any(deployment_id in [*round_["started"], *round_["concluded"]] for round_ in told)
    once.all_run(flow_id, few, 1)


@pytest.mark.timeout(HELD_SECONDS + 90)
def test_reports_held_back_for_a_minute_delay_a_deployment_by_a_minute_and_nothing_else(
    once: Once, reports: ReportsQueue, devices: list[str]
) -> None:
    flow_id, few = once.operator.flow(), devices[7:10]
    deployment_id = once.operator.create(flow_id, few, strategy="rolling", batch_size=3, timeout="5m")
    with reports.held_back():
        began = time.monotonic()
        once.operator.start(deployment_id)
        have_done(once.stack, first_job(deployment_id), few)
        eventually(
            lambda: time.monotonic() - began >= HELD_SECONDS and reports.length() >= len(few),
            seconds=HELD_SECONDS + 10,
            what="the reports have waited for a minute",
        )
        told = reconcile(once.stack)
        assert told["looked_at"] >= 1
        assert told["reports"] == 0, "it is too early to call them lost"
        assert deployment_id not in [*told["started"], *told["concluded"], *told["answered"]]
        assert set(once.operator.statuses(deployment_id).values()) == {"deploying"}
    released = time.monotonic()
    once.all_succeeded(deployment_id, few)
    assert time.monotonic() - released < QUICKLY_SECONDS
    once.all_run(flow_id, few, 1)
    once.next_one_starts(flow_id, few)
