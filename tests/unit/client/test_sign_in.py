"""A user's sign-in: what the browser is sent with, what it brings back, and what that gives."""

import base64
import hashlib
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import pytest

from edgeflow.client import InvalidArgument, SignIn, SignInRefused, Unreachable

TOKEN_URL = "https://pool.test/oauth2/token"
BACK = "http://localhost:8976/"


class Pool(httpx.BaseTransport):
    """A user pool that takes one code, with the verifier that its challenge was made of."""

    def __init__(self, attempt: SignIn) -> None:
        """Remember what the browser was sent with."""
        self.query = dict(parse_qsl(urlsplit(attempt.url).query))
        self.down = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Grant a token, or refuse as RFC 6749 says."""
        if self.down:
            message = "no route to host"
            raise httpx.ConnectError(message)
        form = {name: values[0] for name, values in parse_qs(request.read().decode()).items()}
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        proves = base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == self.query["code_challenge"]
        same = all(form[name] == self.query[name] for name in ("client_id", "redirect_uri"))
        if form["code"] != "good" or not proves or not same:
            return httpx.Response(400, json={"error": "invalid_grant"}, request=request)
        told = {"access_token": "of a user", "expires_in": 900, "refresh_token": "next"}
        return httpx.Response(200, json=told, request=request)


@pytest.fixture
def attempt() -> SignIn:
    """A sign-in under way."""
    return SignIn.begin(TOKEN_URL, "client", BACK)


def test_the_page_is_the_pool_s_and_the_code_is_taken_with_its_proof(attempt: SignIn) -> None:
    pool = Pool(attempt)
    assert attempt.url.startswith("https://pool.test/oauth2/authorize?")
    assert pool.query["scope"] == "edgeflow/read edgeflow/flows edgeflow/deploy"
    granted = attempt.finish({"state": pool.query["state"], "code": "good"}, pool)
    assert (granted.access_token, granted.expires_in, granted.refresh_token) == ("of a user", 900, "next")
    assert granted.token(1_000).expires_at == 1_900


def test_no_two_sign_ins_share_what_proves_them(attempt: SignIn) -> None:
    other = SignIn.begin(TOKEN_URL, "client", BACK)
    assert (attempt.state, attempt.verifier) != (other.state, other.verifier)
    with pytest.raises(SignInRefused, match="not of this sign-in"):
        attempt.finish({"state": other.state, "code": "good"}, Pool(attempt))
    assert not attempt.is_end({"state": "é"})
    with pytest.raises(SignInRefused, match="invalid_grant"):
        other.finish({"state": other.state, "code": "good"}, Pool(attempt))


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        ({"error": "access_denied"}, "access_denied"),
        ({"error": "invalid_request", "error_description": "not a user"}, "not a user"),
        ({}, "no code came"),
    ],
)
def test_what_the_pool_says_instead_of_a_code_is_told(attempt: SignIn, sent: dict[str, str], why: str) -> None:
    with pytest.raises(SignInRefused, match=why):
        attempt.finish({**sent, "state": attempt.state}, Pool(attempt))


def test_a_pool_that_cannot_be_reached_is_told(attempt: SignIn) -> None:
    pool = Pool(attempt)
    pool.down = True
    with pytest.raises(Unreachable, match="no route to host"):
        attempt.finish({"state": attempt.state, "code": "good"}, pool)


@pytest.mark.parametrize(
    ("token_url", "why"),
    [
        ("https://pool.test/token", "ends in /oauth2/token"),
        ("http://pool.test/oauth2/token", "use https"),
        ("pool", "is no address of a user pool"),
    ],
)
def test_an_address_that_cannot_be_a_pool_s_is_refused_before(token_url: str, why: str) -> None:
    with pytest.raises(InvalidArgument, match=why):
        SignIn.begin(token_url, "client", BACK)
