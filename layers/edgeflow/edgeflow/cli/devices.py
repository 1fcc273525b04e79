"""``edgeflow devices``."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from edgeflow.cli import device_files, device_lists
from edgeflow.cli.list_options import query_of
from edgeflow.cli.lookup import flow_id_of
from edgeflow.cli.profiles import DEFAULT
from edgeflow.cli.screen import Screen
from edgeflow.cli.surroundings import Json, ProfileName, surroundings
from edgeflow.cli.text_files import text_of
from edgeflow.client import InvalidArgument
from edgeflow.contract.rest.fleet import ConnectedName, HealthName, ListDevices

app = typer.Typer(no_args_is_help=True, help="Devices: the fleet, and who joins it.")

_LISTED = ("device_id", "state", "connected", "health", "agent_version", "last_seen")

DeviceId = Annotated[str, typer.Argument(metavar="DEVICE", help="A device's id.")]


@app.command("list")
def list_devices(
    ctx: typer.Context,
    *,
    connected: Annotated[ConnectedName | None, typer.Option(help="Whether AWS IoT says that they are.")] = None,
    health: Annotated[HealthName | None, typer.Option(help="Of the live flow that is worst off.")] = None,
    flow: Annotated[str | None, typer.Option(help="Only devices on which this flow is live.")] = None,
    version: Annotated[int | None, typer.Option(help="With --flow: in this version.")] = None,
    agent_version: Annotated[str | None, typer.Option(help="Only devices whose agent has just this version.")] = None,
    text: Annotated[str | None, typer.Option(help="Only devices with this in their id.")] = None,
    as_json: Json = False,
    profile: ProfileName = DEFAULT,
) -> None:
    """List devices by id."""
    with surroundings(ctx).client(profile) as client:
        query = query_of(
            ListDevices,
            connected=connected,
            health=health,
            flow_id=flow and flow_id_of(client, flow),
            version=version,
            agent_version=agent_version,
            text=text,
        )
        Screen(as_json=as_json).entries("devices", client.devices.list(query), _LISTED)


@app.command()
def show(ctx: typer.Context, device: DeviceId, *, as_json: Json = False, profile: ProfileName = DEFAULT) -> None:
    """Show a device and the flows on it."""
    screen = Screen(as_json=as_json)
    with surroundings(ctx).client(profile) as client:
        view = client.devices.get(device)
    screen.fields(view, (*_LISTED, "connection_changed_at", "registered_at", "registered_by"))
    if not as_json:
        screen.entries("flows", view.flows, ("flow_id", "version", "live", "running", "health", "reason", "since"))


@app.command()
def register(
    ctx: typer.Context,
    device: Annotated[str | None, typer.Argument(metavar="[DEVICE]", help="A device's id.")] = None,
    *,
    many: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="All devices of a CSV (`device_id,enrolment,…`) or of JSON lines."),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Write agent.toml, key and certificate here, for the agent; of many, in a folder each.",
        ),
    ] = None,
    ca: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            envvar="EDGEFLOW_DEVICE_CA",
            help="The authority of the endpoint (PEM), where it is not Amazon's.",
        ),
    ] = None,
    artifact_key: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            envvar="EDGEFLOW_ARTIFACT_KEY",
            help="The public key (PEM) that what runs there must be signed with.",
        ),
    ] = None,
    order_key: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            envvar="EDGEFLOW_ORDER_KEY",
            help="The public key (PEM) that orders to it must be signed with.",
        ),
    ] = None,
    csr: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A signing request (PEM): the device keeps its own key.")
    ] = None,
    announce: Annotated[
        bool, typer.Option("--announce", help="Let it get its certificate itself, by `edgeflow-agent enroll`.")
    ] = False,
    as_json: Json = False,
    profile: ProfileName = DEFAULT,
) -> None:
    """Register a device, or many. A private key is answered once: into --config, or with --json to standard output."""
    if (device is None) is (many is None):
        message = "name one device, or give a file by --many"
        raise InvalidArgument(message)
    if device is None:
        trusted = partial(device_files.Extras.read, ca=ca, artifact_key=artifact_key, order_key=order_key)
        _register_many(ctx, many, config, trusted, profile, is_bound=bool(csr or announce), as_json=as_json)
        return
    if not (announce or as_json or csr or config):
        message = f"say where the private key of {device} is to go: --config FOLDER, or --json"
        raise InvalidArgument(message)
    if config and (announce or csr):
        message = "--config writes a key that the API makes: leave out --announce and --csr"
        raise InvalidArgument(message)
    screen = Screen(as_json=as_json)
    extras = device_files.Extras.read(ca=ca, artifact_key=artifact_key, order_key=order_key)
    folder = None if config is None else device_files.prepared(config)
    with surroundings(ctx).client(profile) as client:
        if announce:
            told = ("device_id", "state", "mqtt_endpoint", "mqtt_port", "provisioning_template", "topic_rules")
            screen.fields(client.devices.announce(device), told)
            return
        request = None if csr is None else text_of(csr)
        registered = client.devices.register(device, csr=request)
    if folder is None:
        screen.fields(registered, ("device_id", "certificate_arn", "mqtt_endpoint", "mqtt_port", "certificate_pem"))
        return
    settings = device_files.write(folder, registered, extras)
    if as_json:
        screen.document({"device_id": device, "certificate_arn": registered.certificate_arn, "config": str(settings)})
    else:
        screen.line(f"{device} is registered. Run its agent: edgeflow-agent run --config {settings}")


def _register_many(
    ctx: typer.Context,
    many: Path | None,
    config: Path | None,
    read_trusted: Callable[[], device_files.Extras],
    profile: str,
    *,
    is_bound: bool,
    as_json: bool,
) -> None:
    if is_bound:
        message = "each line of --many says csr or enrolment for itself: leave out --csr and --announce"
        raise InvalidArgument(message)
    if not (config or as_json):
        message = "say where the private keys are to go: --config FOLDER, or --json"
        raise InvalidArgument(message)
    extras = read_trusted()
    wanted = device_lists.read_devices(many or Path())
    with surroundings(ctx).client(profile) as client:
        device_lists.register_all(client, wanted, config, extras, Screen(as_json=as_json))


@app.command()
def delete(ctx: typer.Context, device: DeviceId, *, as_json: Json = False, profile: ProfileName = DEFAULT) -> None:
    """Lock a device out and forget it."""
    screen = Screen(as_json=as_json)
    with surroundings(ctx).client(profile) as client:
        client.devices.delete(device)
    if as_json:
        screen.document({"device_id": device, "deleted": True})
    else:
        screen.line(f"{device} is locked out and forgotten")
