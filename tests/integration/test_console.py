"""The console as the local cloud serves it: page, configuration, headers, and a user who signs in to it."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from localcloud import console
from localcloud.stack import Stack
from tests.support.sign_in import user_token

TIMEOUT_SECONDS = 10


def _get(stack: Stack, path: str) -> requests.Response:
    """Ask the distribution as a browser does, which needs no name server for names below localhost."""
    assert stack.console_url is not None
    host = urlsplit(stack.console_url).netloc
    return requests.get(f"{stack.endpoint_url}{path}", headers={"Host": host}, timeout=TIMEOUT_SECONDS)


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
        header = {"Authorization": f"Bearer {token}"}
        address = f"{config['api_url']}/v1/flows"
        assert requests.get(address, headers=header, timeout=TIMEOUT_SECONDS).status_code == 200
        made = requests.post(address, json={}, headers=header, timeout=TIMEOUT_SECONDS)
        assert made.status_code == (422 if name == "author" else 403)
