"""The list of all deployments, the newest first or the oldest."""

from typing import Any, Final

from edgeflow.adapters import keys
from edgeflow.adapters.creation_list import CreationList, Span
from edgeflow.adapters.deployments.deployment_counters import counted_deployments
from edgeflow.adapters.pages import LOOKED_AT_A_QUERY
from edgeflow.adapters.table import Table
from edgeflow.domain.deployments import Deployment, DeploymentFilter
from edgeflow.domain.unreadable import Unreadable

_DEPLOYMENTS: Final = CreationList(keys.DEPLOYMENTS_LIST, keys.deployment_key, "deployments")


def page_of_deployments(
    table: Table, *, limit: int, after: str | None, wanted: DeploymentFilter, oldest_first: bool = False
) -> tuple[list[Deployment | Unreadable], str | None]:
    """Return one page of the list; see ``DeploymentStore.page``."""
    conditions, values = _filters(wanted)
    items, last = _DEPLOYMENTS.page(
        table,
        limit=limit,
        after=after,
        created=Span(since=wanted.created_from, until=wanted.created_to),
        oldest_first=oldest_first,
        conditions=conditions,
        values=values,
        at_a_time=LOOKED_AT_A_QUERY if conditions else 1,
    )
    return list(counted_deployments(table, items)), last


def _filters(wanted: DeploymentFilter) -> tuple[dict[str, str], dict[str, Any]]:
    """Return the condition on each attribute that is asked for, and their values. Times are part of the key."""
    conditions: dict[str, str] = {}
    values: dict[str, Any] = {}
    if wanted.statuses:
        values |= {f":status{number}": status.value for number, status in enumerate(sorted(wanted.statuses))}
        conditions["status"] = f"#status IN ({', '.join(values)})"
    for name, value in (("flow_id", wanted.flow_id), ("strategy", wanted.strategy)):
        if value is not None:
            conditions[name] = f"#{name} = :{name}"
            values[f":{name}"] = str(value)
    return conditions, values
