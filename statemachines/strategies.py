"""One machine per strategy: which waves come in which order, what is waited for, when a breach ends it."""

from statemachines.asl import Definition, States, machine, passes
from statemachines.rollouts import ENDS, Wave, after_delay, delay, plan, wave

NONE_LEFT = {"Variable": "$.plan.waves", "NumericLessThanEquals": 1, "Next": "ConcludeSettled"}


def all_at_once() -> Definition:
    """Return the machine that deploys to every target at once; given, as those of all strategies: ``deployment_id``."""
    states: States = {
        **plan(then="DeployAll"),
        **wave(Wave("DeployAll", "AllWentWell", "HandleBreach", "AfterBreach"), "Deploy to every target", number=1),
        **ENDS,
    }
    return machine("All at once: every target in one wave; any failure breaches", "PlanWaves", states)


def rolling() -> Definition:
    """Return the machine that deploys batch by batch, and is the one that has a loop."""
    batch = Wave("DeployBatch", "BatchWentWell", "HandleBreach", "AfterBreach")
    states: States = {
        **plan(then="CountBatches"),
        "CountBatches": passes(
            "Batches are counted from 1; none has begun yet", {"number": 0}, to="$.wave", then=batch.deploy
        ),
        **wave(
            batch,
            "Deploy to the next batch, as soon as the deployment is not paused",
            number=None,
            ways=[
                {
                    "Variable": "$.wave.number",
                    "NumericGreaterThanEqualsPath": "$.plan.waves",
                    "Next": "ConcludeSettled",
                },
                after_delay("batch", then="BatchDelay"),
            ],
            otherwise=batch.deploy,
            resumed=batch.deploy,
        ),
        **delay(
            "batch",
            "Let this batch prove itself before the next one; a breach ends the delay at once",
            watch="WatchBatch",
            then=batch.deploy,
            breach=batch.breach,
        ),
        **ENDS,
    }
    return machine("Rolling: batches in sequence, a delay between them, a threshold on each", "PlanWaves", states)


def canary() -> Definition:
    """Return the machine that deploys to some targets, watches them, and then deploys to the rest."""
    canaries = Wave("DeployCanaries", "CanariesWentWell", "HandleCanaryBreach", "AfterCanaryBreach")
    rest = Wave("DeployRest", "RestWentWell", "HandleRestBreach", "AfterRestBreach")
    states: States = {
        **plan(then=canaries.deploy),
        **wave(
            canaries,
            "Wave 1: deploy to the canaries, as soon as the deployment is not paused",
            number=1,
            ways=[NONE_LEFT, after_delay("canary", then="CanaryDelay")],
            otherwise=rest.deploy,
            resumed=rest.deploy,
        ),
        **delay(
            "canary",
            "Let the canaries prove themselves; one that falls ill ends the delay at once",
            watch="WatchCanaries",
            then=rest.deploy,
            breach=canaries.breach,
        ),
        **wave(rest, "Wave 2: the canaries are well, deploy to all others", number=2),
        **ENDS,
    }
    comment = (
        "Canary: a percentage of the targets first, a watched delay, then the rest; any failure returns everything"
    )
    return machine(comment, "PlanWaves", states)


def blue_green() -> Definition:
    """Return the machine that stages on every target, watches that, and then switches all of them."""
    stage = Wave("Stage", "StageWentWell", "HandleStageBreach", "AfterStageBreach")
    switch = Wave("Switch", "SwitchWentWell", "HandleSwitchBreach", "AfterSwitchBreach")
    states: States = {
        **plan(then=stage.deploy),
        **wave(
            stage,
            "Wave 1: the new version runs in the idle slot beside the live one, its outputs muted",
            number=1,
            ways=[NONE_LEFT, after_delay("switch", then="SwitchDelay")],
            otherwise=switch.deploy,
            resumed=switch.deploy,
        ),
        **delay(
            "switch",
            "Let the staged version prove itself; a device where it falls ill ends the delay at once",
            watch="WatchStaged",
            then=switch.deploy,
            breach=stage.breach,
        ),
        **wave(
            switch,
            "Wave 2: switch traffic to the staged version; the old one stays warm in the other slot",
            number=2,
        ),
        **ENDS,
    }
    comment = (
        "Blue-green: stage on the idle slot of every target, a watched delay, then switch all of them;"
        " any failure returns everything"
    )
    return machine(comment, "PlanWaves", states)
