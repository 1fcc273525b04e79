"""Flows and their published versions in the table."""

from dataclasses import asdict
from typing import Any, Final

from edgeflow.adapters.creation_list import position
from edgeflow.adapters.expressions import Change, change
from edgeflow.adapters.flows.flow_items import read_flow, read_version
from edgeflow.adapters.flows.flow_list import page_of_flows
from edgeflow.adapters.flows.flow_removal import FlowRemoval
from edgeflow.adapters.flows.slugs import Slugs, taken
from edgeflow.adapters.history.history_store import put_event
from edgeflow.adapters.keys import (
    FLOWS_LIST,
    VERSION_PREFIX,
    flow_key,
    flow_partition,
    number_of,
    version_key,
)
from edgeflow.adapters.pages import page_of
from edgeflow.adapters.readable import readable, require
from edgeflow.adapters.table import ConditionFailed, Item, Table
from edgeflow.contract.ids import BY_SLUG
from edgeflow.domain.deployments import Artifact
from edgeflow.domain.errors import Conflict, NotFound
from edgeflow.domain.flows import CURRENT_FLOWS, Flow, FlowFilter, FlowVersion
from edgeflow.domain.history import Entry
from edgeflow.domain.unreadable import Unreadable

_UNCHANGED: Final = "attribute_exists(pk) AND #revision = :read"
_CLAIM: Final = 2
"""Place of a slug's claim in a transaction, behind the flow and the event."""


