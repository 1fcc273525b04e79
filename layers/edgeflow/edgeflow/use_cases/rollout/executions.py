"""The executions of one deployment: the strategy's, and those that it starts for a wave or a breach."""

from collections.abc import Iterable, Iterator
from typing import Final, Literal, NoReturn, assert_never

from edgeflow.domain.deployments import Deployment, DeploymentStatus
from edgeflow.domain.errors import Conflict
from edgeflow.domain.remains import Remains
from edgeflow.domain.strategies import Strategy
from edgeflow.use_cases.rollout.ports import Deployments, Workflows

DEPLOY_WAVE_MACHINE: Final = "deploy-wave"
HANDLE_BREACH_MACHINE: Final = "handle-breach"
ROLLBACK_MACHINE: Final = "rollback"


def begin_rollout(deployment: Deployment, deployments: Deployments, workflows: Workflows) -> Deployment:
    """Start the execution of a deployment that runs, unless that was done; returns the deployment. Repeatable."""
    if deployment.execution_started:
        return deployment
    arn = workflows.start(deployment.strategy.machine, deployment.id, {"deployment_id": deployment.id})
    return deployments.mark_execution_started(deployment.id, arn)


def refuse_what_is_over(
    status: Literal[
        DeploymentStatus.CANCELLING,
        DeploymentStatus.ROLLING_BACK,
        DeploymentStatus.COMPLETED,
        DeploymentStatus.FAILED,
        DeploymentStatus.CANCELLED,
        DeploymentStatus.ROLLED_BACK,
    ],
) -> NoReturn:
    """Refuse to begin, or to go on with, what has ended or is on its way there. Raises Conflict."""
    match status:
        case DeploymentStatus.CANCELLING | DeploymentStatus.ROLLING_BACK:
            message = f"the deployment is {status}; create a new one to deploy again"
        case (
            DeploymentStatus.COMPLETED
            | DeploymentStatus.FAILED
            | DeploymentStatus.CANCELLED
            | DeploymentStatus.ROLLED_BACK
        ):
            message = f"the deployment has ended ({status}); create a new one to deploy again"
        case _:
            assert_never(status)
    raise Conflict(message)


def stop_rollout(deployment: Deployment, workflows: Workflows, *, reason: str) -> None:
    """Stop whatever carries the deployment forward. Repeatable.

    Stopping the strategy's execution makes Step Functions stop what it waits for, too, but only as well as it can.
    """
    for arn in _rollout_executions(deployment, workflows):
        workflows.stop(arn, reason)


def stop_all(remains: Remains, workflows: Workflows, *, reason: str) -> None:
    """Stop whatever may carry forward, or back, a deployment of which not even the strategy is known. Repeatable."""
    for strategy in Strategy:
        workflows.stop(workflows.execution_arn(strategy.machine, remains.deployment_id), reason)
    for attempt in remains.attempts:
        workflows.stop(workflows.execution_arn(ROLLBACK_MACHINE, rollback_name(remains.deployment_id, attempt)), reason)
    for arn in _wave_executions(remains.deployment_id, remains.waves_at_work, workflows):
        workflows.stop(arn, reason)


def rollback_name(deployment_id: str, attempt: int) -> str:
    """Return the name of a rollback attempt's execution; the state machines build the first one alike."""
    return f"{deployment_id}-rollback-{attempt}"


def _rollout_executions(deployment: Deployment, workflows: Workflows) -> Iterator[str]:
    """Yield the ARNs that can be running; the strategies' machines build the same names."""
    yield workflows.execution_arn(deployment.strategy.machine, deployment.id)
    # The table knows of a wave when its message is carried out; the next one's execution may have begun before.
    yield from _wave_executions(deployment.id, (deployment.current_wave, deployment.current_wave + 1), workflows)


def _wave_executions(deployment_id: str, waves: Iterable[int], workflows: Workflows) -> Iterator[str]:
    for wave in waves:
        yield workflows.execution_arn(DEPLOY_WAVE_MACHINE, f"{deployment_id}-wave-{wave}")
        yield workflows.execution_arn(HANDLE_BREACH_MACHINE, f"{deployment_id}-breach-{wave}")
