"""How deployments come to their ends: stopped where they are, rolled back, finished; their histories tell of each."""

from collections.abc import Iterable
from typing import Any

from edgeflow.adapters.deployments import open_deployments
from edgeflow.adapters.deployments.deployment_changes import DeploymentChanges
from edgeflow.adapters.deployments.deployment_counters import look, with_counters
from edgeflow.adapters.deployments.deployment_removal import DeploymentRemoval
from edgeflow.adapters.expressions import one_of
from edgeflow.adapters.readable import require
from edgeflow.adapters.table import ConditionFailed, Table
from edgeflow.contract.wording import counted
from edgeflow.domain.deployments import CAN_ROLL_BACK, Deployment, DeploymentStatus
from edgeflow.domain.errors import Conflict
from edgeflow.domain.history import Entry


class DeploymentEnds(DeploymentRemoval):
    """Ends deployments, and reads one."""

    def __init__(self, table: Table) -> None:
        """Keep them in this table."""
        super().__init__(table)
        self._changes = DeploymentChanges(table)

    def get(self, deployment_id: str) -> Deployment:
        """Return it. Raises NotFound, CannotBeRead."""
        item, counters = look(self._table, deployment_id)
        return require(item, with_counters(counters))

    def request_cancel(
        self, deployment_id: str, *, allowed: Iterable[DeploymentStatus], reason: str, entry: Entry
    ) -> Deployment:
        """Move it on to being cancelled, and note when; returns the deployment.

        Raises:
            NotFound: there is no such deployment.
            Conflict: it has another status, which the sentence names.
        """
        condition, values = one_of("status", allowed)
        put = {
            "status": DeploymentStatus.CANCELLING.value,
            "status_reason": reason,
            "cancel_asked_at": entry.at,
        }
        try:
            # Its execution is stopped: what that waited for is nobody's token any more.
            return self._changes.tell(
                deployment_id, entry, put=put, drop=("resume_token",), condition=condition, values=values
            )
        except ConditionFailed as failed:
            message = f"the deployment is {self.get(deployment_id).status} by now"
            raise Conflict(message) from failed

    def begin_rollback(
        self,
        deployment_id: str,
        *,
        attempt: int,
        execution_arn: str | None,
        reason: str,
        entry: Entry,
        asked: Entry | None = None,
    ) -> Deployment:
        """Move it to rolling back for this attempt; one that is already doing so is returned as it is.

        ``asked`` tells of the operator who asked for it.

        Raises:
            NotFound: there is no such deployment.
            Conflict: its status does not allow it, another attempt was made, or its flow was deleted.
        """
        found = self.get(deployment_id)
        if _is_rolling_back(found, attempt):
            return found
        allowed, values = one_of("status", CAN_ROLL_BACK)
        enter = open_deployments.enter_again(self._table, found.flow_id, deployment_id)

        def begin(*beside: dict[str, Any]) -> Deployment:
            return self._changes.tell(
                deployment_id,
                entry,
                put={
                    "status": DeploymentStatus.ROLLING_BACK.value,
                    "status_reason": reason,
                    "rollbacks": attempt,
                    **({"rollback_execution_arn": execution_arn} if execution_arn else {}),
                },
                # The strategy's execution is stopped: what it waited for is nobody's token any more.
                drop=("resume_token", "finished_at"),
                condition=f"{allowed} AND #rollbacks = :made",
                values={**values, ":made": attempt - 1},
                beside=beside,
                before=asked,
            )

        try:
            try:
                return begin(enter)
            except ConditionFailed as failed:
                if failed.position != 1 or not failed.item:
                    raise
                return begin()  # the flow is there, but damaged
        except ConditionFailed as failed:
            if failed.position == 1:
                message = f"flow {found.flow_id} was deleted: there is no version left to return to"
                raise Conflict(message) from failed
            present = self.get(deployment_id)
            if _is_rolling_back(present, attempt):
                return present
            made = f"{present.status} after {counted(present.rollbacks, 'rollback')}"
            message = f"the deployment is {made}; rollback {attempt} cannot begin"
            raise Conflict(message) from failed

    def finish(
        self,
        deployment_id: str,
        *,
        allowed: Iterable[DeploymentStatus],
        to: DeploymentStatus,
        reason: str,
        at: str,
        entry: Entry,
    ) -> Deployment | None:
        """End it and strike it off its flow, in one transaction; returns it. None: it had ended already.

        Raises:
            NotFound: there is no such deployment.
        """
        condition, values = one_of("status", allowed)
        strike_off = open_deployments.strike_off(self._table, self.get(deployment_id).flow_id, deployment_id)

        def end(*beside: dict[str, Any]) -> Deployment:
            return self._changes.tell(
                deployment_id,
                entry,
                put={"status": to.value, "status_reason": reason, "finished_at": at},
                drop=("resume_token",),
                condition=condition,
                values=values,
                beside=beside,
            )

        try:
            return end(strike_off)
        except ConditionFailed as failed:
            if failed.position == 0:
                return None
        # The flow is gone, or damaged. An unconditional update would bring an empty one back.
        try:
            return end()
        except ConditionFailed:
            return None

    def _tell_once(self, deployment_id: str, entry: Entry, *, condition: str, **changes: Any) -> Deployment | None:  # noqa: ANN401  as ``tell`` takes them
        """Make a change and tell of it; returns the deployment. None: its condition says that it was made before."""
        try:
            return self._changes.tell(deployment_id, entry, condition=condition, **changes)
        except ConditionFailed:
            return None


def _is_rolling_back(deployment: Deployment, attempt: int) -> bool:
    return deployment.status is DeploymentStatus.ROLLING_BACK and deployment.rollbacks == attempt
