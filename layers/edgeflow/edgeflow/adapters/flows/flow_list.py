"""The list of all flows, the newest first or the oldest."""

from typing import Any, Final

from edgeflow.adapters import keys
from edgeflow.adapters.creation_list import CreationList, Span
from edgeflow.adapters.flows.flow_items import read_flow
from edgeflow.adapters.pages import LOOKED_AT_A_QUERY
from edgeflow.adapters.readable import readable
from edgeflow.adapters.table import Table
from edgeflow.domain.flows import Flow, FlowFilter, FlowState
from edgeflow.domain.unreadable import Unreadable

_FLOWS: Final = CreationList(keys.FLOWS_LIST, keys.flow_key, "flows")


def page_of_flows(
    table: Table, *, limit: int, after: str | None, wanted: FlowFilter, oldest_first: bool = False
) -> tuple[list[Flow | Unreadable], str | None]:
    """Return one page of the list; see ``FlowStore.page``."""
    conditions, values = _filters(wanted)
    items, last = _FLOWS.page(
        table,
        limit=limit,
        after=after,
        created=Span(since=wanted.created_from, until=wanted.created_to),
        oldest_first=oldest_first,
        conditions=conditions,
        values=values,
        at_a_time=1 if wanted.tag is None and wanted.name is None else LOOKED_AT_A_QUERY,
    )
    return [readable(item, read_flow) for item in items], last


def _filters(wanted: FlowFilter) -> tuple[dict[str, str], dict[str, Any]]:
    """Return the condition on each attribute that is asked for, and their values. Times are part of the key."""
    conditions: dict[str, str] = {}
    values: dict[str, Any] = {
        f":not{number}": state.value for number, state in enumerate(sorted(frozenset(FlowState) - wanted.states))
    }
    if values:
        conditions["state"] = f"(attribute_not_exists(#state) OR NOT #state IN ({', '.join(values)}))"
    for attribute, part in (("tags", wanted.tag), ("name_folded", wanted.name and wanted.name.casefold())):
        if part is not None:
            conditions[attribute] = f"contains(#{attribute}, :{attribute})"
            values[f":{attribute}"] = part
    return conditions, values
