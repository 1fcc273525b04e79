"""The two machines that every strategy's starts and waits for: one wave, and what follows a breach."""

from statemachines import retries
from statemachines.asl import Definition, choice, machine, passes, succeeds
from statemachines.tasks import A_CALL, A_YEAR, CLOSING, STARTED_BY, ask


def deploy_wave() -> Definition:
    """Return the machine of one wave; given: ``deployment_id``, ``wave``, ``timeout_seconds``."""
    states = {
        "CheckForPause": {
            "Type": "Task",
            "Comment": "The gate before each wave: ask the table whether the deployment still runs",
            "Resource": "arn:aws:states:::dynamodb:getItem",
            "TimeoutSeconds": A_CALL,
            "Parameters": {
                "TableName": "${TableName}",
                "Key": {"pk": {"S.$": "States.Format('DEP#{}', $.deployment_id)"}, "sk": {"S": "DEPLOYMENT"}},
                "ConsistentRead": True,
                "ProjectionExpression": "#status",
                "ExpressionAttributeNames": {"#status": "status"},
            },
            "ResultSelector": {"status.$": "$.Item.status.S"},
            "ResultPath": "$.checked",
            "Retry": retries.READING,
            "Next": "IsPaused",
        },
        "IsPaused": choice(
            "Running goes on, paused waits; anything else means that somebody else has taken over",
            [
                {"Variable": "$.checked.status", "StringEquals": "running", "Next": "DispatchWave"},
                {"Variable": "$.checked.status", "StringEquals": "paused", "Next": "AwaitResume"},
            ],
            otherwise="StoppedFromOutside",
        ),
        "AwaitResume": ask(
            "Paused: wait for resume, at no cost, for up to a year",
            "await_resume",
            {"reason": None},
            timeout=A_YEAR,
            to="$.resumed",
            then="CheckForPause",
        ),
        "DispatchWave": ask(
            "Create the jobs of this wave; woken when it has settled, or a breach is certain",
            "deploy_wave",
            {"wave.$": "$.wave"},
            timeout="$.timeout_seconds",
            to="$.result",
            catch=[{"ErrorEquals": ["States.Timeout"], "ResultPath": "$.error", "Next": "CloseTimedOutWave"}],
            then="WasHeldBack",
        ),
        "WasHeldBack": choice(
            "This one has not begun: one before it has breached and nothing rolls back by itself,"
            " or no canary is connected",
            [
                {"Variable": "$.result.held_back", "IsPresent": True, "Next": "PauseBeforeWave"},
                {"Variable": "$.result.look_again", "IsPresent": True, "Next": "CheckForPause"},
            ],
            otherwise="WaveDecided",
        ),
        "PauseBeforeWave": ask(
            "Pause; resume goes on with this wave, rollback returns everything",
            "await_resume",
            {"reason": "breach"},
            timeout=A_YEAR,
            to="$.resumed",
            then="CheckForPause",
        ),
        "CloseTimedOutWave": ask(
            "Some devices never answered: cancel their jobs and count them as failed",
            "close_wave",
            {"wave.$": "$.wave", "cause": "timeout"},
            timeout=CLOSING,
            to="$.result",
            then="WaveDecided",
        ),
        "WaveDecided": passes(
            "How many of its targets failed, and how many may",
            {"went": "decided", "result.$": "$.result"},
            then="WaveOver",
        ),
        "StoppedFromOutside": passes(
            "Rolled back or concluded by somebody else: nothing is left to do here",
            {"went": "stopped", "result": {}},
            then="WaveOver",
        ),
        "WaveOver": succeeds("The strategy's machine judges it"),
    }
    comment = (
        "One wave of any strategy: wait while the deployment is paused, deploy, and close the wave if its time runs out"
    )
    return machine(comment, "CheckForPause", states)


def handle_breach() -> Definition:
    """Return the machine of a breach; given: ``deployment_id``, ``wave``, ``waves``, ``auto_rollback``, ``result``."""
    states = {
        "AutoRollback": choice(
            "After a breach: roll back by itself, or stop here",
            [{"Variable": "$.auto_rollback", "BooleanEquals": True, "Next": "StartRollback"}],
            otherwise="StopWave",
        ),
        "StartRollback": {
            "Type": "Task",
            "Comment": "Hand over to the rollback machine; an operator's rollback of this deployment has the same name",
            "Resource": "arn:aws:states:::states:startExecution",
            "TimeoutSeconds": A_CALL,
            "Parameters": {
                "StateMachineArn": "${RollbackStateMachineArn}",
                "Name.$": "States.Format('{}-rollback-1', $.deployment_id)",
                "Input": {
                    "deployment_id.$": "$.deployment_id",
                    "attempt": 1,
                    "origin": "breach",
                    "reason.$": (
                        "States.Format('{} of the {} targets of wave {} failed; {} are tolerated',"
                        " $.result.failed, $.result.total, $.result.wave, $.result.tolerated)"
                    ),
                    **STARTED_BY,
                },
            },
            "ResultPath": None,
            "Retry": retries.STARTING_ROLLBACK,
            "Catch": [
                {
                    "ErrorEquals": ["StepFunctions.ExecutionAlreadyExistsException", "ExecutionAlreadyExists"],
                    "ResultPath": "$.error",
                    "Next": "RollbackTakesOver",
                }
            ],
            "Next": "RollbackTakesOver",
        },
        "RollbackTakesOver": passes(
            "The rollback machine returns every device that changed", {"went": "rolling_back"}, then="BreachHandled"
        ),
        "StopWave": ask(
            "Auto-rollback is off: cancel what is left of this wave",
            "close_wave",
            {"wave.$": "$.wave", "cause": "stop"},
            timeout=CLOSING,
            to="$.result",
            then="IsLastWave",
        ),
        "IsLastWave": choice(
            "With waves still to come an operator decides; without, the deployment has failed",
            [{"Variable": "$.wave", "NumericLessThanPath": "$.waves", "Next": "PauseAfterBreach"}],
            otherwise="NothingToGoOnWith",
        ),
        "PauseAfterBreach": ask(
            "Pause; resume goes on with the next wave, rollback returns everything",
            "await_resume",
            {"reason": "breach"},
            timeout=A_YEAR,
            to="$.resumed",
            then="Resumed",
        ),
        "Resumed": passes("An operator has accepted the failures", {"went": "resumed"}, then="BreachHandled"),
        "NothingToGoOnWith": passes(
            "The last wave breached, and nothing rolls back by itself", {"went": "over"}, then="BreachHandled"
        ),
        "BreachHandled": succeeds("The strategy's machine goes on, or ends"),
    }
    comment = "After a breach, whatever the strategy: roll back, or stop and leave it to an operator"
    return machine(comment, "AutoRollback", states)
