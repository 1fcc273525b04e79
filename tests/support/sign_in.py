"""Signing in to the user pool as a browser does: authorization code with PKCE, over the pages that the pool hosts."""

import base64
import hashlib
import secrets
from html.parser import HTMLParser
from typing import Final
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import requests

from deployed.stack import SCOPES
from localcloud.settings import Settings
from localcloud.stack import Stack

TIMEOUT_SECONDS: Final = 10


def user_token(stack: Stack, client_id: str, redirect_uri: str, *, name: str, password: str) -> str:
    """Return the access token of a user, for every scope there is. Raises as ``user_tokens``."""
    return user_tokens(stack, client_id, redirect_uri, name=name, password=password)["access_token"]


def user_tokens(
    stack: Stack | Settings, client_id: str, redirect_uri: str, *, name: str, password: str
) -> dict[str, str]:
    """Return what a user gets by signing in: an ``access_token`` for every scope there is, and an ``id_token``.

    Raises:
        requests.HTTPError: a page or the token endpoint refuses.
        KeyError: the sign-in page came again in place of a code, as it does after a wrong password.
    """
    verifier = secrets.token_urlsafe(32)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "scope": " ".join(["openid", *SCOPES]),
        "state": secrets.token_urlsafe(8),
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    sent = sent_back(f"{stack.endpoint_url}/oauth2/authorize?{urlencode(asked)}", name=name, password=password)
    back = parse_qs(urlsplit(sent).query)
    assert back["state"] == [asked["state"]]
    told = requests.post(
        f"{stack.endpoint_url}/oauth2/token",
        data={
            "grant_type": "authorization_code",
            "client_id": client_id,
            "code": back["code"][0],
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        },
        timeout=TIMEOUT_SECONDS,
    )
    told.raise_for_status()
    tokens: dict[str, str] = told.json()
    return tokens


def sent_back(url: str, *, name: str, password: str) -> str:
    """Sign in at the pool's page, and return where the browser is sent with a code. Raises as ``user_tokens``."""
    with requests.Session() as browser:
        page = browser.get(url, timeout=TIMEOUT_SECONDS)
        page.raise_for_status()
        form = _Form(page.text)
        filled = form.hidden | {"username": name, "password": password}
        sent = browser.post(urljoin(page.url, form.action), data=filled, allow_redirects=False, timeout=TIMEOUT_SECONDS)
        return sent.headers["Location"]


class _Form(HTMLParser):
    """Where the page's first form goes, and what it sends that nobody fills in."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action = ""
        self.hidden: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "form":
            self.action = self.action or told.get("action") or ""
        elif tag == "input" and told.get("type") == "hidden":
            self.hidden[told.get("name") or ""] = told.get("value") or ""
