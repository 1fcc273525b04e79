"""What only the blue-green machine has: the staging, the watched wait after it, and the switch."""

import pytest

from dispatch_wave.commands import AwaitResume, CloseWave, DeployWave, WatchWaves
from edgeflow.use_cases.rollout.close_wave import CloseCause
from tests.support.machines import Cloud
from tests.support.rollout_runs import Rollouts, plan, went


@pytest.fixture
def rollouts(cloud: Cloud) -> Rollouts:
    return Rollouts(cloud, "blue_green")


def test_the_switch_follows_when_what_is_staged_stays_well(rollouts: Rollouts) -> None:
    run = rollouts.start(plan(waves=2, switch_delay_seconds=1))
    run.succeed(run.command(DeployWave), went())
    run.command(WatchWaves)
    switch = run.command(DeployWave)
    assert switch.wave == 2
    run.succeed(switch, went(wave=2))
    assert run.ended() == "SUCCEEDED"
    states = run.states()
    assert sorted(states[5:7]) == ["WaitSwitchDelay", "WatchStaged"], "side by side"
    assert [*states[:5], *states[7:]] == [
        *("PlanWaves", "WasPlanned"),
        *("Stage", "StageWentWell"),
        *("SwitchDelay", "DelayOver"),
        *("Switch", "SwitchWentWell"),
        *("ConcludeSettled", "RolloutEnded"),
    ]


def test_no_delay_is_no_wait(rollouts: Rollouts) -> None:
    run = rollouts.start(plan(waves=2))
    run.succeed(run.command(DeployWave), went())
    run.succeed(run.command(DeployWave), went(wave=2))
    assert run.ended() == "SUCCEEDED"
    assert "SwitchDelay" not in run.states()


def test_a_staged_version_that_falls_ill_ends_the_wait_before_any_switch(rollouts: Rollouts) -> None:
    rollouts.make_rollback()
    run = rollouts.start(plan(waves=2, switch_delay_seconds=3_600))
    run.succeed(run.command(DeployWave), went())
    run.succeed(run.command(WatchWaves), went(failed=1))
    assert run.ended() == "SUCCEEDED"
    assert run.states()[-2:] == ["AfterStageBreach", "RollbackTakesOver"]
    assert "Switch" not in run.states()
    assert rollouts.rollback().input()["origin"] == "breach"


def test_a_switch_that_fails_rolls_back_too(rollouts: Rollouts) -> None:
    rollouts.make_rollback()
    run = rollouts.start(plan(waves=2))
    run.succeed(run.command(DeployWave), went())
    run.succeed(run.command(DeployWave), went(wave=2, failed=1))
    assert run.ended() == "SUCCEEDED"
    assert run.states()[-2:] == ["AfterSwitchBreach", "RollbackTakesOver"]
    assert rollouts.rollback().input()["reason"] == "1 of the 10 targets of wave 2 failed; 0 are tolerated"


def test_without_auto_rollback_a_failed_staging_pauses_before_the_switch(rollouts: Rollouts) -> None:
    run = rollouts.start(plan(waves=2, switch_delay_seconds=3_600, auto_rollback=False))
    run.succeed(run.command(DeployWave), went(failed=1))
    stop = run.command(CloseWave)
    assert (stop.wave, stop.cause) == (1, CloseCause.STOP)
    run.succeed(stop, went(failed=1))
    held = run.command(AwaitResume)
    assert held.reason == "breach"
    run.succeed(held, {"resumed": True})
    switch = run.command(DeployWave)
    assert switch.wave == 2
    run.succeed(switch, went(wave=2, total=9))
    assert run.ended() == "SUCCEEDED"


def test_without_auto_rollback_a_failed_switch_ends_failed(rollouts: Rollouts) -> None:
    run = rollouts.start(plan(waves=2, auto_rollback=False))
    run.succeed(run.command(DeployWave), went())
    run.succeed(run.command(DeployWave), went(wave=2, failed=1))
    run.succeed(run.command(CloseWave), went(wave=2, failed=1))
    assert run.ended() == "SUCCEEDED"
    assert rollouts.ends() == [rollouts.end("breached")]
