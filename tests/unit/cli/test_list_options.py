"""Options of the commands that list: each reaches the API as it is meant, and what is none is sent nowhere."""

from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from edgeflow.cli.list_options import one_of_several
from edgeflow.cli.main import app
from edgeflow.contract.rest.deployments import DeploymentPage
from openapi.examples import ANSWERS
from tests.unit.cli.conftest import CommandLine

SPAN = ("--created-from", "2026-02-21T12:00:00+02:00", "--created-to", "2026-02-22T00:00:00Z")
OF_THE_SPAN = {"created_from": "2026-02-21T10:00:00Z", "created_to": "2026-02-22T00:00:00Z"}
NEWEST = {"sort": "newest", "limit": "100"}


def _asked(alone: CommandLine, *arguments: str) -> dict[str, Any]:
    """Return the parameters of the one request that a command makes."""
    alone.transport.on_way = lambda request: httpx.Response(
        200, json={arguments[0]: [], "next_cursor": None}, request=request
    )
    said = alone(*arguments, "--json")
    assert (said.code, said.document) == (0, {arguments[0]: []})
    (request,) = alone.transport.requests
    return dict(request.url.params)


@pytest.mark.parametrize("listed", ["flows", "deployments"])
def test_times_and_order_of_a_list_are_asked_for(alone: CommandLine, listed: str) -> None:
    assert _asked(alone, listed, "list", *SPAN, "--sort", "oldest") == OF_THE_SPAN | {"sort": "oldest", "limit": "100"}


@pytest.mark.parametrize(
    ("arguments", "asked"),
    [
        (("flows", "list"), NEWEST),
        (("flows", "list", "--status", "draft,archived"), NEWEST | {"status": "draft,archived"}),
        (("deployments", "list"), NEWEST),
        (("deployments", "list", "--status", "running,paused"), NEWEST | {"status": "running,paused"}),
        (("deployments", "list", "--device", "dev:1"), NEWEST | {"device_id": "dev:1"}),
        (("devices", "list"), {"limit": "100"}),
        (("devices", "list", "--agent-version", "1.2.0"), {"agent_version": "1.2.0", "limit": "100"}),
    ],
)
def test_only_what_is_given_is_asked_for(alone: CommandLine, arguments: tuple[str, ...], asked: dict[str, str]) -> None:
    assert _asked(alone, *arguments) == asked


@pytest.mark.parametrize("listed", ["flows", "deployments"])
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--created-from", "yesterday"), "/created_from: must be a moment"),
        (("--created-from", "2026-02-22T00:00:00Z", "--created-to", "2026-02-22T00:00:00Z"), "later than created_from"),
        (("--status", "ready"), "/status"),
        (("--sort", "name"), "--sort"),
    ],
)
def test_what_is_no_filter_is_sent_nowhere(
    alone: CommandLine, listed: str, arguments: tuple[str, ...], told: str
) -> None:
    said = alone(listed, "list", *arguments)
    assert (said.code, said.out) == (2, "")
    assert told in said.err
    assert alone.transport.requests == []


@pytest.mark.parametrize(
    ("begun", "completed"),
    [
        ("", ["draft", "published", "archived"]),
        ("p", ["published"]),
        ("draft,", ["draft,published", "draft,archived"]),
        ("draft,archived,p", ["draft,archived,published"]),
        ("draft,x", []),
    ],
)
def test_the_last_of_several_names_is_completed(begun: str, completed: list[str]) -> None:
    assert one_of_several(["draft", "published", "archived"])(begun) == completed


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("flows list --sort ", ["newest", "oldest"]),
        ("deployments list --sort o", ["oldest"]),
        ("flows list --status draft,p", ["draft,published"]),
        ("deployments list --status running,p", ["running,pending", "running,paused"]),
    ],
)
def test_a_shell_is_told_what_an_option_can_be(typed: str, completed: list[str]) -> None:
    asked = {"_EDGEFLOW_COMPLETE": "complete_bash", "COMP_WORDS": f"edgeflow {typed}", "COMP_CWORD": "4"}
    told = CliRunner().invoke(app, [], prog_name="edgeflow", env=asked)
    assert told.stdout.split() == completed


def test_a_device_s_deployments_say_what_became_of_it(alone: CommandLine) -> None:
    (page,) = [each["value"] for name, each in ANSWERS[DeploymentPage].items() if name == "of_a_device"]
    gone = {"id": "dep_gone", "unreadable": True}
    body = page | {"deployments": [*page["deployments"], gone]}
    alone.transport.on_way = lambda request: httpx.Response(200, json=body, request=request)
    heading, known, unreadable = alone("deployments", "list", "--device", "dev_001").out.splitlines()
    columns = heading.split()
    assert columns[4:] == ["status", "target.status", "target.wave", "target.reason", "created_at"]
    assert known.split()[4:8] == ["running", "success", "1", "-"]
    assert unreadable.split() == ["dep_gone"] + ["-"] * (len(columns) - 1)
