"""A deployment as it is shown when it is read, and after every action on it."""

from api.views.deployments import view
from edgeflow.bootstrap import reads
from edgeflow.contract.rest.deployments import DeploymentView
from edgeflow.contract.rest.paging import DEFAULT_LIMIT, write_cursor
from edgeflow.domain.deployments import Deployment


def shown(deployment: Deployment) -> DeploymentView:
    """Return a deployment with the first page of its targets, and what it waits for."""
    found, position = reads.read_deployments().targets_page(deployment, limit=DEFAULT_LIMIT)
    cursor = write_cursor(targets_list(deployment.id), position) if position else None
    return view(deployment, found, cursor, reads.read_waits().of(deployment, found))


def targets_list(deployment_id: str) -> str:
    """Return the name by which cursors tell this list of targets from others."""
    return f"targets {deployment_id}"
