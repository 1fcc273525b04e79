"""What the machines of all strategies have in common, told with a deployment of one wave."""

from typing import Final

import pytest

from dispatch_wave.commands import AwaitResume, CloseWave, DeployWave, WatchWaves
from edgeflow.use_cases.rollout.close_wave import CloseCause
from tests.support.functions import Raises, Refuses
from tests.support.machines import CONCLUDE_ROLLOUT, PLAN_ROLLOUT, Cloud, Run
from tests.support.rollout_runs import DEPLOYMENT, Rollouts, plan, went
from tests.support.waiting import wait_for

BREACHES: Final = {"HandleBreach", "HandleCanaryBreach", "HandleRestBreach", "HandleStageBreach", "HandleSwitchBreach"}
AFTER_BREACH: Final = {
    "all_at_once": "AfterBreach",
    "rolling": "AfterBreach",
    "canary": "AfterCanaryBreach",
    "blue_green": "AfterStageBreach",
}
"""After a breach of the first wave."""
WAVES: Final = {
    "rolling": ["DeployBatch", "DeployBatch"],
    "canary": ["DeployCanaries", "DeployRest"],
    "blue_green": ["Stage", "Switch"],
}
"""The states of two waves, where there can be two."""
DELAYS: Final = {"rolling": "batch", "canary": "canary", "blue_green": "switch"}


@pytest.fixture(params=["all_at_once", "rolling", "canary", "blue_green"])
def rollouts(request: pytest.FixtureRequest, cloud: Cloud) -> Rollouts:
    return Rollouts(cloud, request.param)


def test_a_wave_without_failures_completes(rollouts: Rollouts) -> None:
    run = rollouts.start(plan())
    command = run.command(DeployWave)
    assert (command.deployment_id, command.wave) == (DEPLOYMENT, 1)
    run.succeed(command, went())
    assert run.ended() == "SUCCEEDED"
    assert run.states()[-2:] == ["ConcludeSettled", "RolloutEnded"]
    assert rollouts.cloud.functions.asked(PLAN_ROLLOUT) == [{"deployment_id": DEPLOYMENT}]
    assert rollouts.ends() == [rollouts.end("settled")]
    assert BREACHES.isdisjoint(run.states())


def test_exactly_at_the_threshold_is_no_breach(rollouts: Rollouts) -> None:
    run = rollouts.start(plan())
    run.succeed(run.command(DeployWave), went(failed=2, tolerated=2))
    assert run.ended() == "SUCCEEDED"
    assert rollouts.ends() == [rollouts.end("settled")]
    assert BREACHES.isdisjoint(run.states())


def test_one_more_than_tolerated_rolls_back(rollouts: Rollouts) -> None:
    rollouts.make_rollback()
    run = rollouts.start(plan())
    run.succeed(run.command(DeployWave), went(failed=3, tolerated=2))
    assert run.ended() == "SUCCEEDED"
    assert run.states()[-2:] == [AFTER_BREACH[rollouts.strategy], "RollbackTakesOver"]
    assert rollouts.ends() == []
    asked = rollouts.rollback().input()
    reason = str(asked.pop("reason"))
    assert reason == "3 of the 10 targets of wave 1 failed; 2 are tolerated"
    assert asked == {
        "deployment_id": DEPLOYMENT,
        "attempt": 1,
        "origin": "breach",
        "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID": run.part("handle_breach", "breach-1").arn,
    }


@pytest.mark.parametrize("strategy", WAVES)
def test_a_wave_that_is_held_back_begins_when_somebody_goes_on(cloud: Cloud, strategy: str) -> None:
    run = Rollouts(cloud, strategy).start(plan(waves=2, auto_rollback=False))
    run.succeed(run.command(DeployWave), went())
    run.succeed(run.command(DeployWave), went(failed=1) | {"held_back": True})
    held = run.command(AwaitResume)
    assert held.reason == "breach"
    run.succeed(held, {"resumed": True})
    again = run.command(DeployWave)
    assert again.wave == 2
    run.succeed(again, went(wave=2))
    assert run.ended() == "SUCCEEDED"
    assert BREACHES.isdisjoint(run.states())
    assert [state for state in run.states() if state in WAVES[strategy]] == WAVES[strategy]


