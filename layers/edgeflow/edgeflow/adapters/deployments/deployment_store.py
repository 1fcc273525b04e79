"""Deployments in the table. Each change of status is one conditional write, so that two callers never both win.

What their histories tell of is written with its event, see :mod:`edgeflow.adapters.deployments.deployment_changes`.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from edgeflow.adapters import keys
from edgeflow.adapters.deployments import open_deployments
from edgeflow.adapters.deployments.deployment_counters import count, look, no_deployment
from edgeflow.adapters.deployments.deployment_ends import DeploymentEnds
from edgeflow.adapters.deployments.deployment_items import LAST_EVENT, read_deployment, write_deployment
from edgeflow.adapters.deployments.deployment_list import page_of_deployments
from edgeflow.adapters.deployments.unfinished_deployments import unfinished_deployments
from edgeflow.adapters.expressions import Change, change, names, one_of
from edgeflow.adapters.history.history_store import put_event
from edgeflow.adapters.readable import require
from edgeflow.adapters.table import ConditionFailed, Item
from edgeflow.domain.deployments import ANY_DEPLOYMENT, Deployment, DeploymentAction, DeploymentFilter, DeploymentStatus
from edgeflow.domain.errors import CannotBeRead, Conflict, NotFound, Unavailable
from edgeflow.domain.history import Entry
from edgeflow.domain.unreadable import Unreadable
from edgeflow.domain.waves import Deltas

_MAX_HOLD_TRIES: Final = 8

_EXISTS: Final = "attribute_exists(pk)"


class DeploymentStore(DeploymentEnds):
    """Deployments at rest in the table; implements ``DeploymentRecords``, and ``ClaimHolders`` for devices."""

    def create(self, deployment: Deployment, *, entry: Entry) -> None:
        """Write it, enter it at its flow and begin its history, in one transaction.

        A removal that does not roll back by itself can do without the flow.

        Raises:
            NotFound: there is no such flow.
            Conflict: the flow is archived, which does not matter to a removal, or the deployment's id is taken.
        """
        removes = deployment.action is DeploymentAction.REMOVE
        entering = open_deployments.enter_again if removes else open_deployments.enter_new
        enter = entering(self._table, deployment.flow_id, deployment.id)
        item = write_deployment(deployment) | {LAST_EVENT: 1}
        write = self._table.put_action(item, condition="attribute_not_exists(pk)")
        stands = {"status": deployment.status.value, "status_reason": deployment.status_reason}
        event = put_event(self._table, deployment.id, 1, entry, **stands)
        try:
            try:
                self._table.transact([enter, write, event])
            except ConditionFailed as failed:
                if failed.position != 0 or failed.item or not removes or deployment.rules.auto_rollback:
                    raise
                # The flow is gone, but not from its devices; nothing waits for a version of it.
                self._table.transact([write, event])
        except ConditionFailed as failed:
            if failed.position == 1:
                message = f"there is a deployment {deployment.id} already"
                raise Conflict(message) from failed
            if not failed.item:
                message = f"there is no flow {deployment.flow_id}"
                raise NotFound(message) from failed
            if removes or failed.item.get("state") != open_deployments.ARCHIVED:
                raise CannotBeRead(open_deployments.unreadable(failed.item)) from failed
            message = f"flow {deployment.flow_id} is archived; restore it to deploy it"
            raise Conflict(message) from failed

    def page(
        self,
        *,
        limit: int,
        after: str | None = None,
        wanted: DeploymentFilter = ANY_DEPLOYMENT,
        oldest_first: bool = False,
    ) -> tuple[list[Deployment | Unreadable], str | None]:
        """Return at most ``limit`` deployments, newest or oldest first, and the position to go on from.

        With a filter a page may hold fewer, even none, and still name a position: only so many items are looked at.

        Raises:
            InvalidRequest: ``after`` is no position that a page gave.
        """
        return page_of_deployments(self._table, limit=limit, after=after, wanted=wanted, oldest_first=oldest_first)

    def unfinished(self) -> Iterator[Deployment | Unreadable]:
        """Yield the deployments that something is at work on: begun, and not ended."""
        return unfinished_deployments(self._table)

    def change_status(
        self,
        deployment_id: str,
        *,
        allowed: Iterable[DeploymentStatus],
        to: DeploymentStatus,
        reason: str,
        at: str,
        entry: Entry,
    ) -> Deployment:
        """Move it on from one of the allowed statuses; the first time it runs is when it started.

        The token of an execution that waits to be resumed is returned as it is from then on.

        Raises:
            NotFound: there is no such deployment.
            Conflict: it has another status, which the sentence names.
        """
        condition, values = one_of("status", allowed)
        try:
            return self._changes.tell(
                deployment_id,
                entry,
                put={"status": to.value, "status_reason": reason},
                once={"started_at": at} if to is DeploymentStatus.RUNNING else None,
                condition=condition,
                values=values,
                pinned=("resume_token",),
            )
        except ConditionFailed as failed:
            only = " or ".join(sorted(allowed))
            message = f"the deployment is {self.get(deployment_id).status}; only one that is {only} can become {to}"
            raise Conflict(message) from failed

    def mark_execution_started(self, deployment_id: str, execution_arn: str) -> Deployment:
        """Note that the strategy's execution runs; returns the deployment. Raises NotFound."""
        return self._note(deployment_id, change(put={"execution_arn": execution_arn, "execution_started": True}))

    def resolved(self, deployment_id: str, *, total: int, entry: Entry) -> None:
        """Note how many targets its groups and devices make, once. Raises NotFound."""
        put = {"total_targets": total}
        self._tell_once(deployment_id, entry, put=put, condition="#total_targets = :none", values={":none": 0})

    def planned(self, deployment_id: str, *, total: int, waves: int, entry: Entry) -> None:
        """Note the size of the plan, once. Raises NotFound."""
        put = {"total_targets": total, "waves": waves}
        self._tell_once(deployment_id, entry, put=put, condition="#waves = :none", values={":none": 0})

    def reached_wave(self, deployment_id: str, wave: int, *, entry: Entry) -> None:
        """Note that this wave is being dispatched; a late copy of an earlier wave's message changes nothing.

        Raises:
            NotFound: there is no such deployment.
        """
        condition = "attribute_not_exists(#current_wave) OR #current_wave < :current_wave"
        drop = ("watch_token", "watched_since")  # the wait before it is over
        self._tell_once(deployment_id, entry, put={"current_wave": wave}, drop=drop, condition=condition)

    def reserve_retry(self, deployment_id: str, retry_id: str, *, entry: Entry) -> str:
        """Note the id of its retry, once; returns the id that is noted. Raises NotFound."""
        condition = "attribute_not_exists(#retried_by)"
        noted = self._tell_once(deployment_id, entry, put={"retried_by": retry_id}, condition=condition)
        return str((noted or self.get(deployment_id)).retried_by)

    def watch(
        self, deployment_id: str, task_token: str, *, wave: int | None = None, since: str | None = None
    ) -> Deployment:
        """Keep the token of an execution that waits after this wave; returns the deployment. Raises NotFound."""
        keep = change(put={"watch_token": task_token, "watched_since": since})
        if wave is None:
            return self._note(deployment_id, keep)
        try:
            item = self._update(
                deployment_id, keep, "#current_wave = :wave", values={":wave": wave}, also=("current_wave",)
            )
        except ConditionFailed:
            return self.get(deployment_id)  # a late copy of the message
        return require(item, read_deployment)

    def promote(self, deployment_id: str, task_token: str, *, entry: Entry) -> Deployment | None:
        """Note, once, that an operator ends the wait of this token. None: not running, or the wait is over.

        Raises:
            NotFound: there is no such deployment.
        """
        running, values = one_of("status", {DeploymentStatus.RUNNING})
        fresh = "(attribute_not_exists(#promoted_token) OR #promoted_token <> :promoted_token)"
        promoted = self._tell_once(
            deployment_id,
            entry,
            put={"promoted_token": task_token},
            condition=f"{running} AND #watch_token = :promoted_token AND {fresh}",
            values=values,
            also=("status", "watch_token"),
        )
        if promoted is not None:
            return promoted
        found = self.get(deployment_id)
        return found if found.promoted_token == task_token == found.watch_token else None

    def note_breach(self, deployment_id: str, wave: str) -> Deployment:
        """Note that this wave breached; returns the deployment. Raises NotFound."""
        return self._note(deployment_id, change(put={"breached_wave": wave}))

    def accept_breach(self, deployment_id: str, *, entry: Entry) -> None:
        """Forget a breach that an operator goes on after. Raises NotFound."""
        self._tell_once(deployment_id, entry, drop=("breached_wave",), condition="attribute_exists(#breached_wave)")

    def hold(self, deployment_id: str, task_token: str, *, reason: str | None, entry: Entry) -> bool:
        """Keep the token of a paused execution. With a reason it pauses first, which the entry tells of.

        False: not paused, go on.

        A token that is held already, or was answered before, changes nothing: the message came twice.

        Raises:
            NotFound: there is no such deployment.
            Unavailable: it was paused and resumed again and again meanwhile.
        """
        fresh = "(attribute_not_exists(#answered_token) OR #answered_token <> :resume_token)"
        unheld = "(attribute_not_exists(#resume_token) OR #resume_token <> :resume_token)"
        keep = change(put={"resume_token": task_token})
        pause = {"resume_token": task_token, "status": DeploymentStatus.PAUSED.value, "status_reason": reason}
        running, status = one_of("status", {DeploymentStatus.RUNNING})
        present = DeploymentStatus.PAUSED if reason is None else DeploymentStatus.RUNNING
        for _ in range(_MAX_HOLD_TRIES):
            try:
                if present is DeploymentStatus.PAUSED:
                    self._update_from(deployment_id, [present], keep, condition=fresh, also=("answered_token",))
                else:
                    self._changes.tell(
                        deployment_id,
                        entry,
                        put=pause,
                        condition=f"{running} AND {fresh} AND {unheld}",
                        values=status,
                        also=("answered_token",),
                    )
            except ConditionFailed:
                found, _ = look(self._table, deployment_id)
                present = require(found, read_deployment).status
                answered = found.get("answered_token") == task_token
                match present:
                    case DeploymentStatus.PAUSED if not answered:
                        continue
                    case DeploymentStatus.RUNNING if (
                        reason is not None and not answered and found.get("resume_token") != task_token
                    ):
                        continue
                    case _:
                        return False
            else:
                return True
        message = "the deployment's status changes too fast; try again"
        raise Unavailable(message)

    def resumed(self, deployment_id: str, task_token: str) -> Deployment:
        """Remember that this token was answered, and hold it no longer; another one stays. Returns the deployment.

        Raises:
            NotFound: there is no such deployment.
        """
        forget = change(put={"answered_token": task_token}, drop=("resume_token",))
        try:
            return require(self._update(deployment_id, forget, "#resume_token = :answered_token"), read_deployment)
        except ConditionFailed:
            return self._note(deployment_id, change(put={"answered_token": task_token}))

    def count(self, deployment_id: str, deltas: Deltas, *, first: str, last: str) -> str | None:
        """Add to its counters unless something from ``first`` on was counted; see ``Waves.count``.

        Raises:
            NotFound: there is no such deployment.
            CannotBeRead: its counters cannot be read, or not be added to.
        """
        return count(self._table, deployment_id, deltas, first=first, last=last)

    def _note(self, deployment_id: str, update: Change) -> Deployment:
        try:
            return require(self._update(deployment_id, update, _EXISTS), read_deployment)
        except ConditionFailed as failed:
            raise NotFound(no_deployment(deployment_id)) from failed

    def _update_from(
        self,
        deployment_id: str,
        statuses: Iterable[DeploymentStatus],
        update: Change,
        *,
        condition: str | None = None,
        also: tuple[str, ...] = (),
    ) -> Item:
        allowed, values = one_of("status", statuses)
        whole = f"{allowed} AND {condition}" if condition else allowed
        return self._update(deployment_id, update, whole, values=values, also=("status", *also))

    def _update(
        self,
        deployment_id: str,
        update: Change,
        condition: str,
        *,
        values: dict[str, Any] | None = None,
        also: tuple[str, ...] = (),
    ) -> Item:
        return self._table.update(
            keys.deployment_key(deployment_id),
            update.expression,
            values={**update.values, **(values or {})},
            names={**update.names, **names(*also)},
            condition=condition,
        )