class FlowStore:
    """Implements ``FlowRecords`` for flows and ``DeployableFlows`` for deployments."""

    def __init__(self, table: Table) -> None:
        """Keep flows in this table."""
        self._table = table
        self._slugs = Slugs(table)

    def find(self, reference: str) -> str:
        """Return the id of the flow that a reference means. Raises NotFound, CannotBeRead."""
        slug = reference.removeprefix(BY_SLUG)
        return reference if slug == reference else self._slugs.flow_of(slug)

    def get(self, flow_id: str) -> Flow:
        """Return it. Raises NotFound, CannotBeRead."""
        item = self._table.get(flow_key(flow_id))
        if item is None:
            raise _no_flow(flow_id)
        return require(item, read_flow)

    def create(self, flow: Flow, *, entry: Entry) -> None:
        """Write a new flow, and begin its history. Raises Conflict when another one has its slug."""
        pk, sk = flow_key(flow.id)
        item = {
            "pk": pk,
            "sk": sk,
            "kind": "flow",
            "gsi1pk": FLOWS_LIST,
            "gsi1sk": position(flow.created_at, flow.id),
            "flow_id": flow.id,
            "created_at": flow.created_at,
            "created_by": flow.created_by,
            **_content(flow),
        }
        write = self._table.put_action(item, condition="attribute_not_exists(pk)")
        claim = [self._slugs.claim(flow.slug, flow.id)] if flow.slug else []
        try:
            self._table.transact([write, self._event(flow, entry), *claim])
        except ConditionFailed as refusal:
            if flow.slug and refusal.position == _CLAIM:
                raise taken(flow.slug, refusal.item) from refusal
            raise

    def page(
        self,
        *,
        limit: int,
        after: str | None = None,
        wanted: FlowFilter = CURRENT_FLOWS,
        oldest_first: bool = False,
    ) -> tuple[list[Flow | Unreadable], str | None]:
        """Return flows that are wanted, the newest first or the oldest, and the position to go on from.

        One whose state is none of ours is in every list that goes by nothing else, or by times alone. Raises
        InvalidRequest for a position that no page of these gave.
        """
        return page_of_flows(self._table, limit=limit, after=after, wanted=wanted, oldest_first=oldest_first)

    def save(self, flow: Flow, *, entry: Entry) -> None:
        """Write a change of a flow. Raises Conflict when another one came first, NotFound when it is gone."""
        self._write(flow, self._event(flow, entry))

    def edit(self, before: Flow, after: Flow, *, entry: Entry) -> None:
        """Write other content of a flow, and its slug's record with it. Raises as ``save``, Conflict as ``create``."""
        beside = [self._event(after, entry)]
        if after.slug != before.slug:
            beside += [self._slugs.claim(after.slug, after.id)] if after.slug else []
            beside += self._slugs.release(before.slug, before.id)
        self._write(after, *beside)

    def publish(self, flow: Flow, version: FlowVersion, *, entry: Entry) -> None:
        """Write the published flow and its version's record, both or neither. Raises as ``save``."""
        pk, sk = version_key(version.flow_id, version.version)
        record = {
            "pk": pk,
            "sk": sk,
            "kind": "flow_version",
            "flow_id": version.flow_id,
            "version": version.version,
            "sha256": version.sha256,
            "size": version.size,
            "published_at": version.published_at,
            "published_by": version.published_by,
            "signature": asdict(version.signature) if version.signature is not None else None,
        }
        put = self._table.put_action(record, condition="attribute_not_exists(pk)")
        self._write(flow, put, self._event(flow, entry))

    def delete(self, flow_id: str, *, revisions: frozenset[int] | None, entry: Entry) -> None:
        """Delete the flow with all its versions; see ``FlowRemoval``."""
        FlowRemoval(self._table)(flow_id, revisions=revisions, entry=entry)

    def get_version(self, flow_id: str, version: int) -> FlowVersion:
        """Return a published version. Raises NotFound, CannotBeRead."""
        item = self._table.get(version_key(flow_id, version))
        if item is None:
            message = f"flow {flow_id} has no published version {version}"
            raise NotFound(message)
        return require(item, read_version)

    def versions(
        self, flow_id: str, *, limit: int, after: int | None = None
    ) -> tuple[list[FlowVersion | Unreadable], int | None]:
        """Return published versions, newest first, and the number to go on from."""
        pk, sk = version_key(flow_id, after or 0)
        items, last = page_of(
            lambda most, start: self._table.query(
                flow_partition(flow_id), prefix=VERSION_PREFIX, limit=most, start=start, forward=False
            ),
            limit=limit,
            start={"pk": pk, "sk": sk} if after else None,
        )
        return [readable(item, read_version) for item in items], number_of(last, VERSION_PREFIX) if last else None

    def artifact(self, flow_id: str, version: int) -> Artifact:
        """Return a published version's bytes, as deployments need them. Raises NotFound, CannotBeRead."""
        record = self.get_version(flow_id, version)
        return Artifact(version=record.version, sha256=record.sha256, size=record.size, signature=record.signature)

    def _write(self, flow: Flow, *beside: dict[str, Any]) -> None:
        update = _change(flow)
        move = self._table.update_action(
            flow_key(flow.id),
            update.expression,
            values=update.values | {":read": flow.revision - 1},
            names=update.names,
            condition=_UNCHANGED,
        )
        try:
            self._table.transact([move, *beside])
        except ConditionFailed as refusal:
            if flow.slug and refusal.position == _CLAIM:
                raise taken(flow.slug, refusal.item) from refusal
            raise _lost(flow.id, refusal.item) from refusal

    def _event(self, flow: Flow, entry: Entry) -> dict[str, Any]:
        """Return the action that tells of the change that made this revision."""
        return put_event(self._table, flow.id, flow.revision, entry, status=flow.state.value)


def _change(flow: Flow) -> Change:
    """The update of everything a change can touch; ``open_deployments`` belongs to deployments and is left alone."""
    return change(
        put={
            **_content(flow),
            "latest_version": flow.latest_version,
            "archived_from": flow.archived_from.value if flow.archived_from else None,
        }
    )


def _content(flow: Flow) -> dict[str, Any]:
    return {
        "name": flow.name,
        "name_folded": flow.name.casefold(),
        "description": flow.description,
        "tags": list(flow.tags),
        "slug": flow.slug,
        "state": flow.state.value,
        "definition": flow.definition.model_dump_json(),
        "revision": flow.revision,
        "updated_at": flow.updated_at,
    }


def _no_flow(flow_id: str) -> NotFound:
    return NotFound(f"there is no flow {flow_id}")


def _lost(flow_id: str, item: Item) -> NotFound | Conflict:
    if not item:
        return _no_flow(flow_id)
    return Conflict(f"flow {flow_id} was changed by somebody else at the same moment; read it again and decide anew")