def test_a_wave_that_paused_the_deployment_begins_when_somebody_goes_on(rollouts: Rollouts) -> None:
    run = rollouts.start(plan())
    first = run.command(DeployWave)
    rollouts.cloud.set_status(DEPLOYMENT, "paused")  # as dispatching does where no canary is connected
    run.succeed(first, {"look_again": True})
    held = run.command(AwaitResume)
    assert held.reason is None, "it is paused already, and says why"
    rollouts.cloud.set_status(DEPLOYMENT, "running")
    run.succeed(held, {"resumed": True})
    again = run.command(DeployWave)
    assert again.wave == 1
    run.succeed(again, went())
    assert run.ended() == "SUCCEEDED"
    assert rollouts.ends() == [rollouts.end("settled")]


def test_a_rollback_that_an_operator_was_quicker_to_start_is_left_alone(rollouts: Rollouts) -> None:
    rollouts.make_rollback()
    by_operator = {"deployment_id": DEPLOYMENT, "attempt": 1, "origin": "operator", "reason": "an operator asked"}
    earlier = rollouts.cloud.start("rollback", f"{DEPLOYMENT}-rollback-1", by_operator)
    earlier.ended()
    run = rollouts.start(plan())
    run.succeed(run.command(DeployWave), went(failed=1))
    assert run.ended() == "SUCCEEDED"
    assert run.states()[-2:] == [AFTER_BREACH[rollouts.strategy], "RollbackTakesOver"]
    assert rollouts.rollback().input() == by_operator
    assert rollouts.ends() == []


def test_a_breach_in_the_last_wave_fails_without_auto_rollback(rollouts: Rollouts) -> None:
    run = rollouts.start(plan(auto_rollback=False))
    run.succeed(run.command(DeployWave), went(failed=1))
    stop = run.command(CloseWave)
    assert (stop.deployment_id, stop.wave, stop.cause) == (DEPLOYMENT, 1, CloseCause.STOP)
    run.succeed(stop, went(failed=1))
    assert run.ended() == "SUCCEEDED"
    assert rollouts.ends() == [rollouts.end("breached")]
    assert "StartRollback" not in run.part("handle_breach", "breach-1").states()


def test_a_wave_that_times_out_is_closed_and_then_judged(rollouts: Rollouts) -> None:
    run = rollouts.start(plan(timeout_seconds=1))
    waited_for = run.command(DeployWave)
    close = run.command(CloseWave)
    assert (close.deployment_id, close.wave, close.cause) == (DEPLOYMENT, 1, CloseCause.TIMEOUT)
    assert close.task_token != waited_for.task_token
    run.succeed(close, went(failed=2, tolerated=2))
    assert run.ended() == "SUCCEEDED"
    assert rollouts.ends() == [rollouts.end("settled")]
    assert rollouts.cloud.backoffs == []


def test_a_wave_that_times_out_with_too_many_missing_rolls_back(rollouts: Rollouts) -> None:
    rollouts.make_rollback()
    run = rollouts.start(plan(timeout_seconds=1))
    run.command(DeployWave)
    run.succeed(run.command(CloseWave), went(failed=1))
    assert run.ended() == "SUCCEEDED"
    assert rollouts.rollback().input()["origin"] == "breach"


def test_a_pause_before_the_wave_waits_for_start(rollouts: Rollouts) -> None:
    rollouts.cloud.set_status(DEPLOYMENT, "paused")
    run = rollouts.start(plan())
    pause = run.command(AwaitResume)
    assert (pause.deployment_id, pause.reason) == (DEPLOYMENT, None)
    rollouts.cloud.set_status(DEPLOYMENT, "running")
    run.succeed(pause, {"resumed": True})
    run.succeed(run.command(DeployWave), went())
    assert run.ended() == "SUCCEEDED"
    assert rollouts.ends() == [rollouts.end("settled")]


