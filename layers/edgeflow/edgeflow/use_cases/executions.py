"""The executions of one deployment: the strategy's, and those that it starts for a wave or a breach."""

from collections.abc import Iterator
from typing import Final

from edgeflow.domain.deployments import Deployment
from edgeflow.use_cases.ports import Workflows

DEPLOY_WAVE_MACHINE: Final = "deploy-wave"
HANDLE_BREACH_MACHINE: Final = "handle-breach"


def stop_rollout(deployment: Deployment, workflows: Workflows, *, reason: str) -> None:
    """Stop whatever carries the deployment forward. Repeatable.

    Stopping the strategy's execution makes Step Functions stop what it waits for, too, but only as well as it can.
    """
    for arn in _rollout_executions(deployment, workflows):
        workflows.stop(arn, reason)


def _rollout_executions(deployment: Deployment, workflows: Workflows) -> Iterator[str]:
    """Yield the ARNs that can be running; the strategies' machines build the same names."""
    yield workflows.execution_arn(deployment.strategy.machine, deployment.id)
    # The table knows of a wave when its message is carried out; the next one's execution may have begun before.
    for wave in (deployment.current_wave, deployment.current_wave + 1):
        yield workflows.execution_arn(DEPLOY_WAVE_MACHINE, f"{deployment.id}-wave-{wave}")
        yield workflows.execution_arn(HANDLE_BREACH_MACHINE, f"{deployment.id}-breach-{wave}")
