"""The list of all deployments, newest first, from the table's index of lists."""

from typing import Final

from edgeflow.adapters import keys
from edgeflow.adapters.deployments.deployment_items import read_deployment
from edgeflow.adapters.expressions import names
from edgeflow.adapters.readable import readable
from edgeflow.adapters.table import BY_LIST, Item, Table
from edgeflow.domain.deployments import Deployment, DeploymentStatus
from edgeflow.domain.errors import Fault, InvalidRequest
from edgeflow.domain.strategies import Strategy
from edgeflow.domain.unreadable import Unreadable

MAX_PAGES_LOOKED_AT: Final = 20
"""Pages of the index read for one answer, so that a filter that fits little cannot hold a request up."""
MIN_ITEMS_LOOKED_AT: Final = 100


def page_of_deployments(
    table: Table,
    *,
    limit: int,
    after: str | None,
    status: DeploymentStatus | None,
    flow_id: str | None,
    strategy: Strategy | None,
) -> tuple[list[Deployment | Unreadable], str | None]:
    """Return one page of the list; see ``DeploymentStore.page``."""
    wanted = {"status": status, "flow_id": flow_id, "strategy": strategy}
    filters = {name: value for name, value in wanted.items() if value is not None}
    start = _start_key(after) if after is not None else None
    found: list[Item] = []
    for _ in range(MAX_PAGES_LOOKED_AT):
        page = table.query(
            keys.DEPLOYMENTS_LIST,
            index=BY_LIST,
            limit=max(limit + 1, MIN_ITEMS_LOOKED_AT) if filters else limit + 1,
            start=start,
            forward=False,
            filtering=" AND ".join(f"#{name} = :{name}" for name in filters) or None,
            values={f":{name}": str(value) for name, value in filters.items()},
            names=names(*filters) or None,
        )
        found.extend(page.items)
        if len(found) > limit:
            return _read(found[:limit]), found[limit - 1]["gsi1sk"]
        if page.last_key is None:
            return _read(found), None
        start = page.last_key
    return _read(found), start["gsi1sk"] if start else None


def _read(items: list[Item]) -> list[Deployment | Unreadable]:
    return [readable(item, read_deployment) for item in items]


def _start_key(position: str) -> dict[str, str]:
    created_at, mark, deployment_id = position.partition("#")
    if not (created_at and mark and deployment_id):
        raise InvalidRequest([Fault("cursor", "is not one that a list of deployments gave")])
    pk, sk = keys.deployment_key(deployment_id)
    return {"pk": pk, "sk": sk, "gsi1pk": keys.DEPLOYMENTS_LIST, "gsi1sk": position}
