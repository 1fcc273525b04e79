"""What only the rolling machine has: waves after the first, and what comes between them."""

import re

import pytest

from dispatch_wave.commands import AwaitResume, CloseWave, DeployWave, WatchWaves
from edgeflow.domain.strategies import MAX_WAVES
from edgeflow.use_cases.rollout.close_wave import CloseCause
from tests.support.machines import Cloud, Run
from tests.support.rollout_runs import DEPLOYMENT, Rollouts, plan, went

MAX_HISTORY_EVENTS = (
    25_000  # Step Functions: one execution; the event after the last fails it, and nothing is concluded
)

ABORTED = 1  # AWS tells of the branch that another one has ended; moto does not
ROOM_FOR_TRIES = 1_000  # events for what AWS throttles and is tried again


@pytest.fixture
def rollouts(cloud: Cloud) -> Rollouts:
    return Rollouts(cloud, "rolling")


def deploy(run: Run, wave: int, outcome: dict[str, object]) -> None:
    """Answer the next message, which is to deploy this wave."""
    command = run.command(DeployWave)
    assert command.wave == wave
    run.succeed(command, outcome)


def test_waves_come_one_after_another_with_a_wait_between_them_only(rollouts: Rollouts) -> None:
    run = rollouts.start(plan(waves=3))
    for wave in (1, 2, 3):
        deploy(run, wave, went())
    assert run.ended() == "SUCCEEDED"
    assert run.states() == [
        *("PlanWaves", "WasPlanned", "CountBatches"),
        *(["DeployBatch", "BatchWentWell"] * 3),
        *("ConcludeSettled", "RolloutEnded"),
    ]
    assert rollouts.ends() == [rollouts.end("settled")]


def test_the_wait_is_as_long_as_the_plan_says(rollouts: Rollouts) -> None:
    run = rollouts.start(plan(waves=2, batch_delay_seconds=1))
    deploy(run, 1, went())
    assert run.command(WatchWaves).deployment_id == DEPLOYMENT
    deploy(run, 2, went())
    assert run.ended() == "SUCCEEDED"
    entered = {event.get("stateEnteredEventDetails", {}).get("name"): event["timestamp"] for event in run.history()}
    assert (entered["DelayOver"] - entered["WaitBatchDelay"]).total_seconds() >= 0.9


def test_a_breach_ends_the_wait_at_once_and_rolls_back(rollouts: Rollouts) -> None:
    rollouts.make_rollback()
    run = rollouts.start(plan(waves=3, batch_delay_seconds=3_600))
    deploy(run, 1, went())
    run.succeed(run.command(WatchWaves), went(wave=1, failed=3, tolerated=2))
    assert run.ended() == "SUCCEEDED"
    assert run.states()[-5:] == ["IsResultTold", "BreachInDelay", "HandleBreach", "AfterBreach", "RollbackTakesOver"]
    assert rollouts.rollback().input()["reason"] == "3 of the 10 targets of wave 1 failed; 2 are tolerated"


def test_a_breach_whose_cause_aws_leaves_out_rolls_back_all_the_same(cloud: Cloud) -> None:
    told = r',\s*"CausePath": "States.JsonToString\(\$.watched\)"'
    rollouts = Rollouts(cloud, "rolling", change=lambda text: re.sub(told, "", text))
    rollouts.make_rollback()
    run = rollouts.start(plan(waves=3, batch_delay_seconds=3_600))
    deploy(run, 1, went(failed=2, tolerated=2))
    run.succeed(run.command(WatchWaves), went(wave=1, failed=3, tolerated=2))
    assert run.ended() == "SUCCEEDED"
    assert run.states()[-4:] == ["IsResultTold", "HandleBreach", "AfterBreach", "RollbackTakesOver"]
    assert rollouts.rollback().input()["reason"] == "2 of the 10 targets of wave 1 failed; 2 are tolerated"


def test_exactly_at_the_threshold_goes_on(rollouts: Rollouts) -> None:
    run = rollouts.start(plan(waves=2))
    deploy(run, 1, went(failed=2, tolerated=2))
    deploy(run, 2, went())
    assert run.ended() == "SUCCEEDED"
    assert rollouts.ends() == [rollouts.end("settled")]