def test_a_pause_straight_after_start_waits_again(rollouts: Rollouts) -> None:
    rollouts.cloud.set_status(DEPLOYMENT, "paused")
    run = rollouts.start(plan())
    run.succeed(run.command(AwaitResume), {"resumed": True})
    again = run.command(AwaitResume)
    assert "DispatchWave" not in run.part("deploy_wave", "wave-1").states()
    rollouts.cloud.set_status(DEPLOYMENT, "running")
    run.succeed(again, {"resumed": True})
    run.succeed(run.command(DeployWave), went())
    assert run.ended() == "SUCCEEDED"


@pytest.mark.parametrize("status", ["rolling_back", "rolled_back", "failed"])
def test_a_deployment_that_was_stopped_from_outside_sends_nothing(rollouts: Rollouts, status: str) -> None:
    rollouts.cloud.set_status(DEPLOYMENT, status)
    run = rollouts.start(plan())
    assert run.ended() == "SUCCEEDED"
    assert run.states()[-1] == "StoppedFromOutside"
    assert rollouts.ends() == []


@pytest.mark.parametrize(("outcome", "last"), [("refused", "Refused"), ("stopped", "StoppedFromOutside")])
def test_a_plan_that_came_to_nothing_sends_nothing(rollouts: Rollouts, outcome: str, last: str) -> None:
    run = rollouts.start(plan(outcome=outcome, waves=0))
    assert run.ended() == "SUCCEEDED"
    assert run.states() == ["PlanWaves", "WasPlanned", last]
    assert rollouts.ends() == []


def test_a_plan_that_cannot_be_made_breaks_the_rollout_at_once(rollouts: Rollouts) -> None:
    run = rollouts.start(Raises("NotFound", "there is no such deployment"))
    assert run.ended() == "FAILED"
    assert run.error() == "EdgeFlow.RolloutBroken"
    (end,) = rollouts.ends()
    error = end.pop("cause")
    assert end == rollouts.end("broken")
    assert error["Error"] == "NotFound"
    assert "there is no such deployment" in error["Cause"]
    assert rollouts.cloud.backoffs == []


@pytest.mark.parametrize("passing", [Refuses("TooManyRequestsException"), Raises("Unavailable"), Raises("Anything")])
def test_planning_is_tried_again(rollouts: Rollouts, passing: Refuses | Raises) -> None:
    run = rollouts.start(passing, plan())
    run.succeed(run.command(DeployWave), went())
    assert run.ended() == "SUCCEEDED"
    assert len(rollouts.cloud.functions.asked(PLAN_ROLLOUT)) == 2
    assert len(rollouts.cloud.backoffs) == 1


def test_planning_is_not_tried_for_ever(rollouts: Rollouts) -> None:
    run = rollouts.start(Refuses("TooManyRequestsException"))
    assert run.ended() == "FAILED"
    assert len(rollouts.cloud.functions.asked(PLAN_ROLLOUT)) == 7
    assert all(seconds <= 60 for seconds in rollouts.cloud.backoffs)


def test_a_message_that_is_refused_breaks_the_rollout(rollouts: Rollouts) -> None:
    run = rollouts.start(plan())
    run.fail(run.command(DeployWave), "Dispatch.Failed")
    assert run.ended() == "FAILED"
    assert run.error() == "EdgeFlow.RolloutBroken"
    (end,) = rollouts.ends()
    assert "Dispatch.Failed" in end.pop("cause")["Cause"], "the execution of the wave has failed of it"
    assert end == rollouts.end("broken")


def test_a_deployment_that_cannot_be_concluded_still_raises_the_alarm(rollouts: Rollouts) -> None:
    run = rollouts.start(plan())
    rollouts.cloud.functions.answers(CONCLUDE_ROLLOUT, Raises("NotFound"))
    run.succeed(run.command(DeployWave), went())
    assert run.ended() == "FAILED"
    assert run.error() == "EdgeFlow.RolloutBroken"
    assert [end["outcome"] for end in rollouts.ends()] == ["settled", "broken"]


