"""How well a version is by what its tab told."""

from typing import Final

from edge_agent.flows.language.sentences import fit
from edge_agent.flows.node_red.draft import Owner, Tab
from edge_agent.flows.node_red.monitor import Failure, TabState
from edgeflow.contract.report import MAX_ERROR_LENGTH, Health, NodeHealth

_WHOLE_FLOW: Final = "flow"
"""Stands where a node's id would, when the fault is no node's."""


def whole_flow(health: Health, text: str) -> NodeHealth:
    """Say something of no node in particular."""
    return NodeHealth(node_id=_WHOLE_FLOW, health=health, error=fit(text, MAX_ERROR_LENGTH))


def unexpected(error: Exception) -> str:
    """Say that something went wrong which nobody thought of."""
    return f"Looking at Node-RED failed unexpectedly: {type(error).__name__}: {error}"


def counts(tab: Tab, failure: Failure, *, live: bool) -> bool:
    """Tell whether what a node told is a fault: not what one told that is muted, and not that it is offline."""
    if not live and failure.item_id in tab.silenced:
        return False
    return failure.kind != "status" or failure.item_id not in tab.may_be_offline


def node_health(tab: Tab, failure: Failure) -> NodeHealth:
    """Say what an item told of the flow's own node."""
    owner = tab.owners.get(failure.item_id, Owner(_WHOLE_FLOW))
    text = f"{owner.label}: {failure.text}" if owner.label else failure.text
    return NodeHealth(node_id=owner.node_id, health=Health.UNHEALTHY, error=fit(tab.redact(text), MAX_ERROR_LENGTH))


def unwell_nodes(tab: Tab, state: TabState, *, live: bool) -> tuple[NodeHealth, ...]:
    """Return the nodes that are not well, each once: those that could not even start, then those that told so."""
    faulty = dict(tab.faults)
    for each in state.unwell:
        if counts(tab, each, live=live):
            told = node_health(tab, each)
            faulty.setdefault(told.node_id, told.error)
    return tuple(
        NodeHealth(node_id=node_id, health=Health.UNHEALTHY, error=fit(tab.redact(text), MAX_ERROR_LENGTH))
        for node_id, text in faulty.items()
    )
