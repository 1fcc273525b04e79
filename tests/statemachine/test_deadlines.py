"""No state without a deadline: every state that waits is bounded, by one of the times of this table.

What operators are told of it (``domain/waiting.py``) is no shorter than what the machines may take.
"""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from pydantic import ValidationError

from edgeflow.contract.rest.settings import (
    MAX_DURATION,
    AllAtOnceSettings,
    BlueGreenSettings,
    CanarySettings,
    RollingSettings,
    Settings,
)
from edgeflow.domain import waiting

State = dict[str, Any]

A_YEAR: Final = 31_536_000
FIXED: Final = {
    2: "AWS IoT ends what was cancelled, then it is looked again; for CANCELS_END_WITHIN, then it goes on without that",
    60: "one call of an AWS service",
    930: "a function's 900 s, the longest that AWS Lambda gives, and the way there",
    3_600: "a wave is closed: its jobs are cancelled and its devices accounted for, by messages that may come again",
    8 * 86_400: "a watch beside a delay, which ends it: no delay is longer than MAX_DURATION",
    A_YEAR: "a person decides: nothing is paused for longer",
    A_YEAR + 5 * 86_400: "a machine that waits for another one, which has these deadlines itself",
}
BY_PATH: Final = {
    "$.timeout_seconds": "the wave's timeout, as its strategy's machine gives it",
    "$.plan.timeout_seconds": "the timeout of the deployment's settings",
    "$.plan.batch_delay_seconds": "a setting of the deployment",
    "$.plan.canary_delay_seconds": "a setting of the deployment",
    "$.plan.switch_delay_seconds": "a setting of the deployment",
}
"""Paths to settings, which the API bounds by ``MAX_DURATION``."""
WAITS: Final = {"Task", "Wait"}
KNOWN: Final = WAITS | {"Choice", "Pass", "Succeed", "Fail", "Parallel", "Map"}


def states_in(definition: dict[str, Any]) -> Iterator[tuple[str, State]]:
    """Yield every state of a machine, those of its branches included."""
    for name, state in definition["States"].items():
        yield name, state
        inner = [*state.get("Branches", []), *(state[key] for key in ("Iterator", "ItemProcessor") if key in state)]
        for branch in inner:
            yield from states_in(branch)


def deadline_of(state: State) -> int | str | None:
    """Return the seconds after which a state ends, or the path to them; None where it may wait for ever."""
    keys = ("Seconds", "SecondsPath") if state["Type"] == "Wait" else ("TimeoutSeconds", "TimeoutSecondsPath")
    found: list[int | str] = [state[key] for key in keys if key in state]
    return found[0] if len(found) == 1 else None


def machines(root: Path) -> dict[str, dict[str, Any]]:
    """Return each machine's definition, whatever machines there are."""
    return {path.name: json.loads(path.read_text("utf-8")) for path in (root / "statemachines").glob("*.asl.json")}


def test_every_state_that_waits_has_a_deadline_of_the_table(root: Path) -> None:
    found = {
        (machine, name): deadline_of(state)
        for machine, definition in machines(root).items()
        for name, state in states_in(definition)
        if state["Type"] in WAITS
    }
    assert {state: deadline for state, deadline in found.items() if deadline not in {*FIXED, *BY_PATH}} == {}
    assert {*FIXED, *BY_PATH} == set(found.values()), "a time that no state has any more"


def test_there_is_no_kind_of_state_that_was_not_thought_of(root: Path) -> None:
    kinds = {state["Type"] for definition in machines(root).values() for _, state in states_in(definition)}
    assert kinds <= KNOWN


def test_only_a_person_is_waited_for_by_the_year(root: Path) -> None:
    for definition in machines(root).values():
        for name, state in states_in(definition):
            if state["Type"] in WAITS and deadline_of(state) == A_YEAR:
                assert state["Parameters"]["MessageBody"]["command"] == "await_resume", name


@pytest.mark.parametrize(
    "state",
    [
        {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken"},
        {"Type": "Task", "HeartbeatSeconds": 60},
        {"Type": "Wait", "TimestampPath": "$.at"},
    ],
)
def test_a_state_without_a_deadline_is_noticed(state: State) -> None:
    assert deadline_of(state) is None
    inside = {"States": {"Both": {"Type": "Parallel", "Branches": [{"States": {"Waits": state}}]}}}
    assert [name for name, _ in states_in(inside)] == ["Both", "Waits"]


def longest(state: State) -> timedelta:
    """Return how long a state may take at the longest: every try to its timeout, and the waits between the tries."""
    total = state["TimeoutSeconds"]
    for retrier in state.get("Retry", []):
        delay = retrier.get("IntervalSeconds", 1)
        for _ in range(retrier.get("MaxAttempts", 3)):
            total += state["TimeoutSeconds"] + delay
            delay = min(delay * retrier.get("BackoffRate", 2), retrier.get("MaxDelaySeconds", A_YEAR))
    return timedelta(seconds=total)


def sending(state: State) -> timedelta:
    """Return the longest wait between tries to send a message; whoever waits for its answer waits from then on."""
    return longest({**state, "TimeoutSeconds": 0}) + timedelta(seconds=state["TimeoutSeconds"])


def test_operators_are_told_no_shorter_time_than_the_machines_take(root: Path) -> None:
    found = {name: state for definition in machines(root).values() for name, state in states_in(definition)}
    for name in ("PlanWaves", "PlanReturn"):
        assert longest(found[name]) <= waiting.PLANNING
    for name in ("ConcludeSettled", "ConcludeBreached", "ConcludeReturn"):
        assert longest(found[name]) + longest(found["ConcludeBroken"]) <= waiting.CONCLUDING
    for name in ("CloseTimedOutWave", "StopWave", "CloseReturn"):
        assert sending(found[name]) <= waiting.CLOSING
    assert longest(found["CheckForPause"]) <= waiting.GATE
    assert longest(found["StartRollback"]) <= waiting.CLOSING


@pytest.mark.parametrize("model", [AllAtOnceSettings, RollingSettings, CanarySettings, BlueGreenSettings])
def test_the_settings_that_bound_a_state_are_bounded_themselves(model: type[Settings]) -> None:
    times = [name for name in model.model_fields if name == "timeout" or name.endswith("_delay")]
    assert "timeout" in times
    for name in times:
        assert getattr(model.model_validate({name: MAX_DURATION}), name) == MAX_DURATION
        with pytest.raises(ValidationError, match=name):
            model.model_validate({name: MAX_DURATION + timedelta(seconds=1)})
