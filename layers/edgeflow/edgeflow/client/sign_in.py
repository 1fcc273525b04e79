"""Signing a user in by the pages that the user pool hosts: authorization code with PKCE (RFC 6749, RFC 7636)."""

import base64
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import urlencode

import httpx

from edgeflow.client.auth import SCOPES, Granted, check_token_url, read_granted
from edgeflow.client.errors import InvalidArgument, SignInRefused, Unreachable

TOKEN_PATH: Final = "/oauth2/token"  # noqa: S105  a path
AUTHORIZE_PATH: Final = "/oauth2/authorize"
_REMEDY: Final = "see that address and client id are those of the stack's outputs, and sign in again"


@dataclass(frozen=True, slots=True)
class SignIn:
    """One sign-in. Whoever has signed in at ``url`` is sent on to ``redirect_uri``, with a code that is good once."""

    token_url: str
    client_id: str
    redirect_uri: str
    scopes: str
    state: str
    verifier: str

    @classmethod
    def begin(cls, token_url: str, client_id: str, redirect_uri: str, *, scopes: Sequence[str] = SCOPES) -> Self:
        """Return a new one. Raises InvalidArgument: ``token_url`` is not a user pool's."""
        check_token_url(token_url)
        if not token_url.endswith(TOKEN_PATH):
            message = f"{token_url} is no TokenUrl of a stack: that ends in {TOKEN_PATH}"
            raise InvalidArgument(message)
        drawn = secrets.token_urlsafe(16), secrets.token_urlsafe(48)
        return cls(token_url, client_id, redirect_uri, " ".join(scopes), *drawn)

    @property
    def url(self) -> str:
        """Where the user signs in."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": self.scopes,
            "state": self.state,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        return f"{self.token_url.removesuffix(TOKEN_PATH)}{AUTHORIZE_PATH}?{urlencode(asked)}"

    def is_end(self, sent: Mapping[str, str]) -> bool:
        """Tell whether a query ends this sign-in. Any page can send a browser to ``redirect_uri`` with another one."""
        return secrets.compare_digest(sent.get("state", "").encode(), self.state.encode())

    def finish(self, sent: Mapping[str, str], transport: httpx.BaseTransport | None = None) -> Granted:
        """Return what the sign-in gives, by the query that the browser was sent to ``redirect_uri`` with.

        Raises:
            SignInRefused: the pool refused, or this is the end of another sign-in.
            Unreachable: the token endpoint could not be reached.
        """
        if not self.is_end(sent):
            message = "what the browser brought is not of this sign-in: begin again, and use the page that it opens"
            raise SignInRefused(message)
        if "code" not in sent:
            why = sent.get("error_description") or sent.get("error") or "no code came"
            message = f"the user pool refused the sign-in ({why}): {_REMEDY}"
            raise SignInRefused(message)
        form = {
            "grant_type": "authorization_code",
            "client_id": self.client_id,
            "code": sent["code"],
            "redirect_uri": self.redirect_uri,
            "code_verifier": self.verifier,
        }
        try:
            with httpx.Client(transport=transport) as client:
                answer = client.post(self.token_url, data=form)
        except httpx.HTTPError as error:
            message = f"{self.token_url} cannot be reached ({error}): sign in again"
            raise Unreachable(message) from None
        return read_granted(answer, _REMEDY)
