"""Deleting a flow with its versions, whether or not its record can be read."""

from collections.abc import Iterator
from typing import Any, Final

from edgeflow.adapters.deployments.deployment_list import page_of_deployments
from edgeflow.adapters.expressions import as_read
from edgeflow.adapters.flows.flow_items import read_flow
from edgeflow.adapters.flows.slugs import Slugs
from edgeflow.adapters.history.history_store import newest_sequence, put_event
from edgeflow.adapters.keys import VERSION_PREFIX, flow_key, flow_partition
from edgeflow.adapters.readable import readable
from edgeflow.adapters.table import ConditionFailed, Item, Table
from edgeflow.domain.deployments import UNFINISHED, DeploymentFilter, list_some
from edgeflow.domain.errors import Conflict, NotFound, PreconditionFailed, Unavailable
from edgeflow.domain.flows import Flow, require_revision
from edgeflow.domain.history import Entry
from edgeflow.domain.unreadable import Unreadable

_MAX_TRIES: Final = 8
_PAGE: Final = 100


class FlowRemoval:
    """Deletes a flow, if no deployment of it is unfinished. Repeatable until it is done.

    The flow's own item decides: a deployment enters itself there in the transaction that creates it, so one of the two
    writes is refused. Its slug is free from that moment on. Versions go after it; a delete that died in between is
    finished by the next. The history stays.
    """

    def __init__(self, table: Table) -> None:
        """Delete from this table."""
        self._table = table
        self._slugs = Slugs(table)

    def __call__(self, flow_id: str, *, revisions: frozenset[int] | None, entry: Entry) -> None:
        """Delete it. Raises as ``FlowRecords.delete``."""
        try:
            self._delete_item(flow_id, revisions, entry)
        except NotFound:
            if not self._delete_versions(flow_id):
                raise
            return
        self._delete_versions(flow_id)

    def _delete_item(self, flow_id: str, revisions: frozenset[int] | None, entry: Entry) -> None:
        for _ in range(_MAX_TRIES):
            item = self._table.get(flow_key(flow_id))
            if item is None:
                message = f"there is no flow {flow_id}"
                raise NotFound(message)
            flow = readable(item, read_flow)
            if isinstance(flow, Unreadable):
                sequence, status = self._refuse_unreadable(flow, item, revisions)
            else:
                sequence, status = self._refuse(flow, revisions), flow.state.value
            unchanged = as_read(item, "revision", "slug", "open_deployments")
            delete = self._table.delete_action(
                flow_key(flow_id),
                values=unchanged.values,
                names=unchanged.names,
                condition=f"attribute_exists(pk) AND {unchanged.expression}",
            )
            told = put_event(self._table, flow_id, sequence, entry, status=status)
            try:
                self._table.transact([delete, told, *self._slugs.release(item.get("slug"), flow_id)])
            except ConditionFailed:
                continue  # somebody changed it, or began to deploy it: look again
            return
        message = f"flow {flow_id} changes too fast; try again"
        raise Unavailable(message)

    def _refuse(self, flow: Flow, revisions: frozenset[int] | None) -> int:
        """Return the place of the event that tells of it, if it may be deleted."""
        require_revision(flow, revisions)
        _refuse_unfinished(flow.id, sorted(flow.open_deployments))
        return flow.revision + 1

    def _refuse_unreadable(self, flow: Unreadable, item: Item, revisions: frozenset[int] | None) -> tuple[int, str]:
        """Return place and status of the event that tells of it, if what can be read of the flow lets it be deleted."""
        if revisions is not None and item.get("revision") not in revisions:
            message = f"flow {flow.id} cannot be read, so nobody can tell what changed; delete it without If-Match"
            raise PreconditionFailed(message)
        # What is entered at the flow may be damaged as well, so deployments are asked themselves.
        _refuse_unfinished(flow.id, sorted(self._unfinished(flow.id)))
        state: Any = item.get("state")
        return newest_sequence(self._table, flow.id) + 1, state if isinstance(state, str) else "unreadable"

    def _unfinished(self, flow_id: str) -> Iterator[str]:
        wanted = DeploymentFilter(statuses=frozenset(UNFINISHED), flow_id=flow_id)
        after: str | None = None
        while True:
            found, after = page_of_deployments(self._table, limit=_PAGE, after=after, wanted=wanted)
            yield from (deployment.id for deployment in found)
            if after is None:
                break

    def _delete_versions(self, flow_id: str) -> bool:
        found = False
        for item in self._table.query_all(flow_partition(flow_id), prefix=VERSION_PREFIX, projection="pk, sk"):
            self._table.delete((item["pk"], item["sk"]))
            found = True
        return found


def _refuse_unfinished(flow_id: str, names: list[str]) -> None:
    if names:
        message = f"flow {flow_id} has unfinished deployments: {list_some(names)}; wait for them to end, or cancel them"
        raise Conflict(message)
