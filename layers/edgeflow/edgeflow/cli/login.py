"""``edgeflow login``: signs a client of the user pool in, or a user, and keeps that as a profile."""

from typing import Annotated

import httpx
import typer

from edgeflow.cli.browser import sign_in
from edgeflow.cli.profiles import DEFAULT, Profile
from edgeflow.cli.screen import Screen
from edgeflow.cli.surroundings import (
    CLIENT_ID,
    CLIENT_SECRET,
    TOKEN_URL,
    URL,
    Json,
    ProfileName,
    Surroundings,
    surroundings,
)
from edgeflow.client import BearerToken, Client, ClientCredentials, Token
from edgeflow.contract.rest.flows import ListFlows


def login(
    ctx: typer.Context,
    *,
    url: Annotated[str, typer.Option(envvar=URL, prompt="ApiUrl of the stack", help="The stack's output ApiUrl.")],
    token_url: Annotated[
        str, typer.Option(envvar=TOKEN_URL, prompt="TokenUrl of the stack", help="The stack's output TokenUrl.")
    ],
    client_id: Annotated[
        str, typer.Option(envvar=CLIENT_ID, prompt="Client id", help="A client of the stack's user pool.")
    ],
    browser: Annotated[
        bool,
        typer.Option("--browser", help="Sign a user in by the browser; the client is the output CommandLineClientId."),
    ] = False,
    as_json: Json = False,
    profile: ProfileName = DEFAULT,
) -> None:
    """Sign in, and keep that for later commands. The secret is asked for, or taken from EDGEFLOW_CLIENT_SECRET."""
    around = surroundings(ctx)
    screen = Screen(as_json=as_json)
    made = Profile(url=url, token_url=token_url, client_id=client_id)
    auth = _of_user(around, made) if browser else _of_client(around, made)
    with Client(url, auth, retries=around.retries, transport=around.transport) as client:
        next(client.flows.list(ListFlows(limit=1)), None)  # what is kept has proved right
    around.profiles.put(profile, made)
    if as_json:
        screen.document({"profile": profile, "url": url, "file": str(around.profiles.path)})
    else:
        screen.line(f"signed in to {url} as the profile {profile!r}, kept in {around.profiles.path}")


def _of_client(around: Surroundings, made: Profile) -> httpx.Auth:
    secret = around.environ.get(CLIENT_SECRET) or typer.prompt("Client secret", hide_input=True, err=True)
    made.client_secret = secret

    def keep(token: Token) -> None:
        made.token = token

    return ClientCredentials(made.token_url, made.client_id, secret, on_token=keep)


def _of_user(around: Surroundings, made: Profile) -> httpx.Auth:
    granted = sign_in(
        made.token_url,
        made.client_id,
        open_browser=around.open_browser,
        say=lambda line: typer.echo(line, err=True),
        transport=around.transport,
        ports=around.sign_in_ports,
    )
    made.token, made.refresh_token = granted.token(around.now().timestamp()), granted.refresh_token
    return BearerToken(granted.access_token)