def test_a_queue_that_cannot_be_reached_is_tried_again_but_not_for_ever(rollouts: Rollouts) -> None:
    cloud = rollouts.cloud
    cloud.sqs.delete_queue(QueueUrl=cloud.dispatch_url)
    run = rollouts.start(plan())
    wait_for(lambda: rollouts.ends() or None, what="the rollout is concluded")
    cloud.sqs.create_queue(QueueName="dispatch")
    assert run.ended() == "FAILED"
    assert len(cloud.backoffs) == 5
    (end,) = rollouts.ends()
    assert "SQS.SdkClientException" in str(end["cause"])


def test_a_rollback_that_cannot_be_started_is_not_passed_over(rollouts: Rollouts) -> None:
    run = rollouts.start(plan())  # there is no rollback machine
    run.succeed(run.command(DeployWave), went(failed=1))
    assert run.ended() == "FAILED"
    (end,) = rollouts.ends()
    assert end["outcome"] == "broken"
    assert "StateMachineDoesNotExist" in str(end["cause"])


def waits(cloud: Cloud, strategy: str, *, seconds: int) -> tuple[Rollouts, Run]:
    """Return a rollout whose first wave of two went well, with a delay of so many seconds ahead."""
    rollouts = Rollouts(cloud, strategy)
    delays = {f"{DELAYS[strategy]}_delay_seconds": seconds}
    run = rollouts.start(plan(waves=2) | delays)
    run.succeed(run.command(DeployWave), went(failed=1, tolerated=2))
    return rollouts, run


@pytest.mark.parametrize("strategy", DELAYS)
def test_a_delay_that_is_over_ends_the_watch(cloud: Cloud, strategy: str) -> None:
    rollouts, run = waits(cloud, strategy, seconds=1)
    assert run.command(WatchWaves).wave == 1
    run.succeed(run.command(DeployWave), went(wave=2))
    assert run.ended() == "SUCCEEDED"
    assert "DelayOver" in run.states()
    assert {"EndedEarly", "Breached", "Promoted"}.isdisjoint(run.states())
    assert rollouts.ends() == [rollouts.end("settled")]


@pytest.mark.parametrize("strategy", DELAYS)
def test_an_operator_who_promotes_ends_the_delay_at_once(cloud: Cloud, strategy: str) -> None:
    rollouts, run = waits(cloud, strategy, seconds=3_600)
    run.succeed(run.command(WatchWaves), went(failed=1, tolerated=2))
    second = run.command(DeployWave)
    assert second.wave == 2
    run.succeed(second, went(wave=2))
    assert run.ended() == "SUCCEEDED"
    assert "DelayOver" not in run.states()
    assert [state for state in run.states() if state in WAVES[strategy]] == WAVES[strategy]
    assert rollouts.ends() == [rollouts.end("settled")]


@pytest.mark.parametrize("strategy", DELAYS)
def test_a_breach_ends_the_delay_at_once_with_what_is_counted_since(cloud: Cloud, strategy: str) -> None:
    rollouts, run = waits(cloud, strategy, seconds=3_600)
    rollouts.make_rollback()
    run.succeed(run.command(WatchWaves), went(failed=3, tolerated=2))
    assert run.ended() == "SUCCEEDED"
    assert "DelayOver" not in run.states()
    assert run.states().count(WAVES[strategy][0]) == 1
    handled = run.part("handle_breach", "breach-1").input()
    assert (handled["wave"], handled["result"]) == (1, went(failed=3, tolerated=2))
    assert rollouts.rollback().input()["reason"] == "3 of the 10 targets of wave 1 failed; 2 are tolerated"


@pytest.mark.parametrize("strategy", DELAYS)
def test_a_delay_that_nobody_can_watch_breaks_the_rollout(cloud: Cloud, strategy: str) -> None:
    rollouts, run = waits(cloud, strategy, seconds=3_600)
    run.fail(run.command(WatchWaves), "Dispatch.Failed")
    assert run.ended() == "FAILED"
    (end,) = rollouts.ends()
    assert (end["outcome"], "Dispatch.Failed" in str(end["cause"])) == ("broken", True)
