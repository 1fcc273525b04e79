"""The list of all deployments, newest first, from the table's index of lists."""

from edgeflow.adapters import keys
from edgeflow.adapters.deployments.deployment_items import read_deployment
from edgeflow.adapters.expressions import names
from edgeflow.adapters.pages import LOOKED_AT_A_QUERY, page_of
from edgeflow.adapters.readable import readable
from edgeflow.adapters.table import BY_LIST, Table
from edgeflow.domain.deployments import Deployment, DeploymentStatus
from edgeflow.domain.errors import Fault, InvalidRequest
from edgeflow.domain.strategies import Strategy
from edgeflow.domain.unreadable import Unreadable


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
    items, last = page_of(
        lambda most, start: table.query(
            keys.DEPLOYMENTS_LIST,
            index=BY_LIST,
            limit=most,
            start=start,
            forward=False,
            filtering=" AND ".join(f"#{name} = :{name}" for name in filters) or None,
            values={f":{name}": str(value) for name, value in filters.items()},
            names=names(*filters) or None,
        ),
        limit=limit,
        start=_start_key(after) if after is not None else None,
        at_a_time=LOOKED_AT_A_QUERY if filters else 1,
    )
    return [readable(item, read_deployment) for item in items], last["gsi1sk"] if last else None


def _start_key(position: str) -> dict[str, str]:
    created_at, mark, deployment_id = position.partition("#")
    if not (created_at and mark and deployment_id):
        raise InvalidRequest([Fault("cursor", "is not one that a list of deployments gave")])
    pk, sk = keys.deployment_key(deployment_id)
    return {"pk": pk, "sk": sk, "gsi1pk": keys.DEPLOYMENTS_LIST, "gsi1sk": position}
