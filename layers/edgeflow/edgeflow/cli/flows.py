"""``edgeflow flows``."""

from pathlib import Path
from typing import Annotated, get_args

import typer

from edgeflow.cli import flow_diff
from edgeflow.cli.errors import CommandFailed
from edgeflow.cli.flow_files import read_flow_file
from edgeflow.cli.list_options import NEWEST, CreatedFrom, CreatedTo, Sort, one_of_several, query_of
from edgeflow.cli.lookup import FlowName, flow_id_of
from edgeflow.cli.profiles import DEFAULT
from edgeflow.cli.screen import Screen
from edgeflow.cli.surroundings import Json, ProfileName, surroundings
from edgeflow.client import Client, EdgeFlowError, InvalidArgument
from edgeflow.contract.flow import Definition
from edgeflow.contract.graph import graph_faults
from edgeflow.contract.rest.flows import FlowStatus, FlowView, ListFlows
from edgeflow.contract.rest.problem import pointer_to
from edgeflow.contract.wording import counted

app = typer.Typer(no_args_is_help=True, help="Flows: drafts and their published versions.")

_SHOWN = ("id", "slug", "name", "status", "latest_version", "tags", "description", "updated_at", "created_by")
_LISTED = ("id", "slug", "name", "status", "latest_version", "updated_at")
_DRAFT = "draft"

FlowFile = Annotated[
    Path, typer.Argument(metavar="FILE", help="A flow as JSON: name, description, tags, slug, definition.")
]
Publish = Annotated[bool, typer.Option("--publish", help="Publish it at once, so that it can be deployed.")]


@app.command("list")
def list_flows(
    ctx: typer.Context,
    *,
    status: Annotated[
        str | None,
        typer.Option(
            help="Only flows in one of these states, such as draft,archived; as it comes draft,published.",
            autocompletion=one_of_several(get_args(FlowStatus)),
        ),
    ] = None,
    tag: Annotated[str | None, typer.Option(help="Only flows with this tag.")] = None,
    name: Annotated[str | None, typer.Option(help="Only flows with this in their name.")] = None,
    created_from: CreatedFrom = None,
    created_to: CreatedTo = None,
    sort: Sort = NEWEST,
    as_json: Json = False,
    profile: ProfileName = DEFAULT,
) -> None:
    """List flows; archived ones only when asked for."""
    query = query_of(
        ListFlows,
        status=status,
        tag=tag,
        name=name,
        created_from=created_from,
        created_to=created_to,
        sort=sort,
    )
    with surroundings(ctx).client(profile) as client:
        Screen(as_json=as_json).entries("flows", client.flows.list(query), _LISTED)


@app.command()
def show(
    ctx: typer.Context,
    flow: FlowName,
    *,
    version: Annotated[int | None, typer.Option(help="A published version, with its definition.")] = None,
    as_json: Json = False,
    profile: ProfileName = DEFAULT,
) -> None:
    """Show a flow, or one of its versions; the definition with --json."""
    screen = Screen(as_json=as_json)
    with surroundings(ctx).client(profile) as client:
        flow_id = flow_id_of(client, flow)
        if version is not None:
            told = ("flow_id", "version", "sha256", "size", "published_at", "published_by")
            screen.fields(client.flows.version(flow_id, version), told)
            return
        found = client.flows.get(flow_id)
        screen.fields(found, _SHOWN)
        if not as_json:
            screen.entries("versions", client.flows.versions(flow_id), ("version", "published_at", "sha256"))


@app.command()
def create(
    ctx: typer.Context,
    file: FlowFile,
    *,
    publish: Publish = False,
    as_json: Json = False,
    profile: ProfileName = DEFAULT,
) -> None:
    """Create a flow from a file."""
    body = read_flow_file(file)
    with surroundings(ctx).client(profile) as client:
        made = client.flows.create(body)
        if publish:
            try:
                made = client.flows.publish(made.id)
            except EdgeFlowError as error:
                message = f"{made.id} is created, a draft, but not published: {error}"
                raise CommandFailed(message) from error
    Screen(as_json=as_json).fields(made, ("id", "name", "status", "latest_version"))


@app.command()
def update(
    ctx: typer.Context,
    flow: FlowName,
    file: FlowFile,
    *,
    publish: Publish = False,
    as_json: Json = False,
    profile: ProfileName = DEFAULT,
) -> None:
    """Give the draft of a flow, or its next one, what a file says. What is left out there stays as it is."""
    body = read_flow_file(file)
    patch = body.model_dump(mode="json", include=body.model_fields_set)
    with surroundings(ctx).client(profile) as client:
        found = client.flows.get(flow_id_of(client, flow))
        etag = found.etag
        if found.status == "published":
            client.flows.draft(found.id, etag=etag)
            etag = client.flows.get(found.id).etag
        made: FlowView = client.flows.update(found.id, patch, etag=etag)
        if publish:
            try:
                made = client.flows.publish(found.id)
            except EdgeFlowError as error:
                message = f"the draft of {found.id} is changed, but not published: {error}"
                raise CommandFailed(message) from error
    Screen(as_json=as_json).fields(made, ("id", "name", "status", "latest_version"))


@app.command("publish")
def publish_flow(ctx: typer.Context, flow: FlowName, *, as_json: Json = False, profile: ProfileName = DEFAULT) -> None:
    """Freeze a draft as the next version."""
    with surroundings(ctx).client(profile) as client:
        published = client.flows.publish(flow_id_of(client, flow))
    Screen(as_json=as_json).fields(published, ("id", "name", "status", "latest_version"))


@app.command()
def validate(file: FlowFile, *, as_json: Json = False) -> None:
    """Look for what would keep a file from being published. Nothing is sent."""
    body = read_flow_file(file)
    faults = [f"{pointer_to(('definition', *place))}: {fault}" for place, fault in graph_faults(body.definition)]
    if faults:
        raise InvalidArgument("; ".join(faults))
    definition = body.definition
    counts = {"nodes": len(definition.nodes), "connections": len(definition.connections)}
    screen = Screen(as_json=as_json)
    if as_json:
        screen.document({"valid": True, "name": body.name, **counts})
    else:
        size = ", ".join(counted(count, kind.removesuffix("s")) for kind, count in counts.items())
        screen.line(f"{body.name} can be published: {size}")


@app.command()
def diff(
    ctx: typer.Context,
    flow: FlowName,
    before: Annotated[str, typer.Argument(help="A version's number, or `draft`.")],
    after: Annotated[str, typer.Argument(help="Likewise.")],
    *,
    as_json: Json = False,
    profile: ProfileName = DEFAULT,
) -> None:
    """Show what is different between two versions of a flow."""
    screen = Screen(as_json=as_json)
    with surroundings(ctx).client(profile) as client:
        flow_id = flow_id_of(client, flow)
        old, new = (_definition(client, flow_id, each) for each in (before, after))
    if as_json:
        told = flow_diff.differences(old, new)
        screen.document({"flow_id": flow_id, "before": before, "after": after, "same": old == new, **told})
        return
    for line in flow_diff.lines(old, new, (f"{flow_id} {before}", f"{flow_id} {after}")) or ["no difference"]:
        screen.line(line)


def _definition(client: Client, flow_id: str, version: str) -> Definition:
    if version == _DRAFT:
        return client.flows.get(flow_id).definition
    if not (version.isascii() and version.isdecimal()):
        message = f"{version!r} is no version: give a number, or `{_DRAFT}`"
        raise InvalidArgument(message)
    return client.flows.version(flow_id, int(version)).definition
