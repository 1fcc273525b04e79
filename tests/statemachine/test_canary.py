"""What only the canary machine has: the canaries, the watched wait after them, and the rest."""

import pytest

from dispatch_wave.commands import AwaitResume, CloseWave, DeployWave, WatchWaves
from edgeflow.use_cases.rollout.close_wave import CloseCause
from tests.support.machines import Cloud
from tests.support.rollout_runs import Rollouts, plan, went


@pytest.fixture
def rollouts(cloud: Cloud) -> Rollouts:
    return Rollouts(cloud, "canary")


def test_the_rest_follows_when_the_canaries_stay_well(rollouts: Rollouts) -> None:
    run = rollouts.start(plan(waves=2, canary_delay_seconds=1))
    run.succeed(run.command(DeployWave), went(total=1))
    run.command(WatchWaves)
    rest = run.command(DeployWave)
    assert rest.wave == 2
    run.succeed(rest, went(wave=2, total=9))
    assert run.ended() == "SUCCEEDED"
    states = run.states()
    assert sorted(states[5:7]) == ["WaitCanaryDelay", "WatchCanaries"], "side by side"
    assert [*states[:5], *states[7:]] == [
        *("PlanWaves", "WasPlanned"),
        *("DeployCanaries", "CanariesWentWell"),
        *("CanaryDelay", "DelayOver"),
        *("DeployRest", "RestWentWell"),
        *("ConcludeSettled", "RolloutEnded"),
    ]


def test_a_canary_that_falls_ill_ends_the_wait_and_returns_everything(rollouts: Rollouts) -> None:
    rollouts.make_rollback()
    run = rollouts.start(plan(waves=2, canary_delay_seconds=3_600))
    run.succeed(run.command(DeployWave), went(total=1))
    run.succeed(run.command(WatchWaves), went(total=1, failed=1))
    assert run.ended() == "SUCCEEDED"
    assert run.states()[-2:] == ["AfterCanaryBreach", "RollbackTakesOver"]
    assert "DeployRest" not in run.states()
    assert rollouts.rollback().input()["origin"] == "breach"


def test_without_auto_rollback_an_ill_canary_pauses_before_the_rest(rollouts: Rollouts) -> None:
    run = rollouts.start(plan(waves=2, canary_delay_seconds=3_600, auto_rollback=False))
    run.succeed(run.command(DeployWave), went(total=1))
    run.succeed(run.command(WatchWaves), went(total=1, failed=1))
    stop = run.command(CloseWave)
    assert (stop.wave, stop.cause) == (1, CloseCause.STOP)
    run.succeed(stop, went(total=1, failed=1))
    held = run.command(AwaitResume)
    assert held.reason == "breach"
    run.succeed(held, {"resumed": True})
    rest = run.command(DeployWave)
    assert rest.wave == 2
    run.succeed(rest, went(wave=2))
    assert run.ended() == "SUCCEEDED"


def test_one_target_is_all_canary(rollouts: Rollouts) -> None:
    run = rollouts.start(plan(waves=1, canary_delay_seconds=3_600))
    run.succeed(run.command(DeployWave), went(total=1))
    assert run.ended() == "SUCCEEDED"
    assert "CanaryDelay" not in run.states()
