"""The same message, report, or batch handled twice changes nothing, also when the function died half-way.

Each operation is killed at every moment there is, before and after each of its writes, and then
delivered again; what is left must equal a run without faults.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from edgeflow.domain.absences import Absence
from edgeflow.domain.deployments import DeploymentStatus, TargetStatus
from edgeflow.domain.devices import Presence
from edgeflow.domain.errors import Conflict, NotFound, StillCancelling
from edgeflow.domain.strategies import Strategy
from edgeflow.domain.unreadable import Kind
from edgeflow.use_cases.rollout.cancels import CANCELS_END_WITHIN
from edgeflow.use_cases.rollout.close_wave import CloseCause
from edgeflow.use_cases.rollout.conclude_rollback import RollbackEnd
from edgeflow.use_cases.rollout.conclude_rollout import RolloutEnd
from edgeflow.use_cases.rollout.plan_rollback import Origin
from tests.unit.use_cases.cloud import (
    DEPLOYMENT,
    DROP_OFF,
    FLOW,
    ME,
    Cloud,
    return_job,
    rollback_request,
    running_world,
    wave_job,
)
from tests.unit.use_cases.memory import MOMENT, Died

Act = Callable[[Cloud], object]


def blue_green(prepare: Act) -> Act:
    """Prepare a blue-green deployment instead of a rolling one."""

    def prepared_so(cloud: Cloud) -> None:
        cloud.world.deployments[DEPLOYMENT] = replace(cloud.world.deployments[DEPLOYMENT], strategy=Strategy.BLUE_GREEN)
        prepare(cloud)

    return prepared_so


def unreadable(prepare: Act) -> Act:
    """Prepare a deployment whose record cannot be read any more."""

    def prepared_so(cloud: Cloud) -> None:
        prepare(cloud)
        cloud.world.unreadable.add((Kind.DEPLOYMENT, DEPLOYMENT))

    return prepared_so


def damaged_target(prepare: Act) -> Act:
    """Prepare a deployment with a target whose status cannot be read any more."""

    def prepared_so(cloud: Cloud) -> None:
        prepare(cloud)
        target = cloud.world.targets[DEPLOYMENT, "dev_002"]
        cloud.world.damaged[DEPLOYMENT, "dev_002"] = replace(
            target, status=TargetStatus.DEPLOYING, reason="unreadable_record", reached=True
        )

    return prepared_so


def nothing(cloud: Cloud) -> None:
    """Before planning there is nothing to prepare."""


def planned(cloud: Cloud) -> None:
    cloud.plan(DEPLOYMENT)


def dispatched(cloud: Cloud) -> None:
    planned(cloud)
    cloud.dispatch(DEPLOYMENT, 1, "token-1")


def one_wave_over(cloud: Cloud) -> None:
    dispatched(cloud)
    for device in ("dev_001", "dev_002"):
        cloud.report(device, "SUCCEEDED", job_id=wave_job(1), runs_version="2")


GONE = Presence(device_id="dev_001", connected=False, connection=1, at_ms=int(MOMENT.timestamp() * 1_000))


def gone_for_too_long(cloud: Cloud) -> None:
    one_wave_over(cloud)
    cloud.ingest_presence(GONE)
    cloud.now = MOMENT + DROP_OFF


def half_over(cloud: Cloud) -> None:
    dispatched(cloud)
    cloud.report("dev_001", "SUCCEEDED", job_id=wave_job(1), runs_version="2")


def breached(cloud: Cloud) -> None:
    one_wave_over(cloud)
    cloud.dispatch(DEPLOYMENT, 2, "token-2")
    cloud.report("dev_003", "FAILED", job_id=wave_job(2), reason="unhealthy", runs_version="1")


def rollback_planned(cloud: Cloud) -> None:
    breached(cloud)
    cloud.plan_rollback(rollback_request())


def returning(cloud: Cloud) -> None:
    rollback_planned(cloud)
    cloud.return_devices(DEPLOYMENT, 1, "token-r")


def returned(cloud: Cloud) -> None:
    returning(cloud)
    for device in list(cloud.world.jobs[return_job(1)]):
        cloud.report(device, "SUCCEEDED", job_id=return_job(1), runs_version="1", sequence="9")


def all_over(cloud: Cloud) -> None:
    one_wave_over(cloud)
    cloud.dispatch(DEPLOYMENT, 2, "token-2")
    for device in ("dev_003", "dev_004"):
        cloud.report(device, "SUCCEEDED", job_id=wave_job(2), runs_version="2")


def staged(cloud: Cloud) -> None:
    dispatched(cloud)
    for device in ("dev_001", "dev_002", "dev_003"):
        cloud.report(device, "SUCCEEDED", job_id=wave_job(1), runs_version="1")
    cloud.report("dev_004", "FAILED", job_id=wave_job(1), reason="unhealthy", runs_version="1")


def switching(cloud: Cloud) -> None:
    staged(cloud)
    cloud.dispatch(DEPLOYMENT, 2, "token-2")
    cloud.report("dev_001", "SUCCEEDED", job_id=wave_job(2), runs_version="2", sequence="7")


def switched_back(cloud: Cloud) -> None:
    switching(cloud)
    cloud.plan_rollback(rollback_request())


def removal(prepare: Act) -> Act:
    """Prepare a removal, of which one device does not have the flow."""

    def prepared_so(cloud: Cloud) -> None:
        cloud.world.deployments[DEPLOYMENT] = replace(cloud.world.deployments[DEPLOYMENT], artifact=None)
        del cloud.world.installs["dev_002", FLOW]
        prepare(cloud)

    return prepared_so


def one_removed(cloud: Cloud) -> None:
    dispatched(cloud)
    cloud.report("dev_001", "SUCCEEDED", job_id=wave_job(1))


OPERATIONS: dict[str, tuple[Act, Act]] = {
    "plan_rollout": (nothing, lambda cloud: cloud.plan(DEPLOYMENT)),
    "dispatch_wave": (planned, lambda cloud: cloud.dispatch(DEPLOYMENT, 1, "token-1")),
    "ingest_success": (
        dispatched,
        lambda cloud: cloud.report("dev_001", "SUCCEEDED", job_id=wave_job(1), runs_version="2"),
    ),
    "ingest_failure": (
        dispatched,
        lambda cloud: cloud.report("dev_001", "FAILED", job_id=wave_job(1), reason="unhealthy", runs_version="1"),
    ),
    "tally_wave": (one_wave_over, lambda cloud: cloud.tally_all()),
    "watch_waves": (one_wave_over, lambda cloud: cloud.watch.begin(DEPLOYMENT, "token-w")),
    "ingest_disconnection": (one_wave_over, lambda cloud: cloud.ingest_presence(GONE)),
    "watch_absence": (gone_for_too_long, lambda cloud: cloud.watch_absence(Absence.since(GONE))),
    "tally_of_a_breach": (breached, lambda cloud: cloud.tally_all()),
    "close_wave_timeout": (
        half_over,
        lambda cloud: cloud.close_wave(DEPLOYMENT, 1, cause=CloseCause.TIMEOUT, task_token="token-c"),
    ),
    "close_wave_stop": (
        half_over,
        lambda cloud: cloud.close_wave(DEPLOYMENT, 1, cause=CloseCause.STOP, task_token="token-c"),
    ),
    "plan_rollback": (breached, lambda cloud: cloud.plan_rollback(rollback_request())),
    "plan_rollback_by_operator": (
        half_over,
        lambda cloud: cloud.plan_rollback(rollback_request(origin=Origin.OPERATOR)),
    ),
    "return_devices": (rollback_planned, lambda cloud: cloud.return_devices(DEPLOYMENT, 1, "token-r")),
    "close_return": (returning, lambda cloud: cloud.close_return(DEPLOYMENT, 1, task_token="token-rc")),
    "conclude_settled": (all_over, lambda cloud: cloud.conclude_rollout(DEPLOYMENT, RolloutEnd.SETTLED)),
    "conclude_broken": (half_over, lambda cloud: cloud.conclude_rollout(DEPLOYMENT, RolloutEnd.BROKEN, cause="x")),
    "stage": (blue_green(planned), lambda cloud: cloud.dispatch(DEPLOYMENT, 1, "token-1")),
    "ingest_staged": (
        blue_green(dispatched),
        lambda cloud: cloud.report("dev_001", "SUCCEEDED", job_id=wave_job(1), runs_version="1"),
    ),
    "switch": (blue_green(staged), lambda cloud: cloud.dispatch(DEPLOYMENT, 2, "token-2")),
    "switch_that_was_never_dispatched": (
        blue_green(staged),
        lambda cloud: cloud.close_wave(DEPLOYMENT, 2, cause=CloseCause.TIMEOUT, task_token="token-c"),
    ),
    "close_switch": (
        blue_green(switching),
        lambda cloud: cloud.close_wave(DEPLOYMENT, 2, cause=CloseCause.STOP, task_token="token-c"),
    ),
    "plan_rollback_of_what_is_staged": (
        blue_green(staged),
        lambda cloud: cloud.plan_rollback(rollback_request(origin=Origin.OPERATOR)),
    ),
    "plan_rollback_of_a_switch": (blue_green(switching), lambda cloud: cloud.plan_rollback(rollback_request())),
    "switch_back": (blue_green(switched_back), lambda cloud: cloud.return_devices(DEPLOYMENT, 1, "token-r")),
    "conclude_while_staged": (
        blue_green(staged),
        lambda cloud: cloud.conclude_rollout(DEPLOYMENT, RolloutEnd.BROKEN, cause="x"),
    ),
    "dispatch_wave_with_a_damaged_target": (
        damaged_target(planned),
        lambda cloud: cloud.dispatch(DEPLOYMENT, 1, "token-1"),
    ),
    "close_wave_with_a_damaged_target": (
        damaged_target(half_over),
        lambda cloud: cloud.close_wave(DEPLOYMENT, 1, cause=CloseCause.TIMEOUT, task_token="token-c"),
    ),
    "plan_rollback_with_a_damaged_target": (
        damaged_target(breached),
        lambda cloud: cloud.plan_rollback(rollback_request()),
    ),
    "conclude_with_a_damaged_target": (
        damaged_target(all_over),
        lambda cloud: cloud.conclude_rollout(DEPLOYMENT, RolloutEnd.SETTLED),
    ),
    "conclude_rollback": (returned, lambda cloud: cloud.conclude_rollback(DEPLOYMENT, 1, RollbackEnd.RETURNED)),
}


def paused_by_a_breach(cloud: Cloud) -> None:
    found = cloud.world.deployments[DEPLOYMENT]
    rules = replace(found.rules, auto_rollback=False)
    cloud.world.deployments[DEPLOYMENT] = replace(found, rules=rules, execution_started=True)
    breached(cloud)
    cloud.tally_all()
    cloud.close_wave(DEPLOYMENT, 2, cause=CloseCause.STOP, task_token="token-c")
    cloud.await_resume(DEPLOYMENT, "token-p", breached=True)


def nobody_started(cloud: Cloud) -> None:
    found = cloud.world.deployments[DEPLOYMENT]
    cloud.world.deployments[DEPLOYMENT] = replace(found, status=DeploymentStatus.PENDING, started_at=None)


def paused(cloud: Cloud) -> None:
    cloud.pause(DEPLOYMENT, by=ME)


def held(cloud: Cloud) -> None:
    one_wave_over(cloud)
    found = cloud.world.deployments[DEPLOYMENT]
    cloud.world.deployments[DEPLOYMENT] = replace(found, execution_started=True)
    paused(cloud)
    cloud.await_resume(DEPLOYMENT, "token-p", breached=False)


def watched(cloud: Cloud) -> None:
    one_wave_over(cloud)
    cloud.tally_all()
    cloud.watch.begin(DEPLOYMENT, "token-w", wave=1)


def cancelling(prepare: Act) -> Act:
    """Prepare a deployment that somebody cancels then."""

    def prepared_so(cloud: Cloud) -> None:
        prepare(cloud)
        cloud.cancel(DEPLOYMENT, by=ME)

    return prepared_so


def cancelled(cloud: Cloud) -> None:
    cancelling(half_over)(cloud)
    cloud.wind_down(DEPLOYMENT)


def lagging(prepare: Act) -> Act:
    """Prepare a deployment whose cancelled jobs do not end at once."""

    def prepared_so(cloud: Cloud) -> None:
        prepare(cloud)
        cloud.world.cancels_lag = True

    return prepared_so


def rolled_back_without_one(cloud: Cloud) -> None:
    """A rollback has passed a device by that succeeds after all."""
    lagging(half_over)(cloud)
    cloud.plan_rollback(rollback_request(origin=Origin.OPERATOR))
    cloud.now = MOMENT + CANCELS_END_WITHIN
    cloud.plan_rollback(rollback_request(origin=Origin.OPERATOR))
    cloud.return_devices(DEPLOYMENT, 1, "token-r")
    cloud.report("dev_001", "SUCCEEDED", job_id=return_job(1), runs_version="1", sequence="9")
    cloud.tally_all()


def rollback_ended(cloud: Cloud) -> None:
    rolled_back_without_one(cloud)
    cloud.conclude_rollback(DEPLOYMENT, 1, RollbackEnd.RETURNED)


def late_success(cloud: Cloud) -> None:
    cloud.report("dev_002", "SUCCEEDED", job_id=wave_job(1), runs_version="2", sequence="11")


def succeeded_before_the_end(cloud: Cloud) -> None:
    rolled_back_without_one(cloud)
    late_success(cloud)


def not_returned_in_time(cloud: Cloud) -> None:
    returning(cloud)
    cloud.report("dev_002", "SUCCEEDED", job_id=return_job(1), runs_version="1", sequence="9")
    cloud.report("dev_003", "SUCCEEDED", job_id=return_job(1), runs_version="1", sequence="9")
    cloud.close_return(DEPLOYMENT, 1, task_token="token-rc")
    cloud.conclude_rollback(DEPLOYMENT, 1, RollbackEnd.RETURNED)


def unless_cancelling(operation: Act) -> Act:
    """Do what has to be done again while AWS IoT has not ended all of what was cancelled."""

    def asked(cloud: Cloud) -> None:
        with suppress(StillCancelling):
            operation(cloud)

    return asked


def unless_done(operation: Act) -> Act:
    """Do what an operator asks for; who asks once more is told that it is done."""

    def asked(cloud: Cloud) -> None:
        with suppress(Conflict, NotFound):
            operation(cloud)

    return asked


OPERATIONS |= {
    "await_resume": (breached, lambda cloud: cloud.await_resume(DEPLOYMENT, "token-p", breached=True)),
    "pause": (one_wave_over, unless_done(lambda cloud: cloud.pause(DEPLOYMENT, by=ME))),
    "resume_after_a_breach": (
        paused_by_a_breach,
        unless_done(lambda cloud: cloud.resume(DEPLOYMENT, by=ME, accept_failures=True)),
    ),
    "start": (nobody_started, lambda cloud: cloud.start(DEPLOYMENT, by=ME)),
    "resume": (held, lambda cloud: cloud.resume(DEPLOYMENT, by=ME)),
    "resume_of_a_start_that_died": (paused, lambda cloud: cloud.resume(DEPLOYMENT, by=ME)),
    "promote": (watched, lambda cloud: cloud.promote(DEPLOYMENT, by=ME)),
    "give_up": (half_over, lambda cloud: cloud.give_up(DEPLOYMENT, "dev_002", by=ME)),
    "give_up_in_a_switch": (blue_green(switching), lambda cloud: cloud.give_up(DEPLOYMENT, "dev_002", by=ME)),
    "watch_waves_by_number": (one_wave_over, lambda cloud: cloud.watch.begin(DEPLOYMENT, "token-w", wave=1)),
    "cancel_what_is_pending": (nobody_started, lambda cloud: cloud.cancel(DEPLOYMENT, by=ME)),
    "cancel": (half_over, lambda cloud: cloud.cancel(DEPLOYMENT, by=ME)),
    "cancel_what_is_paused": (held, lambda cloud: cloud.cancel(DEPLOYMENT, by=ME)),
    "wind_down": (cancelling(half_over), lambda cloud: cloud.wind_down(DEPLOYMENT)),
    "wind_down_before_it_is_planned": (cancelling(nothing), lambda cloud: cloud.wind_down(DEPLOYMENT)),
    "wind_down_what_is_paused": (cancelling(held), lambda cloud: cloud.wind_down(DEPLOYMENT)),
    "wind_down_while_staged": (blue_green(cancelling(staged)), lambda cloud: cloud.wind_down(DEPLOYMENT)),
    "wind_down_a_switch": (blue_green(cancelling(switching)), lambda cloud: cloud.wind_down(DEPLOYMENT)),
    "plan_rollback_of_what_was_cancelled": (
        cancelled,
        lambda cloud: cloud.plan_rollback(rollback_request(origin=Origin.OPERATOR)),
    ),
    "delete_what_is_pending": (nobody_started, unless_done(lambda cloud: cloud.delete(DEPLOYMENT, by=ME))),
    "delete_deployment": (
        unreadable(half_over),
        unless_done(lambda cloud: cloud.delete(DEPLOYMENT, by=ME)),
    ),
    "delete_deployment_that_rolls_back": (
        unreadable(returning),
        unless_done(lambda cloud: cloud.delete(DEPLOYMENT, by=ME)),
    ),
    "close_wave_while_cancelling": (
        lagging(half_over),
        unless_cancelling(
            lambda cloud: cloud.close_wave(DEPLOYMENT, 1, cause=CloseCause.TIMEOUT, task_token="token-c")
        ),
    ),
    "plan_rollback_while_cancelling": (
        lagging(half_over),
        lambda cloud: cloud.plan_rollback(rollback_request(origin=Origin.OPERATOR)),
    ),
    "wind_down_while_cancelling": (
        cancelling(lagging(half_over)),
        unless_cancelling(lambda cloud: cloud.wind_down(DEPLOYMENT)),
    ),
    "give_up_while_cancelling": (lagging(half_over), lambda cloud: cloud.give_up(DEPLOYMENT, "dev_002", by=ME)),
    "late_success_of_what_was_cancelled": (cancelled, late_success),
    "late_success_during_the_rollback": (rolled_back_without_one, late_success),
    "late_success_after_the_rollback": (rollback_ended, late_success),
    "late_return": (
        not_returned_in_time,
        lambda cloud: cloud.report("dev_001", "SUCCEEDED", job_id=return_job(1), runs_version="1", sequence="11"),
    ),
    "conclude_rollback_after_a_late_success": (
        succeeded_before_the_end,
        lambda cloud: cloud.conclude_rollback(DEPLOYMENT, 1, RollbackEnd.RETURNED),
    ),
    "rollback": (one_wave_over, unless_done(lambda cloud: cloud.rollback(DEPLOYMENT, by=ME))),
}


OPERATIONS |= {
    "plan_removal": (removal(nothing), lambda cloud: cloud.plan(DEPLOYMENT)),
    "dispatch_removal": (removal(planned), lambda cloud: cloud.dispatch(DEPLOYMENT, 1, "token-1")),
    "stage_of_a_removal": (blue_green(removal(planned)), lambda cloud: cloud.dispatch(DEPLOYMENT, 1, "token-1")),
    "ingest_removed": (removal(dispatched), lambda cloud: cloud.report("dev_001", "SUCCEEDED", job_id=wave_job(1))),
    "plan_rollback_of_a_removal": (removal(one_removed), lambda cloud: cloud.plan_rollback(rollback_request())),
}


def prepared(prepare: Act) -> Cloud:
    cloud = Cloud(running_world())
    prepare(cloud)
    cloud.world.steps = 0
    return cloud


def settled_state(cloud: Cloud) -> dict[str, Any]:
    """Return everything at rest once the tally has seen the whole stream."""
    cloud.tally_all()
    world = cloud.world
    return {
        "deployments": world.deployments,
        "targets": world.targets,
        "waves": world.waves,
        "returns": world.returns,
        "installs": world.installs,
        "jobs": world.jobs,
        "documents": world.documents,
        "cancelled": world.cancelled,
        "executions": world.executions,
        "stopped": world.stopped,
        "answers": world.answers,
        "reminders": world.reminders,
        "history": world.history,
        "orders": world.orders,
        "given_up": world.given_up,
    }


@pytest.mark.parametrize("name", OPERATIONS)
def test_delivered_twice_changes_nothing(name: str) -> None:
    prepare, operation = OPERATIONS[name]
    once, twice = prepared(prepare), prepared(prepare)
    operation(once)
    operation(twice)
    operation(twice)
    assert settled_state(twice) == settled_state(once)


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.slow
def test_killed_at_any_moment_and_delivered_again_changes_nothing(name: str) -> None:
    prepare, operation = OPERATIONS[name]
    whole = prepared(prepare)
    operation(whole)
    moments = whole.world.steps
    expected = settled_state(whole)
    assert moments > 1
    for moment in range(1, moments + 1):
        cloud = prepared(prepare)
        cloud.world.die_at = moment
        with pytest.raises(Died):
            operation(cloud)
        cloud.world.die_at = None
        operation(cloud)
        assert settled_state(cloud) == expected, f"killed at moment {moment} of {moments}"


def test_a_report_that_comes_after_the_wave_timed_out_changes_no_target() -> None:
    cloud = prepared(dispatched)
    cloud.close_wave(DEPLOYMENT, 1, cause=CloseCause.TIMEOUT, task_token="token-c")
    assert cloud.world.statuses(DEPLOYMENT)["dev_001"] == "failed"
    assert not cloud.report("dev_001", "SUCCEEDED", job_id=wave_job(1), runs_version="2")
    target = cloud.world.targets[DEPLOYMENT, "dev_001"]
    assert (target.status, target.reason) == (TargetStatus.FAILED, "timed_out")


def test_a_late_copy_of_the_dispatch_message_does_not_reopen_a_closed_wave() -> None:
    cloud = prepared(dispatched)
    cloud.close_wave(DEPLOYMENT, 1, cause=CloseCause.TIMEOUT, task_token="token-c")
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    cloud.tally_all()
    assert set(cloud.world.answers) == {"token-c"}
    assert all(execution.status == "CANCELED" for execution in cloud.world.jobs[wave_job(1)].values())
