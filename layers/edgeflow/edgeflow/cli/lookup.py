"""Flows by their id, their slug, or a name that only one of them has."""

import re
from http import HTTPStatus
from typing import Annotated

import typer

from edgeflow.client import ApiError, Client, Flow, InvalidArgument
from edgeflow.client.session import checked
from edgeflow.contract.ids import BY_SLUG, FLOW_ID_PATTERN, SLUG_PATTERN
from edgeflow.contract.rest.flows import FlowSummary, ListFlows
from edgeflow.contract.wording import counted

FlowName = Annotated[
    str, typer.Argument(metavar="FLOW", help="A flow: its id, its slug, or its name when no other has it.")
]
DeploymentId = Annotated[str, typer.Argument(metavar="DEPLOYMENT", help="A deployment's id, dep_….")]


def flow_id_of(client: Client, flow: str) -> str:
    """Return the id of a flow that is given by id, by slug (with ``slug:`` before it or without), or by name.

    Raises:
        ApiError: no flow has the slug that is named as such.
        InvalidArgument: none has this slug or name, or several have.
    """
    if re.fullmatch(FLOW_ID_PATTERN, flow):
        return flow
    if flow.startswith(BY_SLUG):
        return client.flows.get(flow).id
    query = checked(ListFlows, {"name": flow, "limit": 100})
    named = [each.id for each in client.flows.list(query) if isinstance(each, FlowSummary) and each.name == flow]
    with_slug = flow_with_slug(client, flow)
    found = list(dict.fromkeys([*([with_slug.id] if with_slug else []), *named]))
    if len(found) == 1:
        return found[0]
    some = f"{counted(len(found), 'flow', 'has', 'have')} it: {', '.join(found[:5])}; give an id"
    why = some if found else "`edgeflow flows list` has all"
    message = f"no single flow has the name {flow!r}: {why}"
    raise InvalidArgument(message)


def flow_with_slug(client: Client, slug: str) -> Flow | None:
    """Return the flow that has a slug, archived or not; None where none has, or where it is none."""
    if not re.fullmatch(SLUG_PATTERN, slug):
        return None
    try:
        return client.flows.get(f"{BY_SLUG}{slug}")
    except ApiError as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise
        return None
