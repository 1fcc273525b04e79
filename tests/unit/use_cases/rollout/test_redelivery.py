"""Delivered twice, or killed at any moment and delivered again: the steps of rollouts and rollbacks."""

import pytest

from edgeflow.use_cases.rollout.close_wave import CloseCause
from edgeflow.use_cases.rollout.conclude_rollback import RollbackEnd
from edgeflow.use_cases.rollout.conclude_rollout import RolloutEnd
from edgeflow.use_cases.rollout.plan_rollback import Origin
from tests.unit.use_cases.cloud import DEPLOYMENT, ME, rollback_request, wave_job
from tests.unit.use_cases.redelivery import (
    Operation,
    all_over,
    blue_green,
    breached,
    cancelled,
    cancelling,
    damaged_target,
    dispatched,
    half_over,
    held,
    killed_at_any_moment,
    lagging,
    nothing,
    one_removed,
    one_wave_over,
    planned,
    prepared,
    redelivered,
    removal,
    returned,
    returning,
    rollback_planned,
    staged,
    succeeded_before_the_end,
    switched_back,
    switching,
    unless_cancelling,
    unless_done,
)

OPERATIONS: dict[str, Operation] = {
    "plan_rollout": (nothing, lambda cloud: cloud.plan(DEPLOYMENT)),
    "dispatch_wave": (planned, lambda cloud: cloud.dispatch(DEPLOYMENT, 1, "token-1")),
    "tally_wave": (one_wave_over, lambda cloud: cloud.tally_all()),
    "watch_waves": (one_wave_over, lambda cloud: cloud.watch.begin(DEPLOYMENT, "token-w")),
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
    "await_resume": (breached, lambda cloud: cloud.await_resume(DEPLOYMENT, "token-p", breached=True)),
    "watch_waves_by_number": (one_wave_over, lambda cloud: cloud.watch.begin(DEPLOYMENT, "token-w", wave=1)),
    "wind_down": (cancelling(half_over), lambda cloud: cloud.wind_down(DEPLOYMENT)),
    "wind_down_before_it_is_planned": (cancelling(nothing), lambda cloud: cloud.wind_down(DEPLOYMENT)),
    "wind_down_what_is_paused": (cancelling(held), lambda cloud: cloud.wind_down(DEPLOYMENT)),
    "wind_down_while_staged": (blue_green(cancelling(staged)), lambda cloud: cloud.wind_down(DEPLOYMENT)),
    "wind_down_a_switch": (blue_green(cancelling(switching)), lambda cloud: cloud.wind_down(DEPLOYMENT)),
    "plan_rollback_of_what_was_cancelled": (
        cancelled,
        lambda cloud: cloud.plan_rollback(rollback_request(origin=Origin.OPERATOR)),
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
    "conclude_rollback_after_a_late_success": (
        succeeded_before_the_end,
        lambda cloud: cloud.conclude_rollback(DEPLOYMENT, 1, RollbackEnd.RETURNED),
    ),
    "rollback": (one_wave_over, unless_done(lambda cloud: cloud.rollback(DEPLOYMENT, by=ME))),
    "plan_removal": (removal(nothing), lambda cloud: cloud.plan(DEPLOYMENT)),
    "dispatch_removal": (removal(planned), lambda cloud: cloud.dispatch(DEPLOYMENT, 1, "token-1")),
    "stage_of_a_removal": (blue_green(removal(planned)), lambda cloud: cloud.dispatch(DEPLOYMENT, 1, "token-1")),
    "plan_rollback_of_a_removal": (removal(one_removed), lambda cloud: cloud.plan_rollback(rollback_request())),
}


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.slow
def test_delivered_twice_changes_nothing(name: str) -> None:
    redelivered(OPERATIONS[name])


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.slow
def test_killed_at_any_moment_and_delivered_again_changes_nothing(name: str) -> None:
    killed_at_any_moment(OPERATIONS[name])


def test_a_late_copy_of_the_dispatch_message_does_not_reopen_a_closed_wave() -> None:
    cloud = prepared(dispatched)
    cloud.close_wave(DEPLOYMENT, 1, cause=CloseCause.TIMEOUT, task_token="token-c")
    cloud.dispatch(DEPLOYMENT, 1, "token-1")
    cloud.tally_all()
    assert set(cloud.world.answers) == {"token-c"}
    assert all(execution.status == "CANCELED" for execution in cloud.world.jobs[wave_job(1)].values())
