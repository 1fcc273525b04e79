"""Wrong usage and failures: one sentence, the right exit code, and nothing on standard output."""

from collections.abc import Callable
from importlib.metadata import version

import httpx
import pytest

from tests.support.handler_transport import HandlerTransport
from tests.unit.cli.conftest import CommandLine, with_pool

TO = "dev_001"
FlowFile = Callable[[object], str]


@pytest.fixture
def transport() -> HandlerTransport:
    """The way to an API that has nothing."""
    return with_pool(HandlerTransport(None))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--strategy", "rolling"], "/target_devices: name at least one device here"),
        (["--strategy", "slow", "--to", TO], "/strategy: must be"),
        (["--strategy", "rolling", "--to", TO, "--set", "canary_delay=5m"], "/config/canary_delay: unknown key"),
        (["--strategy", "rolling", "--to", TO, "--set", "batch_size"], "write it as NAME=VALUE"),
        (["--strategy", "rolling", "--to", TO, "--timeout", "5m"], "--timeout goes with --wait"),
        (["--strategy", "rolling", "--to", TO, "--wait", "--timeout", "soon"], "is not a duration"),
        (["--strategy", "rolling", "--to", TO, "--wait", "--no-start"], "--no-start"),
        (["--to", TO], "--strategy"),
    ],
)
def test_wrong_usage_sends_nothing(
    edgeflow: CommandLine, transport: HandlerTransport, arguments: list[str], told: str
) -> None:
    said = edgeflow("deploy", "flow_1", *arguments)
    assert said.code == 2
    assert told in said.err
    assert said.out == ""
    assert transport.requests == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "is no JSON"),
        ('{"name": "a", "name": "b"}', "is given twice"),
        ('{"name": 5}', "/name: must be a string"),
        ('{"name": "a", "wires": []}', "/wires: unknown key"),
        ("[]", "the document: must be an object"),
    ],
)
def test_a_file_that_is_no_flow(edgeflow: CommandLine, flow_file: FlowFile, text: str, told: str) -> None:
    said = edgeflow("flows", "create", flow_file(text))
    assert said.code == 2
    assert said.out == ""
    assert told in said.err
    assert said.err.count("\n") == 1


def test_a_file_that_is_not_there(edgeflow: CommandLine) -> None:
    said = edgeflow("flows", "create", "/nowhere/flow.json")
    assert (said.code, said.out) == (1, "")
    assert said.err == "edgeflow: /nowhere/flow.json cannot be read: No such file or directory\n"


def test_what_a_device_says_does_not_act_on_the_terminal(edgeflow: CommandLine, transport: HandlerTransport) -> None:
    device = {"device_id": "dev_001", "state": "registered\x1b]0;gotcha\x07", "connected": True, "last_seen": None}
    rest = {"health": "[red]x[/red]", "agent_version": None, "registered_at": None, "registered_by": None}
    page = {"devices": [device | rest], "next_cursor": None}
    transport.on_way = lambda request: httpx.Response(200, json=page, request=request)
    said = edgeflow("devices", "list").out
    assert "\x1b" not in said
    assert "\x07" not in said
    assert "[red]x[/red]" in said


@pytest.mark.parametrize("status", [500, 503])
def test_an_api_that_fails_is_a_sentence(edgeflow: CommandLine, transport: HandlerTransport, status: int) -> None:
    problem = {"code": "internal", "detail": "something failed"}
    transport.on_way = lambda request: httpx.Response(status, json=problem, request=request)
    said = edgeflow("devices", "list", "--json")
    assert (said.code, said.out) == (1, "")
    assert said.err == f"edgeflow: something failed (HTTP {status})\n"


def test_the_version_is_told_without_a_command(nobody: CommandLine) -> None:
    said = nobody("--version")
    assert (said.code, said.out) == (0, f"{version('edgeflow')}\n")
