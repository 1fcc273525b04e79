"""Flows by their id, or by a name that only one of them has."""

import re
from typing import Annotated

import typer

from edgeflow.client import Client, InvalidArgument
from edgeflow.client.session import checked
from edgeflow.contract.ids import FLOW_ID_PATTERN
from edgeflow.contract.rest.flows import FlowSummary, ListFlows

FlowName = Annotated[str, typer.Argument(metavar="FLOW", help="A flow: its id, or its name when no other has it.")]
DeploymentId = Annotated[str, typer.Argument(metavar="DEPLOYMENT", help="A deployment's id, dep_….")]


def flow_id_of(client: Client, flow: str) -> str:
    """Return the id of a flow that is given by id or name.

    Raises:
        InvalidArgument: none has this name, or several have.
    """
    if re.fullmatch(FLOW_ID_PATTERN, flow):
        return flow
    query = checked(ListFlows, {"name": flow, "limit": 100})
    found = [each.id for each in client.flows.list(query) if isinstance(each, FlowSummary) and each.name == flow]
    if len(found) == 1:
        return found[0]
    why = (
        f"{len(found)} flows have it: {', '.join(found[:5])}; give an id" if found else "`edgeflow flows list` has all"
    )
    message = f"no single flow has the name {flow!r}: {why}"
    raise InvalidArgument(message)
