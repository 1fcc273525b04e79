"""Tokens: got with the first request, renewed in time, and never asked for more often than that."""

import base64
from urllib.parse import parse_qs

import httpx
import pytest

from edgeflow.client import ApiError, Client, ClientCredentials, InvalidArgument, Retries, SignInRefused, Token
from tests.support.handler_transport import URL, HandlerTransport
from tests.unit.client.conftest import Sleeper

TOKEN_URL = "https://pool.test/oauth2/token"


class Pool:
    """A user pool on the way to the API; its tokens are good for an hour."""

    def __init__(self, transport: HandlerTransport, sleeper: Sleeper) -> None:
        """Answer what goes to the pool, and look at the tokens of what goes to the API."""
        transport.on_way = self
        self.sleeper = sleeper
        self.asked: list[httpx.Request] = []
        self.answers: list[httpx.Response] = []
        self.refused: set[str] = set()

    def __call__(self, request: httpx.Request) -> httpx.Response | None:
        """Answer for the pool."""
        if request.url == TOKEN_URL:
            self.asked.append(request)
            if self.answers:
                return self.answers.pop(0)
            return httpx.Response(200, json={"access_token": f"token-{len(self.asked)}", "expires_in": 3600})
        sent = request.headers["Authorization"].removeprefix("Bearer ")
        return httpx.Response(401, json={"message": "Unauthorized"}) if sent in self.refused else None


@pytest.fixture
def transport() -> HandlerTransport:
    """The way to an API that has nothing."""
    return HandlerTransport(None)


@pytest.fixture
def pool(transport: HandlerTransport, sleeper: Sleeper) -> Pool:
    """The user pool."""
    return Pool(transport, sleeper)


def _client(transport: HandlerTransport, sleeper: Sleeper, **given: object) -> Client:
    auth = ClientCredentials(TOKEN_URL, "id", "secret", now=sleeper.now, **given)  # type: ignore[arg-type]
    return Client(URL, auth, transport=transport, retries=Retries(sleep=sleeper, draw=lambda _, most: most))


def test_a_token_is_got_once_and_renewed_before_its_end(
    transport: HandlerTransport, sleeper: Sleeper, pool: Pool
) -> None:
    kept: list[Token] = []
    with _client(transport, sleeper, on_token=kept.append) as client:
        list(client.flows.list())
        list(client.flows.list())
        assert len(pool.asked) == 1
        sleeper(3539)
        list(client.flows.list())
        assert len(pool.asked) == 1
        sleeper(1)
        list(client.flows.list())
    assert len(pool.asked) == 2
    form = parse_qs(pool.asked[0].content.decode())
    assert form == {"grant_type": ["client_credentials"], "scope": ["edgeflow/read edgeflow/flows edgeflow/deploy"]}
    assert pool.asked[0].headers["Authorization"] == f"Basic {base64.b64encode(b'id:secret').decode()}"
    assert [token.access_token for token in kept] == ["token-1", "token-2"]
    assert kept[0].expires_at == 3600


def test_a_kept_token_is_used_until_it_is_refused(transport: HandlerTransport, sleeper: Sleeper, pool: Pool) -> None:
    with _client(transport, sleeper, kept=Token(access_token="old", expires_at=9_999)) as client:
        list(client.flows.list())
        assert pool.asked == []
        pool.refused.add("old")
        list(client.flows.list())
        assert len(pool.asked) == 1


def test_a_new_token_that_is_refused_is_not_asked_for_again_and_again(
    transport: HandlerTransport, sleeper: Sleeper, pool: Pool
) -> None:
    pool.refused.add("token-1")
    with (
        _client(transport, sleeper) as client,
        pytest.raises(ApiError, match=r"^Unauthorized \(HTTP 401\): sign in again"),
    ):
        list(client.flows.list())
    assert len(pool.asked) == 1


def test_credentials_that_are_wrong_end_it_with_a_sentence(
    transport: HandlerTransport, sleeper: Sleeper, pool: Pool
) -> None:
    pool.answers = [httpx.Response(400, json={"error": "invalid_client"}), httpx.Response(200, text="hello")]
    with _client(transport, sleeper) as client:
        with pytest.raises(SignInRefused, match="invalid_client"):
            list(client.flows.list())
        with pytest.raises(SignInRefused, match="answers no token"):
            list(client.flows.list())


def test_a_pool_that_is_busy_is_asked_again(transport: HandlerTransport, sleeper: Sleeper, pool: Pool) -> None:
    pool.answers = [httpx.Response(503), httpx.Response(429)]
    with _client(transport, sleeper) as client:
        assert list(client.flows.list()) == []
    assert len(pool.asked) == 3


@pytest.mark.parametrize("url", ["", "api.example.com/v1", "ftp://api.example.com", "http://api.example.com/api/v1"])
def test_a_token_is_sent_nowhere_unencrypted(transport: HandlerTransport, sleeper: Sleeper, url: str) -> None:
    with pytest.raises(InvalidArgument):
        Client(url, ClientCredentials(TOKEN_URL, "id", "secret"))
