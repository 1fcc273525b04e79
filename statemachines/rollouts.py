"""What the machines of the strategies are put together from: the plan, a wave and its breach, a delay, the ends."""

from dataclasses import dataclass
from typing import Any, Final

from edgeflow.contract.rest.settings import MAX_DURATION
from statemachines import retries
from statemachines.asl import State, States, choice, fails, passes, succeeds
from statemachines.tasks import BROKEN, ask, conclude_rollout, invoke, run

A_WATCH: Final = int(MAX_DURATION.total_seconds()) + 86_400
"""Seconds: a day longer than any delay, which ends the watch; so this never decides."""


_NEXT: Final = "States.MathAdd($.wave.number, 1)"
_NUMBER_OF_NAME: Final = "States.StringToJson(States.ArrayGetItem(States.StringSplit($.Name, '-'), 2))"
"""The number of the wave whose execution has just ended; no deployment's id has a hyphen.

A state that counts would cost a wave two of the 25,000 events that an execution may have.
"""


@dataclass(frozen=True)
class Wave:
    """The names of the states of one wave."""

    deploy: str
    went_well: str
    breach: str
    after_breach: str


def plan(*, then: str) -> States:
    """Return the states before the first wave."""
    return {
        "PlanWaves": invoke(
            "Claim every device, remember what it runs, split the targets into waves",
            "PlanRolloutFunction",
            {},
            answer=[
                "outcome",
                "waves",
                "timeout_seconds",
                "batch_delay_seconds",
                "canary_delay_seconds",
                "switch_delay_seconds",
                "auto_rollback",
            ],
            to="$.plan",
            retry=retries.PLANNING,
            then="WasPlanned",
        ),
        "WasPlanned": choice(
            "Another deployment may hold some of the devices, or somebody stopped this one meanwhile",
            [
                {"Variable": "$.plan.outcome", "StringEquals": "planned", "Next": then},
                {"Variable": "$.plan.outcome", "StringEquals": "refused", "Next": "Refused"},
            ],
            otherwise="StoppedFromOutside",
        ),
    }


def wave(
    names: Wave,
    comment: str,
    *,
    number: int | None,
    ways: list[State] | None = None,
    otherwise: str = "ConcludeSettled",
    resumed: str | None = None,
) -> States:
    """Return the states of one wave, and of its breach.

    ``number``: which wave it is; None: the one after the last, which is counted. ``ways`` and ``otherwise`` lead on
    when it went well; ``resumed`` when it did not and an operator accepts that, None where no wave is left then.
    """
    if number is not None:
        name = f"States.Format('{{}}-wave-{number}', $.deployment_id)"
        given: dict[str, Any] = {"wave": number}
        counted: dict[str, Any] = {"number": number}
    else:
        name = f"States.Format('{{}}-wave-{{}}', $.deployment_id, {_NEXT})"
        given, counted = {"wave.$": _NEXT}, {"number.$": _NUMBER_OF_NAME}
    goes_on = [{"Variable": "$.breach.went", "StringEquals": "resumed", "Next": resumed}] if resumed else []
    return {
        names.deploy: run(
            comment,
            "DeployWave",
            name,
            {**given, "timeout_seconds.$": "$.plan.timeout_seconds"},
            answer={**counted, "went.$": "$.Output.went", "result.$": "$.Output.result"},
            to="$.wave",
            then=names.went_well,
        ),
        names.went_well: choice(
            "It breaches when more of its targets failed than the threshold tolerates; or somebody has rolled back",
            [
                {"Not": {"Variable": "$.wave.went", "StringEquals": "decided"}, "Next": "StoppedFromOutside"},
                {
                    "Variable": "$.wave.result.failed",
                    "NumericGreaterThanPath": "$.wave.result.tolerated",
                    "Next": names.breach,
                },
                *(ways or []),
            ],
            otherwise=otherwise,
        ),
        names.breach: run(
            "Roll back, or stop here and let an operator decide",
            "HandleBreach",
            "States.Format('{}-breach-{}', $.deployment_id, $.wave.number)",
            {
                "wave.$": "$.wave.number",
                "waves.$": "$.plan.waves",
                "auto_rollback.$": "$.plan.auto_rollback",
                "result.$": "$.wave.result",
            },
            answer={"went.$": "$.Output.went"},
            to="$.breach",
            then=names.after_breach,
        ),
        names.after_breach: choice(
            "What became of it",
            [{"Variable": "$.breach.went", "StringEquals": "rolling_back", "Next": "RollbackTakesOver"}, *goes_on],
            otherwise="ConcludeBreached",
        ),
    }


