"""The list of all deployments, newest or oldest first, from the table's index of lists."""

from typing import Any, Final

from edgeflow.adapters import keys
from edgeflow.adapters.deployments.deployment_items import read_deployment
from edgeflow.adapters.expressions import names
from edgeflow.adapters.pages import LOOKED_AT_A_QUERY, page_of
from edgeflow.adapters.readable import readable
from edgeflow.adapters.table import BY_LIST, Table
from edgeflow.domain.clock import timestamp
from edgeflow.domain.deployments import Deployment, DeploymentFilter
from edgeflow.domain.errors import Fault, InvalidRequest
from edgeflow.domain.unreadable import Unreadable

_FIRST: Final = "0"
_LAST: Final = "~"
"""Before and after every position: one begins with the time of the deployment's creation."""


def page_of_deployments(
    table: Table, *, limit: int, after: str | None, wanted: DeploymentFilter, oldest_first: bool = False
) -> tuple[list[Deployment | Unreadable], str | None]:
    """Return one page of the list; see ``DeploymentStore.page``."""
    conditions, values = _filters(wanted)
    least = timestamp(wanted.created_from) if wanted.created_from else _FIRST
    most = timestamp(wanted.created_to) if wanted.created_to else _LAST
    items, last = page_of(
        lambda looked_at, start: table.query(
            keys.DEPLOYMENTS_LIST,
            index=BY_LIST,
            between=(least, most),
            limit=looked_at,
            start=start,
            forward=oldest_first,
            filtering=" AND ".join(conditions.values()) or None,
            values=values,
            names=names(*conditions) or None,
        ),
        limit=limit,
        start=_start_key(after, least, most) if after is not None else None,
        at_a_time=LOOKED_AT_A_QUERY if conditions else 1,
    )
    return [readable(item, read_deployment) for item in items], last["gsi1sk"] if last else None


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


def _start_key(position: str, least: str, most: str) -> dict[str, str]:
    created_at, mark, deployment_id = position.partition("#")
    if not (created_at and mark and deployment_id and least <= position <= most):
        raise InvalidRequest([Fault("cursor", "is not one that a list of deployments gave")])
    pk, sk = keys.deployment_key(deployment_id)
    return {"pk": pk, "sk": sk, "gsi1pk": keys.DEPLOYMENTS_LIST, "gsi1sk": position}
