"""The console as the local cloud serves it: page, configuration, headers, and a user who signs in to it."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from localcloud import console
from localcloud.stack import Stack
from tests.support.sign_in import user_token

TIMEOUT_SECONDS = 10


def _ask(stack: Stack, method: str, path: str, token: str | None = None, body: object = None) -> requests.Response:
    """Ask the distribution as a browser does, which needs no name server for names below localhost."""
    assert stack.console_url is not None
    headers = {"Host": urlsplit(stack.console_url).netloc}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    return requests.request(method, stack.endpoint_url + path, headers=headers, json=body, timeout=TIMEOUT_SECONDS)


def _get(stack: Stack, path: str) -> requests.Response:
    return _ask(stack, "GET", path)


@pytest.mark.parametrize("path", ["/", "/rollouts", "/rollouts/dep_1", "/fleet/a.b"])
def test_every_page_is_the_one_file_with_a_policy_that_lets_it_load_nothing_else(stack: Stack, path: str) -> None:
    page = _get(stack, path)
    assert page.status_code == 200
    assert '<div id="root">' in page.text
    policy = page.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert f"{stack.endpoint_url};" in policy
    assert page.headers["X-Frame-Options"] == "DENY"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Cache-Control"] == "no-cache"


def test_the_api_answers_at_the_console_s_address_as_it_does_at_its_own(stack: Stack) -> None:
    assert _get(stack, "/api/v1/flows").status_code == 401
    token = stack.token()
    listed = _ask(stack, "GET", "/api/v1/flows?limit=1&name=nobody%20has%20this", token)
    assert (listed.status_code, listed.json()["flows"]) == (200, [])
    made = _ask(stack, "POST", "/api/v1/flows", token, {"name": "Made at the console's address", "slug": "by-console"})
    assert (made.status_code, "ETag" in made.headers) == (201, True), made.text
    found = _ask(stack, "GET", "/api/v1/flows/slug%3Aby-console", token)
    assert found.json()["id"] == made.json()["id"]
    assert _ask(stack, "DELETE", f"/api/v1/flows/{made.json()['id']}", token).status_code == 204


def test_a_file_that_is_not_there_is_no_page(stack: Stack) -> None:
    assert _get(stack, "/assets/gone.js").status_code in {403, 404}


def test_the_bucket_is_read_by_its_distribution_alone(stack: Stack) -> None:
    bucket = stack.outputs["ConsoleBucketName"]
    asked = requests.get(f"{stack.endpoint_url}/{bucket}/index.html", timeout=TIMEOUT_SECONDS)
    assert asked.status_code == 403


def test_a_user_of_each_group_signs_in_to_what_the_console_was_told(stack: Stack, tmp_path: Path) -> None:
    config = _get(stack, "/config.json").json()
    assert stack.console_url is not None
    for name, password in console.users(stack, tmp_path).items():
        token = user_token(stack, config["client_id"], stack.console_url, name=name, password=password)
        assert config["api_url"] == f"{stack.console_url}api", "an address elsewhere is of another origin"
        assert _ask(stack, "GET", "/api/v1/flows", token).status_code == 200
        made = _ask(stack, "POST", "/api/v1/flows", token, {})
        assert made.status_code == (422 if name == "author" else 403)
