"""The unfinished deployments of a flow, in the flow's own item: they keep it from being deleted.

All are actions of a transaction that changes the deployment as well.
"""

from collections.abc import Callable
from typing import Any, Final

from edgeflow.adapters.expressions import names
from edgeflow.adapters.keys import flow_key
from edgeflow.adapters.table import Table
from edgeflow.domain.errors import CannotBeRead
from edgeflow.domain.unreadable import Kind

ARCHIVED: Final = "archived"
"""State of a flow that may not be deployed."""

_OPEN: Final = "open_deployments"
_EXISTS: Final = "attribute_exists(pk)"


def enter_new(table: Table, flow_id: str, deployment_id: str) -> dict[str, Any]:
    """Return the action that enters a new deployment; it is refused where the flow is archived, or gone."""
    return table.update_action(
        flow_key(flow_id),
        f"ADD #{_OPEN} :ids",
        values={":ids": {deployment_id}, ":archived": ARCHIVED},
        names=names(_OPEN, "state"),
        condition=f"{_EXISTS} AND #state <> :archived",
    )


def enter_again(table: Table, flow_id: str, deployment_id: str) -> dict[str, Any]:
    """Return the action that enters a deployment that is rolled back; it is refused where the flow is gone."""
    return _change(table, "ADD", flow_id, deployment_id)


def strike_off(table: Table, flow_id: str, deployment_id: str) -> dict[str, Any]:
    """Return the action that strikes a deployment off that ends; it is refused where the flow is gone."""
    return _change(table, "DELETE", flow_id, deployment_id)


def unless_flow_is_damaged(write: Callable[..., None], at_flow: dict[str, Any]) -> None:
    """Write with the change of the flow beside, and without it where the flow is what cannot be read.

    A damaged flow holds up no rollback and no end; its removal asks deployments themselves which are unfinished.
    """
    try:
        write(at_flow)
    except CannotBeRead as refusal:
        if refusal.record.kind is not Kind.FLOW:
            raise
        write()


def _change(table: Table, verb: str, flow_id: str, deployment_id: str) -> dict[str, Any]:
    return table.update_action(
        flow_key(flow_id),
        f"{verb} #{_OPEN} :ids",
        values={":ids": {deployment_id}},
        names=names(_OPEN),
        condition=_EXISTS,
    )
