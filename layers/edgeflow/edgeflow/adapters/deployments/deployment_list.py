"""The list of all deployments, the newest first or the oldest."""

from collections.abc import Mapping
from typing import Final

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
    conditions, values = _conditions(attributes_of(wanted))
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


def attributes_of(wanted: DeploymentFilter) -> dict[str, tuple[str, ...]]:
    """Return the values that are asked for of each attribute, where some are. Times are part of the key."""
    asked_for = {
        "status": tuple(status.value for status in sorted(wanted.statuses)),
        "flow_id": () if wanted.flow_id is None else (wanted.flow_id,),
        "strategy": () if wanted.strategy is None else (wanted.strategy.value,),
    }
    return {name: values for name, values in asked_for.items() if values}


def _conditions(asked_for: Mapping[str, tuple[str, ...]]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the condition on each attribute, and the values that they use."""
    conditions: dict[str, str] = {}
    values: dict[str, str] = {}
    for name, wanted in asked_for.items():
        named = {f":{name}{number}": value for number, value in enumerate(wanted)}
        conditions[name] = f"#{name} IN ({', '.join(named)})"
        values |= named
    return conditions, values
