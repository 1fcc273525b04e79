"""``edgeflow login``: signs a client of the user pool in, and keeps it as a profile."""

from typing import Annotated

import typer

from edgeflow.cli.profiles import DEFAULT, Profile
from edgeflow.cli.screen import Screen
from edgeflow.cli.surroundings import CLIENT_ID, CLIENT_SECRET, TOKEN_URL, URL, Json, ProfileName, surroundings
from edgeflow.client import Client, ClientCredentials, Token
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
    as_json: Json = False,
    profile: ProfileName = DEFAULT,
) -> None:
    """Sign in, and keep that for later commands. The secret is asked for, or taken from EDGEFLOW_CLIENT_SECRET."""
    around = surroundings(ctx)
    secret = around.environ.get(CLIENT_SECRET) or typer.prompt("Client secret", hide_input=True, err=True)
    made = Profile(url=url, token_url=token_url, client_id=client_id, client_secret=secret)

    def keep(token: Token) -> None:
        made.token = token

    credentials = ClientCredentials(token_url, client_id, secret, on_token=keep)
    with Client(url, credentials, retries=around.retries, transport=around.transport) as client:
        next(client.flows.list(ListFlows(limit=1)), None)  # what is kept has proved right
    around.profiles.put(profile, made)
    screen = Screen(as_json=as_json)
    if as_json:
        screen.document({"profile": profile, "url": url, "file": str(around.profiles.path)})
    else:
        screen.line(f"signed in to {url} as the profile {profile!r}, kept in {around.profiles.path}")
