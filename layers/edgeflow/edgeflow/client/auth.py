"""Access tokens: one that is given, or those of a client of the user pool (OAuth 2.0 client credentials)."""

import time
from collections.abc import Callable, Generator, Sequence
from http import HTTPStatus
from typing import Final

import httpx
from pydantic import BaseModel, ValidationError

from edgeflow.client.errors import SignInRefused
from edgeflow.client.retries import TRANSIENT

SCOPES: Final = ("edgeflow/read", "edgeflow/flows", "edgeflow/deploy")
RENEW_BEFORE_SECONDS: Final = 60
"""A token is renewed this long before its end: a request that is under way must not outlive it."""
_TEXT_SHOWN: Final = 200


class Token(BaseModel):
    """An access token, good until ``expires_at`` (seconds since 1970, UTC)."""

    access_token: str
    expires_at: float


class _Granted(BaseModel):
    """What a token endpoint answers (RFC 6749, 5.1). ``expires_in`` is in seconds."""

    access_token: str
    expires_in: float


class BearerToken(httpx.Auth):
    """A token that somebody else got. It is not renewed."""

    def __init__(self, token: str) -> None:
        """Send this token with each request."""
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """See httpx.Auth."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


class TokenEndpointBusy(httpx.TransportError):
    """The token endpoint answered that it can give none at the moment; another try may get one."""


class ClientCredentials(httpx.Auth):
    """Gets a token with a client's id and secret, and the next one in time.

    ``kept`` is a token that an earlier run got, ``on_token`` is told of each new one, so that it can be kept.
    A 401 to a token that was believed to be good is answered with a new one, once.
    """

    requires_response_body = True

    def __init__(
        self,
        token_url: str,
        client_id: str,
        client_secret: str,
        *,
        scopes: Sequence[str] = SCOPES,
        kept: Token | None = None,
        on_token: Callable[[Token], None] = lambda _: None,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Ask ``token_url`` for tokens of these scopes."""
        self._token_url = token_url
        self._basic = httpx.BasicAuth(client_id, client_secret)
        self._scopes = " ".join(scopes)
        self._token = kept
        self._on_token = on_token
        self._now = now

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """See httpx.Auth.

        Raises:
            SignInRefused: there is no token for these credentials.
        """
        token = self._token
        is_new = token is None or token.expires_at - RENEW_BEFORE_SECONDS <= self._now()
        if token is None or is_new:
            token = yield from self._renew()
        request.headers["Authorization"] = f"Bearer {token.access_token}"
        answer = yield request
        if answer.status_code == HTTPStatus.UNAUTHORIZED and not is_new:
            token = yield from self._renew()
            request.headers["Authorization"] = f"Bearer {token.access_token}"
            yield request

    def _renew(self) -> Generator[httpx.Request, httpx.Response, Token]:
        form = {"grant_type": "client_credentials", "scope": self._scopes}
        asked = next(self._basic.auth_flow(httpx.Request("POST", self._token_url, data=form)))
        answer = yield asked
        if answer.status_code in TRANSIENT:
            message = f"{self._token_url} answered {answer.status_code}"
            raise TokenEndpointBusy(message, request=asked)
        self._token = self._read(answer)
        self._on_token(self._token)
        return self._token

    def _read(self, answer: httpx.Response) -> Token:
        try:
            if not answer.is_success:
                raise ValueError(answer.text[:_TEXT_SHOWN])  # noqa: TRY301  one sentence for all that is no token
            granted = _Granted.model_validate_json(answer.content)
        except (ValidationError, ValueError) as error:
            told = "it answers no token" if isinstance(error, ValidationError) else str(error)
            message = (
                f"{self._token_url} gives no access token (HTTP {answer.status_code}: {told}): "
                "see that address, client id, secret and scopes are those of the stack's outputs"
            )
            raise SignInRefused(message) from None
        return Token(access_token=granted.access_token, expires_at=self._now() + granted.expires_in)
