"""A deployment at every stage of its life, and each operation on it killed at any moment and delivered again.

``redelivered`` and ``killed_at_any_moment`` compare what is left with a run without faults.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from edgeflow.domain.deployments import DeploymentStatus, TargetStatus
from edgeflow.domain.devices import Presence
from edgeflow.domain.errors import Conflict, NotFound, StillCancelling
from edgeflow.domain.strategies import Strategy
from edgeflow.domain.unreadable import Kind
from edgeflow.use_cases.rollout.cancels import CANCELS_END_WITHIN
from edgeflow.use_cases.rollout.close_wave import CloseCause
from edgeflow.use_cases.rollout.conclude_rollback import RollbackEnd
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
Operation = tuple[Act, Act]
"""What is there before it, and what is done."""


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


def redelivered(operation: Operation) -> None:
    """Do it once, and twice: the second time changes nothing."""
    prepare, act = operation
    once, twice = prepared(prepare), prepared(prepare)
    act(once)
    act(twice)
    act(twice)
    assert settled_state(twice) == settled_state(once)


def killed_at_any_moment(operation: Operation) -> None:
    """Kill it before and after each of its writes, and do it again: what is left is as if nothing had happened."""
    prepare, act = operation
    whole = prepared(prepare)
    act(whole)
    moments = whole.world.steps
    expected = settled_state(whole)
    assert moments > 1
    for moment in range(1, moments + 1):
        cloud = prepared(prepare)
        cloud.world.die_at = moment
        with pytest.raises(Died):
            act(cloud)
        cloud.world.die_at = None
        act(cloud)
        assert settled_state(cloud) == expected, f"killed at moment {moment} of {moments}"
