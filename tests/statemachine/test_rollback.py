"""The rollback machine: every device a deployment changed goes back to what it ran before."""

from typing import Any

import pytest

from dispatch_wave.commands import CloseReturn, ReturnDevices
from tests.support.functions import Raises
from tests.support.machines import CONCLUDE_ROLLBACK, PLAN_ROLLBACK, Cloud, Run

DEPLOYMENT = "dep_01KT"
REQUEST = {"deployment_id": DEPLOYMENT, "attempt": 2, "origin": "operator", "reason": "an operator asked for it"}
RETURNED = {"total": 3, "succeeded": 3, "failed": 0, "tolerated": 0, "settled": True, "breached": False}


def plan(*, outcome: str = "planned", total: int = 3, timeout_seconds: int = 60) -> dict[str, object]:
    return {"outcome": outcome, "total": total, "timeout_seconds": timeout_seconds}


@pytest.fixture
def concluded(cloud: Cloud) -> None:
    cloud.functions.answers(CONCLUDE_ROLLBACK, {"status": "rolled_back"})


def start(cloud: Cloud) -> Run:
    cloud.create("rollback")
    return cloud.start("rollback", f"{DEPLOYMENT}-rollback-2", REQUEST)


def ends(cloud: Cloud) -> list[dict[str, Any]]:
    """Return what conclude_rollback was asked, without what is the same in every test."""
    asked = cloud.functions.asked(CONCLUDE_ROLLBACK)
    return [{key: value for key, value in event.items() if REQUEST.get(key) != value} for event in asked]


def test_all_devices_return(cloud: Cloud, concluded: None) -> None:
    cloud.functions.answers(PLAN_ROLLBACK, plan())
    run = start(cloud)
    command = run.command(ReturnDevices)
    assert (command.deployment_id, command.attempt) == (DEPLOYMENT, 2)
    run.succeed(command, RETURNED)
    assert run.ended() == "SUCCEEDED"
    assert run.states()[-1] == "RolledBack"
    assert cloud.functions.asked(PLAN_ROLLBACK) == [REQUEST | {"execution_arn": run.arn}]
    assert cloud.functions.asked(CONCLUDE_ROLLBACK) == [
        {"deployment_id": DEPLOYMENT, "attempt": 2, "outcome": "returned"}
    ]


def test_with_nothing_to_return_no_message_is_sent(cloud: Cloud, concluded: None) -> None:
    cloud.functions.answers(PLAN_ROLLBACK, plan(total=0))
    run = start(cloud)
    assert run.ended() == "SUCCEEDED"
    assert run.states() == [
        "PlanReturn",
        "WasPlanned",
        "AnythingToReturn",
        "ConcludeReturn",
        "DidAllReturn",
        "RolledBack",
    ]
    assert ends(cloud) == [{"outcome": "returned"}]


def test_it_is_planned_again_while_what_was_cancelled_has_not_ended(cloud: Cloud, concluded: None) -> None:
    cloud.functions.answers(PLAN_ROLLBACK, plan(outcome="cancelling", total=0), plan(total=0))
    run = start(cloud)
    assert run.ended() == "SUCCEEDED"
    assert run.states()[:5] == ["PlanReturn", "WasPlanned", "AwaitCancelled", "PlanReturn", "WasPlanned"]
    first, second = cloud.functions.asked(PLAN_ROLLBACK)
    assert first == second


def test_where_another_attempt_has_to_follow_no_alarm_is_raised(cloud: Cloud) -> None:
    cloud.functions.answers(PLAN_ROLLBACK, plan(total=0))
    cloud.functions.answers(CONCLUDE_ROLLBACK, {"status": "rolling_back"})
    run = start(cloud)
    assert run.ended() == "SUCCEEDED"
    assert run.states()[-1] == "NextAttemptTakesOver"


def test_a_rollback_that_is_not_allowed_any_more_does_nothing(cloud: Cloud) -> None:
    cloud.functions.answers(PLAN_ROLLBACK, plan(outcome="refused", total=0))
    run = start(cloud)
    assert run.ended() == "SUCCEEDED"
    assert run.states()[-1] == "NothingToRollBack"
    assert ends(cloud) == []


def test_a_device_left_behind_raises_the_alarm(cloud: Cloud) -> None:
    cloud.functions.answers(PLAN_ROLLBACK, plan())
    cloud.functions.answers(CONCLUDE_ROLLBACK, {"status": "failed"})
    run = start(cloud)
    run.succeed(run.command(ReturnDevices), RETURNED | {"succeeded": 2, "failed": 1, "breached": True})
    assert run.ended() == "FAILED"
    assert run.error() == "EdgeFlow.RollbackIncomplete"
    assert ends(cloud) == [{"outcome": "returned"}]


def test_devices_that_do_not_answer_in_time_are_given_up(cloud: Cloud) -> None:
    cloud.functions.answers(PLAN_ROLLBACK, plan(timeout_seconds=1))
    cloud.functions.answers(CONCLUDE_ROLLBACK, {"status": "failed"})
    run = start(cloud)
    run.command(ReturnDevices)
    close = run.command(CloseReturn)
    assert (close.deployment_id, close.attempt) == (DEPLOYMENT, 2)
    run.succeed(close, RETURNED | {"succeeded": 2, "failed": 1, "breached": True})
    assert run.ended() == "FAILED"
    assert run.error() == "EdgeFlow.RollbackIncomplete"
    assert cloud.backoffs == []


def test_all_may_have_returned_by_the_time_the_rollback_is_closed(cloud: Cloud, concluded: None) -> None:
    cloud.functions.answers(PLAN_ROLLBACK, plan(timeout_seconds=1))
    run = start(cloud)
    run.command(ReturnDevices)
    run.succeed(run.command(CloseReturn), RETURNED)
    assert run.ended() == "SUCCEEDED"


def test_a_plan_that_cannot_be_made_breaks_the_rollback(cloud: Cloud) -> None:
    cloud.functions.answers(PLAN_ROLLBACK, Raises("NotFound", "there is no such deployment"))
    cloud.functions.answers(CONCLUDE_ROLLBACK, {"status": "failed"})
    run = start(cloud)
    assert run.ended() == "FAILED"
    assert run.error() == "EdgeFlow.RollbackBroken"
    (end,) = ends(cloud)
    assert end["outcome"] == "broken"
    assert end["cause"]["Error"] == "NotFound"
    assert "there is no such deployment" in end["cause"]["Cause"]


def test_a_message_that_is_refused_breaks_the_rollback(cloud: Cloud) -> None:
    cloud.functions.answers(PLAN_ROLLBACK, plan())
    cloud.functions.answers(CONCLUDE_ROLLBACK, {"status": "failed"})
    run = start(cloud)
    run.fail(run.command(ReturnDevices), "Dispatch.Failed")
    assert run.ended() == "FAILED"
    assert run.error() == "EdgeFlow.RollbackBroken"
    (end,) = ends(cloud)
    assert end["outcome"] == "broken"
    assert end["cause"]["Error"] == "Dispatch.Failed"


def test_a_rollback_that_cannot_even_be_concluded_still_raises_the_alarm(cloud: Cloud, concluded: None) -> None:
    cloud.functions.answers(PLAN_ROLLBACK, plan(total=0))
    cloud.functions.answers(CONCLUDE_ROLLBACK, Raises("NotFound"))
    run = start(cloud)
    assert run.ended() == "FAILED"
    assert run.error() == "EdgeFlow.RollbackBroken"
    assert [end["outcome"] for end in ends(cloud)] == ["returned", "broken"]
