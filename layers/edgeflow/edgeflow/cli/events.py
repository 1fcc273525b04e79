"""``edgeflow events``: the history of a deployment or a flow."""

from collections.abc import Iterable
from typing import Annotated

import typer
from pydantic import BaseModel

from edgeflow.cli.lookup import flow_id_of
from edgeflow.cli.profiles import DEFAULT
from edgeflow.cli.screen import Screen, cell
from edgeflow.cli.surroundings import Json, ProfileName, surroundings

_DEPLOYMENT = "dep_"


def events(
    ctx: typer.Context,
    subject: Annotated[str, typer.Argument(metavar="DEPLOYMENT|FLOW", help="A deployment's id, or a flow.")],
    *,
    as_json: Json = False,
    profile: ProfileName = DEFAULT,
) -> None:
    """Tell what happened to a deployment or a flow, oldest first."""
    screen = Screen(as_json=as_json)
    with surroundings(ctx).client(profile) as client:
        found: Iterable[BaseModel] = (
            client.deployments.events(subject)
            if subject.startswith(_DEPLOYMENT)
            else client.flows.events(flow_id_of(client, subject))
        )
        listed = [event.model_dump(mode="json") for event in found]
    if as_json:
        screen.document({"events": listed})
        return
    rows = [
        [each.get("at"), each.get("type", "unreadable"), each.get("actor", {}).get("name"), _details(each)]
        for each in listed
    ]
    screen.table(("at", "event", "by", "details"), rows)


def _details(event: dict[str, object]) -> str:
    details = event.get("details")
    if not isinstance(details, dict):
        return ""
    return ", ".join(f"{name}={cell(value)}" for name, value in details.items() if value not in (None, [], {}))
