"""The unfinished deployments of a flow, in the flow's own item: they keep it from being deleted.

All are actions of a transaction that changes the deployment as well.
"""

from typing import Any, Final

from edgeflow.adapters.expressions import names
from edgeflow.adapters.keys import flow_key, record_of
from edgeflow.adapters.readable import set_aside
from edgeflow.adapters.table import Item, Table
from edgeflow.domain.unreadable import Unreadable

ARCHIVED: Final = "archived"
"""State of a flow that may not be deployed."""

_OPEN: Final = "open_deployments"
_EXISTS: Final = "attribute_exists(pk)"
_FITS: Final = f"(attribute_not_exists(#{_OPEN}) OR attribute_type(#{_OPEN}, :texts))"
"""Where something else is in its place, the flow is damaged: nothing can be entered, and no rollback waits for that."""
_TEXTS: Final = "SS"  # DynamoDB: a set of strings


def enter_new(table: Table, flow_id: str, deployment_id: str) -> dict[str, Any]:
    """Return the action that enters a new deployment; it is refused where the flow is archived, damaged, or gone."""
    return table.update_action(
        flow_key(flow_id),
        f"ADD #{_OPEN} :ids",
        values={":ids": {deployment_id}, ":archived": ARCHIVED, ":texts": _TEXTS},
        names=names(_OPEN, "state"),
        condition=f"{_EXISTS} AND #state <> :archived AND {_FITS}",
    )


def enter_again(table: Table, flow_id: str, deployment_id: str) -> dict[str, Any]:
    """Return the action that enters a deployment that is rolled back, or that removes the flow from devices.

    It is refused where the flow is damaged, or gone; that it is archived does not matter.
    """
    return _change(table, "ADD", flow_id, deployment_id)


def strike_off(table: Table, flow_id: str, deployment_id: str) -> dict[str, Any]:
    """Return the action that strikes a deployment off that ends; it is refused where the flow is damaged, or gone."""
    return _change(table, "DELETE", flow_id, deployment_id)


def unreadable(flow: Item) -> Unreadable:
    """Return the flow that refused a deployment for what it holds where unfinished ones are entered."""
    kind, flow_id, of = record_of(flow)
    return set_aside(Unreadable(kind=kind, id=flow_id, of=of, fault=f"{_OPEN} is not a set of texts"))


def _change(table: Table, verb: str, flow_id: str, deployment_id: str) -> dict[str, Any]:
    return table.update_action(
        flow_key(flow_id),
        f"{verb} #{_OPEN} :ids",
        values={":ids": {deployment_id}, ":texts": _TEXTS},
        names=names(_OPEN),
        condition=f"{_EXISTS} AND {_FITS}",
    )
