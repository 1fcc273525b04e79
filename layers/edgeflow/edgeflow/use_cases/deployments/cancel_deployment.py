"""Stopping a deployment where it is, because an operator asks for it: nothing goes forward, and nothing goes back."""

from dataclasses import dataclass
from typing import Final, assert_never

from edgeflow.contract.history.deployments import CancelRequested
from edgeflow.contract.history.details import Actor
from edgeflow.domain.clock import Clock, timestamp
from edgeflow.domain.deployments import Deployment, DeploymentStatus
from edgeflow.domain.errors import Conflict, Unavailable
from edgeflow.domain.history import Entry, ended
from edgeflow.use_cases.deployments.ports import DeploymentRecords, DispatchQueue

_MAX_LOOKS: Final = 8


@dataclass(frozen=True, slots=True)
class CancelDeployment:
    """Cancel what is pending at once; of what is under way mark it, then let it be wound down. Repeatable.

    The mark first: from then on nothing new begins. The order to wind it down is given again by every repetition, and
    one that was never given is made good by the safety net.
    """

    deployments: DeploymentRecords
    dispatch_queue: DispatchQueue
    clock: Clock

    def __call__(self, deployment_id: str, *, by: Actor) -> Deployment:
        """Return the deployment: cancelled, or being cancelled.

        Raises:
            NotFound: there is no such deployment.
            Conflict: it has ended otherwise, or is rolling back.
            Unavailable: the order could not be given now; cancelling again goes on.
        """
        for _ in range(_MAX_LOOKS):
            deployment = self.deployments.get(deployment_id)
            match deployment.status:
                case DeploymentStatus.PENDING:
                    cancelled = self._cancel_pending(deployment_id, by=by)
                    if cancelled is not None:
                        return cancelled
                case DeploymentStatus.RUNNING | DeploymentStatus.PAUSED:
                    marked = self._mark(deployment, by=by)
                    if marked is not None:
                        return self._wind_down(marked)
                case DeploymentStatus.CANCELLING:
                    return self._wind_down(deployment)  # the call before may have died before it gave the order
                case DeploymentStatus.CANCELLED:
                    return deployment
                case DeploymentStatus.ROLLING_BACK:
                    message = "the deployment is rolling back, which ends by itself; nothing is left to cancel"
                    raise Conflict(message)
                case DeploymentStatus.COMPLETED | DeploymentStatus.FAILED | DeploymentStatus.ROLLED_BACK:
                    message = f"the deployment has ended ({deployment.status}); nothing is left to cancel"
                    raise Conflict(message)
                case _:
                    assert_never(deployment.status)
        message = "the deployment's status changes too fast; try again"
        raise Unavailable(message)

    def _cancel_pending(self, deployment_id: str, *, by: Actor) -> Deployment | None:
        """End what nobody has started; returns it. None: somebody was quicker."""
        at = timestamp(self.clock())
        return self.deployments.finish(
            deployment_id,
            allowed={DeploymentStatus.PENDING},
            to=DeploymentStatus.CANCELLED,
            reason=f"cancelled by {by} before it started; no device was told of it",
            at=at,
            entry=Entry(at=at, actor=by, details=ended(DeploymentStatus.CANCELLED, [])),
        )

    def _mark(self, deployment: Deployment, *, by: Actor) -> Deployment | None:
        """Let nothing new begin; returns the deployment. None: its status has changed since it was read."""
        entry = Entry(at=timestamp(self.clock()), actor=by, details=CancelRequested())
        try:
            return self.deployments.request_cancel(
                deployment.id, allowed={deployment.status}, reason=f"cancelled by {by}", entry=entry
            )
        except Conflict:
            return None

    def _wind_down(self, deployment: Deployment) -> Deployment:
        self.dispatch_queue.wind_down(deployment.id)
        return deployment