def test_a_breach_in_the_second_wave_never_dispatches_the_third(rollouts: Rollouts) -> None:
    rollouts.make_rollback()
    run = rollouts.start(plan(waves=3))
    deploy(run, 1, went())
    deploy(run, 2, went(wave=2, failed=3, tolerated=2))
    assert run.ended() == "SUCCEEDED"
    assert run.states().count("DeployBatch") == 2
    assert run.states()[-1] == "RollbackTakesOver"
    assert rollouts.rollback().input()["reason"] == ("3 of the 10 targets of wave 2 failed; 2 are tolerated")


def test_a_timeout_within_the_threshold_goes_on(rollouts: Rollouts) -> None:
    run = rollouts.start(plan(waves=2, timeout_seconds=1))
    run.command(DeployWave)
    close = run.command(CloseWave)
    assert (close.wave, close.cause) == (1, CloseCause.TIMEOUT)
    run.succeed(close, went(failed=1, tolerated=2))
    deploy(run, 2, went())
    assert run.ended() == "SUCCEEDED"


def test_a_breach_without_auto_rollback_waits_for_the_operator_and_goes_on(rollouts: Rollouts) -> None:
    run = rollouts.start(plan(waves=2, auto_rollback=False))
    deploy(run, 1, went(failed=3))
    stop = run.command(CloseWave)
    assert (stop.wave, stop.cause) == (1, CloseCause.STOP)
    run.succeed(stop, went(failed=3))
    pause = run.command(AwaitResume)
    assert (pause.deployment_id, pause.reason) == (DEPLOYMENT, "breach")
    run.succeed(pause, {"resumed": True})
    deploy(run, 2, went())
    assert run.ended() == "SUCCEEDED"
    assert "BatchDelay" not in run.states()
    assert rollouts.ends() == [rollouts.end("settled")]
    assert "StartRollback" not in run.part("handle_breach", "breach-1").states()


def test_a_pause_between_waves_holds_the_next_one_back(rollouts: Rollouts) -> None:
    run = rollouts.start(plan(waves=2))
    first = run.command(DeployWave)
    rollouts.cloud.set_status(DEPLOYMENT, "paused")
    run.succeed(first, went())
    pause = run.command(AwaitResume)
    assert pause.reason is None
    assert "DispatchWave" not in run.part("deploy_wave", "wave-2").states()
    rollouts.cloud.set_status(DEPLOYMENT, "running")
    run.succeed(pause, {"resumed": True})
    deploy(run, 2, went())
    assert run.ended() == "SUCCEEDED"


def test_a_rollback_between_waves_ends_the_rollout(rollouts: Rollouts) -> None:
    run = rollouts.start(plan(waves=2))
    first = run.command(DeployWave)
    rollouts.cloud.set_status(DEPLOYMENT, "rolling_back")
    run.succeed(first, went())
    assert run.ended() == "SUCCEEDED"
    assert run.states()[-1] == "StoppedFromOutside"
    assert rollouts.ends() == []


def test_as_many_waves_as_are_allowed_fit_the_history_of_one_execution(rollouts: Rollouts) -> None:
    run = rollouts.start(plan(waves=3, batch_delay_seconds=1))
    for wave in (1, 2, 3):
        deploy(run, wave, went())
        if wave < 3:
            run.succeed(run.command(WatchWaves), went())  # the longest way: a delay that an operator ends
    assert run.ended() == "SUCCEEDED"
    events = [event.get("stateEnteredEventDetails", {}).get("name") for event in run.history()]
    entered = [place for place, name in enumerate(events) if name == "DeployBatch"]
    first, second = events[entered[0] : entered[1]], events[entered[1] : entered[2]]
    assert (len(first), len(second)) == (22, 22)
    a_wave = len(first) + ABORTED
    assert len(events) + 2 * ABORTED + (MAX_WAVES - 3) * a_wave <= MAX_HISTORY_EVENTS - ROOM_FOR_TRIES
    transitions = [name for name in first if name is not None]
    assert sorted(transitions[3:5]) == ["WaitBatchDelay", "WatchBatch"], "side by side"
    assert [*transitions[:3], *transitions[5:]] == [
        *("DeployBatch", "BatchWentWell", "BatchDelay"),
        *("EndedEarly", "Promoted"),
    ]
