"""What every command stands on: the environment, the profiles, and a client made from both."""

import os
import webbrowser
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Final

import httpx
import typer

from edgeflow.cli.browser import PORTS
from edgeflow.cli.errors import CommandFailed
from edgeflow.cli.profiles import DEFAULT, Profile, Profiles
from edgeflow.client import BearerToken, Client, ClientCredentials, Retries, SignedInUser, Token

URL: Final = "EDGEFLOW_URL"
TOKEN: Final = "EDGEFLOW_TOKEN"  # noqa: S105  the name of a variable
TOKEN_URL: Final = "EDGEFLOW_TOKEN_URL"  # noqa: S105  likewise
CLIENT_ID: Final = "EDGEFLOW_CLIENT_ID"
CLIENT_SECRET: Final = "EDGEFLOW_CLIENT_SECRET"  # noqa: S105  likewise

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document, and nothing else.")]
ProfileName = Annotated[
    str, typer.Option("--profile", envvar="EDGEFLOW_PROFILE", help="Which stack, by the name given to `login`.")
]


@dataclass
class Surroundings:
    """Tests give their own; ``edgeflow`` takes what is there."""

    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    transport: httpx.BaseTransport | None = None
    retries: Retries = field(default_factory=Retries)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    open_browser: Callable[[str], object] = webbrowser.open
    sign_in_ports: Sequence[int] = PORTS

    @property
    def profiles(self) -> Profiles:
        """The profiles of who calls."""
        return Profiles(self.environ)

    @contextmanager
    def client(self, profile_name: str) -> Iterator[Client]:
        """Open a client of a profile's stack, or of the one that the environment names.

        With EDGEFLOW_URL nothing is taken from a profile: its token and secret are not for another stack.

        Raises:
            CommandFailed: nobody has signed in.
        """
        url, auth = self._of_environment() or self._of_profile(profile_name)
        with Client(url, auth, retries=self.retries, transport=self.transport) as client:
            yield client

    def _of_environment(self) -> tuple[str, httpx.Auth] | None:
        url = self.environ.get(URL)
        if not url:
            return None
        if token := self.environ.get(TOKEN):
            return url, BearerToken(token)
        given = [self.environ.get(name, "") for name in (TOKEN_URL, CLIENT_ID, CLIENT_SECRET)]
        if not all(given):
            message = f"{URL} is set, so set {TOKEN} as well, or {TOKEN_URL}, {CLIENT_ID} and {CLIENT_SECRET}"
            raise CommandFailed(message)
        return url, ClientCredentials(*given)

    def _of_profile(self, name: str) -> tuple[str, httpx.Auth]:
        profile = self.profiles.get(name)
        if profile is None:
            which = "" if name == DEFAULT else f" --profile {name}"
            message = f"nobody has signed in yet: run `edgeflow login{which}`, or set {URL} and {TOKEN}"
            raise CommandFailed(message)
        if token := self.environ.get(TOKEN):
            return profile.url, BearerToken(token)
        client_id = self.environ.get(CLIENT_ID) or profile.client_id
        secret = self.environ.get(CLIENT_SECRET) or profile.client_secret
        if secret and (client_id, secret) != (profile.client_id, profile.client_secret):
            return profile.url, ClientCredentials(profile.token_url, client_id, secret)
        if not secret and client_id != profile.client_id:
            message = (
                f"{CLIENT_ID} is set, so set {CLIENT_SECRET} as well: the profile {name!r} is a user's and has none"
            )
            raise CommandFailed(message)
        return profile.url, self._credentials(name, profile)

    def _credentials(self, name: str, profile: Profile) -> httpx.Auth:

        def keep(token: Token) -> None:
            self.profiles.put(name, profile.model_copy(update={"token": token}))

        if profile.client_secret:
            return ClientCredentials(
                profile.token_url, profile.client_id, profile.client_secret, kept=profile.token, on_token=keep
            )
        return SignedInUser(
            profile.token_url, profile.client_id, profile.refresh_token or "", kept=profile.token, on_token=keep
        )


def surroundings(ctx: typer.Context) -> Surroundings:
    """Return what a command stands on."""
    return ctx.ensure_object(Surroundings)
