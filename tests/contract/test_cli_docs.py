"""docs/cli.md and docs/cli-commands.md tell what the command line does."""

import json
import re
from pathlib import Path

import typer
import yaml
from typer.cli import app as typers_own
from typer.testing import CliRunner

from edgeflow.cli.exits import OUTCOMES, Exit
from edgeflow.cli.fleet_file import read_fleet_file
from edgeflow.cli.flow_files import read_flow_file
from edgeflow.cli.main import app
from edgeflow.cli.surroundings import CLIENT_ID, CLIENT_SECRET, TOKEN, TOKEN_URL, URL
from edgeflow.client.checks import API_VERSION
from edgeflow.contract.graph import graph_faults
from recording.story import PLACE, written


def test_the_list_of_commands_is_current(root: Path) -> None:
    made = CliRunner().invoke(
        typers_own, ["edgeflow.cli.main", "utils", "docs", "--name", "edgeflow", "--title", "Commands of edgeflow"]
    )
    assert made.exit_code == 0
    kept = (root / "docs" / "cli-commands.md").read_text(encoding="utf-8")
    assert kept.strip() == made.stdout.strip(), "run `make commands`"


def test_the_page_has_every_exit_code_and_variable(root: Path) -> None:
    page = (root / "docs" / "cli.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| (\d+) \| (.*) \|$", page, re.MULTILINE))
    assert {int(code) for code in rows} == set(Exit)
    for status, code in OUTCOMES.items():
        assert f"`{status}`" in rows[str(int(code))]
    for name in (URL, TOKEN, TOKEN_URL, CLIENT_ID, CLIENT_SECRET, "EDGEFLOW_PROFILE"):
        assert f"`{name}`" in page


def test_every_command_on_a_page_is_one(root: Path) -> None:
    command = typer.main.get_command(app)
    names = set(getattr(command, "commands", {}))
    for page in ("README.md", "docs/cli.md"):
        text = (root / page).read_text(encoding="utf-8")
        used = set(re.findall(r"(?:^    (?:\.venv/bin/)?|`)edgeflow ([a-z]+)", text, re.MULTILINE))
        assert used
        assert used <= names, page


def test_the_fleet_on_the_page_is_the_example(root: Path) -> None:
    page = (root / "docs" / "cli.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    example = root / "docs" / "examples" / "fleet.yaml"
    assert yaml.safe_load(shown) == yaml.safe_load(example.read_text(encoding="utf-8"))
    assert [flow.name for flow in read_fleet_file(example)] == ["First flow"]


def test_the_example_can_be_published(root: Path) -> None:
    assert list(graph_faults(read_flow_file(root / "docs" / "examples" / "first-flow.json").definition)) == []


def test_the_client_is_made_for_the_version_that_the_document_has(root: Path) -> None:
    document = json.loads((root / "docs" / "openapi.json").read_text(encoding="utf-8"))
    assert document["info"]["version"] == API_VERSION


def test_the_recording_is_current(root: Path) -> None:
    kept = (root / PLACE).read_text(encoding="utf-8")
    assert kept == written(), "run `make recording`"
    assert not re.findall(r"(?:href|src|url\()\W*https?:", kept), "whoever looks at it fetches nothing"
    for page in ("README.md", "docs/cli.md"):
        assert "cli.svg)" in (root / page).read_text(encoding="utf-8")