def after_delay(kind: str, *, then: str) -> State:
    """Return the way of a choice that leads into the delay, unless it is none."""
    return {"Variable": f"$.plan.{kind}_delay_seconds", "NumericGreaterThan": 0, "Next": then}


def delay(kind: str, comment: str, *, watch: str, then: str, breach: str) -> States:
    """Return a delay of this kind (batch, canary, switch), and the watch beside it: whichever ends first decides.

    Each branch ends in a Fail, which ends the other one.
    """
    title = kind.capitalize()
    waits = {
        f"Wait{title}Delay": {
            "Type": "Wait",
            "Comment": "The delay of the deployment's settings",
            "SecondsPath": f"$.plan.{kind}_delay_seconds",
            "Next": "DelayOver",
        },
        "DelayOver": fails(
            "Ends the watch: nobody fell ill while the time ran",
            "EdgeFlow.DelayOver",
            Cause="The time is over, and nobody fell ill",
        ),
    }
    watches = {
        watch: ask(
            "Meanwhile a breach, or an operator who promotes, answers the token",
            "watch_waves",
            {"wave.$": "$.wave.number"},
            timeout=A_WATCH,
            to="$.watched",
            then="EndedEarly",
        ),
        "EndedEarly": choice(
            "Before its time a delay is ended by a breach, or by an operator who promotes what is deployed",
            [{"Variable": "$.watched.breached", "BooleanEquals": True, "Next": "Breached"}],
            otherwise="Promoted",
        ),
        "Breached": fails(
            "Ends the delay: more targets have failed than are tolerated",
            "EdgeFlow.Breached",
            CausePath="States.JsonToString($.watched)",
        ),
        "Promoted": fails(
            "Ends the delay: an operator has seen enough",
            "EdgeFlow.Promoted",
            Cause="An operator has promoted what is deployed",
        ),
    }
    return {
        f"{title}Delay": {
            "Type": "Parallel",
            "Comment": comment,
            "Branches": [_branch(f"Wait{title}Delay", waits), _branch(watch, watches)],
            "ResultPath": None,
            "Catch": [
                {"ErrorEquals": ["EdgeFlow.DelayOver", "EdgeFlow.Promoted"], "ResultPath": "$.delay", "Next": then},
                {"ErrorEquals": ["EdgeFlow.Breached"], "ResultPath": "$.delay", "Next": "IsResultTold"},
                BROKEN,
            ],
            "Next": then,
        },
        "IsResultTold": choice(
            "AWS may leave the cause of an error out",
            [
                {"Not": {"Variable": "$.delay.Cause", "IsPresent": True}, "Next": breach},
                {"Variable": "$.delay.Cause", "StringMatches": "{*}", "Next": "BreachInDelay"},
            ],
            otherwise=breach,
        ),
        "BreachInDelay": passes(
            "The wave as it is counted since: the breach brings its result along",
            {"number.$": "$.wave.number", "result.$": "States.StringToJson($.delay.Cause)"},
            to="$.wave",
            then=breach,
        ),
    }


def _branch(start_at: str, states: States) -> dict[str, Any]:
    return {"StartAt": start_at, "States": states}


ENDS: Final[States] = {
    "RollbackTakesOver": succeeds("The rollback machine returns every device that changed"),
    "ConcludeSettled": conclude_rollout(
        "Every target was deployed to: account for all of them, give up the claims",
        {"outcome": "settled"},
        then="RolloutEnded",
    ),
    "ConcludeBreached": conclude_rollout(
        "The last wave breached and nothing rolls back by itself: the deployment has failed",
        {"outcome": "breached"},
        then="RolloutEnded",
    ),
    "RolloutEnded": succeeds("The deployment's status says how"),
    "ConcludeBroken": conclude_rollout(
        "The rollout cannot go on: cancel its jobs, give up its claims, say why",
        {"outcome": "broken", "cause.$": "$.error"},
        then="RolloutBroken",
        broken="RolloutBroken",
    ),
    "RolloutBroken": fails(
        "Raises the alarm; the deployment's status_reason says what broke",
        "EdgeFlow.RolloutBroken",
        Cause="The rollout could not go on; see status_reason of the deployment",
    ),
    "Refused": succeeds("Another deployment of this flow holds some of the devices; this one has failed and says so"),
    "StoppedFromOutside": succeeds("A rollback, or whoever ended the deployment, has taken over"),
}
"""How an execution of any strategy ends."""
