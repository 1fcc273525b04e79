"""The machine that returns devices to what they ran before."""

from statemachines import retries
from statemachines.asl import Definition, choice, fails, machine, succeeds
from statemachines.tasks import BROKEN, CLOSING, ask, conclude_rollback, invoke


def rollback() -> Definition:
    """Return it; given: ``deployment_id``, ``attempt``, ``origin``, ``reason``."""
    states = {
        "PlanReturn": invoke(
            "Stop what goes forward, then freeze which device returns to which version",
            "PlanRollbackFunction",
            {
                "attempt.$": "$.attempt",
                "origin.$": "$.origin",
                "reason.$": "$.reason",
                "execution_arn.$": "$$.Execution.Id",
            },
            answer=["outcome", "total", "timeout_seconds"],
            to="$.plan",
            retry=retries.PLANNING,
            then="WasPlanned",
        ),
        "WasPlanned": choice(
            "Refused when the deployment's status does not allow a rollback any more",
            [
                {"Variable": "$.plan.outcome", "StringEquals": "planned", "Next": "AnythingToReturn"},
                {"Variable": "$.plan.outcome", "StringEquals": "cancelling", "Next": "AwaitCancelled"},
            ],
            otherwise="NothingToRollBack",
        ),
        "AwaitCancelled": {
            "Type": "Wait",
            "Comment": "AWS IoT has not ended all of the cancelled jobs: look again, for a minute at most",
            "Seconds": 2,
            "Next": "PlanReturn",
        },
        "AnythingToReturn": choice(
            "Devices that went back by themselves need no job",
            [{"Variable": "$.plan.total", "NumericGreaterThan": 0, "Next": "ReturnDevices"}],
            otherwise="ConcludeReturn",
        ),
        "ReturnDevices": ask(
            "Create the jobs that return the devices, grouped by the version before; woken when all have answered",
            "return_devices",
            {"attempt.$": "$.attempt"},
            timeout="$.plan.timeout_seconds",
            to="$.returned",
            catch=[{"ErrorEquals": ["States.Timeout"], "ResultPath": "$.error", "Next": "CloseReturn"}, BROKEN],
            then="ConcludeReturn",
        ),
        "CloseReturn": ask(
            "Some devices did not return in time: cancel their jobs and say so",
            "close_return",
            {"attempt.$": "$.attempt"},
            timeout=CLOSING,
            to="$.returned",
            catch=[BROKEN],
            then="ConcludeReturn",
        ),
        "ConcludeReturn": conclude_rollback(
            "Account for every device, give up the claims",
            {"outcome": "returned"},
            then="DidAllReturn",
        ),
        "DidAllReturn": choice(
            "The deployment is rolled back only when no device is left behind",
            [
                {"Variable": "$.concluded.status", "StringEquals": "rolled_back", "Next": "RolledBack"},
                {"Variable": "$.concluded.status", "StringEquals": "rolling_back", "Next": "NextAttemptTakesOver"},
            ],
            otherwise="SomeDidNotReturn",
        ),
        "RolledBack": succeeds("Every device that changed runs what it ran before"),
        "NextAttemptTakesOver": succeeds(
            "A device took the version up after it had been given up: another attempt returns it"
        ),
        "SomeDidNotReturn": fails(
            "Raises the alarm; rolling back again tries just those",
            "EdgeFlow.RollbackIncomplete",
            Cause="Some devices did not return; see status_reason of the deployment",
        ),
        "ConcludeBroken": conclude_rollback(
            "The rollback cannot go on: give up its claims, say why",
            {"outcome": "broken", "cause.$": "$.error"},
            then="RollbackBroken",
            broken="RollbackBroken",
        ),
        "RollbackBroken": fails(
            "Raises the alarm; rolling back again goes on",
            "EdgeFlow.RollbackBroken",
            Cause="The rollback could not go on; see status_reason of the deployment",
        ),
        "NothingToRollBack": succeeds("Somebody else has rolled it back, or it never started"),
    }
    comment = "Rollback: returns every device a deployment changed to what it ran before"
    return machine(comment, "PlanReturn", states)
