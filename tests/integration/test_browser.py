"""``edgeflow login --browser`` at the pool's own page: what a user may do afterwards is what the groups say."""

from pathlib import Path

import requests
from typer.testing import CliRunner

from edgeflow.cli.main import app
from edgeflow.cli.surroundings import Surroundings
from localcloud.console import users
from localcloud.settings import Settings
from localcloud.stack import Stack
from tests.support.sign_in import TIMEOUT_SECONDS, sent_back


def test_a_user_signs_in_and_may_do_what_the_group_says(stack: Stack, local_cloud: Settings, tmp_path: Path) -> None:
    password = users(stack, local_cloud.data_dir)["viewer"]

    def browser(url: str) -> requests.Response:
        back = sent_back(url, name="viewer", password=password).replace("localhost", "127.0.0.1")
        return requests.get(back, timeout=TIMEOUT_SECONDS)

    around = Surroundings(environ={"HOME": str(tmp_path)}, open_browser=browser)
    flow = tmp_path / "flow.json"
    flow.write_text('{"name": "a viewer\'s"}')
    addresses = ("--url", stack.api_url, "--token-url", stack.token_url)
    client = ("--client-id", stack.outputs["CommandLineClientId"])
    said = CliRunner().invoke(app, ["login", "--browser", *addresses, *client], obj=around)
    assert said.exit_code == 0, said.stderr
    assert CliRunner().invoke(app, ["flows", "list", "--json"], obj=around).exit_code == 0
    refused = CliRunner().invoke(app, ["flows", "create", str(flow)], obj=around)
    assert (refused.exit_code, "viewer" in refused.stderr) == (1, True), refused.stderr
    profile = tmp_path / ".config" / "edgeflow" / "profiles.json"
    profile.write_text(profile.read_text().replace('"expires_at": ', '"expires_at": -'))
    renewed = CliRunner().invoke(app, ["flows", "list", "--json"], obj=around)
    assert renewed.exit_code == 0, renewed.stderr
