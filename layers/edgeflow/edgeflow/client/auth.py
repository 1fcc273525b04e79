"""Access tokens: one that is given, those of a client of the user pool, or those of a user who has signed in."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Sequence
from http import HTTPStatus
from typing import Final

import httpx
from pydantic import BaseModel, ValidationError

from edgeflow.client.addresses import check_address
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


class Granted(BaseModel):
    """What a token endpoint answers (RFC 6749, 5.1): seconds, and what a user's next token is got with."""

    access_token: str
    expires_in: float
    refresh_token: str | None = None

    def token(self, now: float) -> Token:
        """Return the access token, when it was granted ``now`` (seconds since 1970, UTC)."""
        return Token(access_token=self.access_token, expires_at=now + self.expires_in)


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


class Renewed(httpx.Auth, ABC):
    """Gets a token with the first request, and the next one in time.

    ``kept`` is a token that an earlier run got, ``on_token`` is told of each new one, so that it can be kept.
    A 401 to a token that was believed to be good is answered with a new one, once.
    """

    requires_response_body = True
    remedy: str
    """What helps who gets no token."""

    def __init__(
        self, token_url: str, kept: Token | None, on_token: Callable[[Token], None], now: Callable[[], float]
    ) -> None:
        """Ask ``token_url`` for tokens. Raises InvalidArgument, where secrets cannot be sent there."""
        check_token_url(token_url)
        self.token_url = token_url
        self._token = kept
        self._on_token = on_token
        self._now = now

    @abstractmethod
    def renewal(self) -> httpx.Request:
        """Return the request for a new token."""

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
        asked = self.renewal()
        answer = yield asked
        if answer.status_code in TRANSIENT:
            message = f"{self.token_url} answered {answer.status_code}"
            raise TokenEndpointBusy(message, request=asked)
        self._token = read_granted(answer, self.remedy).token(self._now())
        self._on_token(self._token)
        return self._token


class ClientCredentials(Renewed):
    """The tokens of a client with an id and a secret (RFC 6749, 4.4)."""

    remedy = "see that address, client id, secret and scopes are those of the stack's outputs"

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
        super().__init__(token_url, kept, on_token, now)
        self._basic = httpx.BasicAuth(client_id, client_secret)
        self._scopes = " ".join(scopes)

    def renewal(self) -> httpx.Request:
        """See Renewed."""
        form = {"grant_type": "client_credentials", "scope": self._scopes}
        return next(self._basic.auth_flow(httpx.Request("POST", self.token_url, data=form)))


class SignedInUser(Renewed):
    """The tokens of a user who has signed in by a browser (RFC 6749, 6). The client has no secret."""

    remedy = "sign in again, since a sign-in lasts some hours: edgeflow login --browser"

    def __init__(
        self,
        token_url: str,
        client_id: str,
        refresh_token: str,
        *,
        kept: Token | None = None,
        on_token: Callable[[Token], None] = lambda _: None,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Ask ``token_url`` for tokens by what the sign-in has given."""
        super().__init__(token_url, kept, on_token, now)
        self._form = {"grant_type": "refresh_token", "client_id": client_id, "refresh_token": refresh_token}

    def renewal(self) -> httpx.Request:
        """See Renewed."""
        return httpx.Request("POST", self.token_url, data=self._form)


def read_granted(answer: httpx.Response, remedy: str) -> Granted:
    """Read what a token endpoint has answered. Raises SignInRefused, which tells the remedy."""
    try:
        if not answer.is_success:
            raise ValueError(answer.text[:_TEXT_SHOWN])  # noqa: TRY301  one sentence for all that is no token
        return Granted.model_validate_json(answer.content)
    except (ValidationError, ValueError) as error:
        told = "it answers no token" if isinstance(error, ValidationError) else str(error)
        message = f"{answer.request.url} gives no access token (HTTP {answer.status_code}: {told}): {remedy}"
        raise SignInRefused(message) from None


def check_token_url(token_url: str) -> None:
    """See that secrets can be sent there. Raises InvalidArgument."""
    check_address(token_url, "a user pool: give the stack's output TokenUrl, https://…/oauth2/token")
