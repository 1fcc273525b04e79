"""``make executions``: an execution's events become one line for each stay in a state."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from localcloud.executions import Execution, Step, comments, lines, steps
from localcloud.settings import ROOT

NOON = datetime(2026, 2, 21, 12, 0, tzinfo=UTC)


def _at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def _entered(name: str, seconds: float) -> dict[str, Any]:
    return {"type": "TaskStateEntered", "timestamp": _at(seconds), "stateEnteredEventDetails": {"name": name}}


def _left(name: str, seconds: float) -> dict[str, Any]:
    return {"type": "TaskStateExited", "timestamp": _at(seconds), "stateExitedEventDetails": {"name": name}}


def _execution(status: str, *made: Step, cause: str = "") -> Execution:
    said = {"DeployWave": "Deploy a wave"}
    return Execution(
        name="dep_1", machine="rolling", status=status, started=NOON, cause=cause, steps=list(made), comments=said
    )


def test_each_stay_in_a_state_is_a_step_of_its_own() -> None:
    events = [
        {"type": "ExecutionStarted", "timestamp": NOON},
        _entered("DeployWave", 0),
        _left("DeployWave", 2),
        _entered("WaitBetweenBatches", 2),
        _left("WaitBetweenBatches", 7),
        _entered("DeployWave", 7),
    ]
    assert steps(events) == [
        Step("DeployWave", _at(0), _at(2)),
        Step("WaitBetweenBatches", _at(2), _at(7)),
        Step("DeployWave", _at(7), None),
    ]


def test_who_came_first_into_a_state_that_many_are_in_leaves_it_first() -> None:
    events = [_entered("Watch", 0), _entered("Watch", 1), _left("Watch", 3), _left("Watch", 5), _left("Watch", 6)]
    assert steps(events) == [Step("Watch", _at(0), _at(3)), Step("Watch", _at(1), _at(5))]


def test_what_ran_side_by_side_is_over_when_one_branch_has_ended_all() -> None:
    events = [
        _entered("DeployWave", 0),
        _entered("CanaryDelay", 1),
        _entered("Wait", 1),
        _entered("Watch", 1),
        _left("Watch", 4),
        _entered("Promoted", 4),
        {**_left("CanaryDelay", 5), "type": "ParallelStateExited"},
        _entered("DeployRest", 5),
    ]
    assert steps(events) == [
        Step("DeployWave", _at(0), None),
        Step("CanaryDelay", _at(1), _at(5)),
        Step("Wait", _at(1), _at(5)),
        Step("Watch", _at(1), _at(4)),
        Step("Promoted", _at(4), _at(5)),
        Step("DeployRest", _at(5), None),
    ]


def test_a_line_says_when_how_long_and_what_for() -> None:
    made = _execution("RUNNING", Step("DeployWave", _at(0), _at(2.25)), Step("Wait", _at(2.25), None))
    assert list(lines(made)) == [
        "dep_1 (rolling): RUNNING",
        "  12:00:00     2.2 s  DeployWave  Deploy a wave",
        "  12:00:02       now  Wait",
    ]


def test_an_execution_that_failed_says_where_and_why() -> None:
    made = _execution("FAILED", Step("DeployWave", _at(0), None), cause="States.Timeout: nobody answered")
    assert list(lines(made)) == [
        "dep_1 (rolling): FAILED",
        "  12:00:00     ended  DeployWave  Deploy a wave",
        "  States.Timeout: nobody answered",
    ]


@pytest.mark.parametrize("path", sorted((ROOT / "statemachines").glob("*.asl.json")), ids=lambda path: path.stem)
def test_every_state_has_its_comment_also_within_another(path: Any) -> None:  # noqa: ANN401  a path
    definition = json.loads(path.read_text())
    found = comments(definition)
    assert set(definition["States"]) <= set(found)
    within = {name for state in definition["States"].values() for each in _within(state) for name in each["States"]}
    assert within <= set(found)
    assert any(found.values())


def _within(state: dict[str, Any]) -> list[dict[str, Any]]:
    inner = [state.get("Iterator"), state.get("ItemProcessor"), *state.get("Branches", [])]
    return [each for each in inner if each]
