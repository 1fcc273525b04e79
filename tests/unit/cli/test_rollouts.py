"""``edgeflow deploy``, ``watch``, ``retry``, and what is done with a deployment in between."""

import json
from collections.abc import Callable
from io import StringIO

import httpx
import pytest
from rich.console import Console

from edgeflow.cli.following import follow
from edgeflow.cli.screen import Screen
from edgeflow.client import BearerToken, Client, Retries
from tests.support.handler_transport import URL, HandlerTransport
from tests.support.rest import Rest
from tests.unit.api.conftest import DEVICES
from tests.unit.cli.conftest import CommandLine

pytestmark = pytest.mark.usefixtures("machines")
TO = ",".join(DEVICES)


def _ends(transport: HandlerTransport, status: str) -> Callable[[httpx.Request], httpx.Response | None]:
    """Let the second look at any deployment find that it has ended so."""
    looks: list[str] = []

    def look(request: httpx.Request) -> httpx.Response | None:
        if request.method != "GET" or "/deployments/dep_" not in request.url.path:
            return None
        looks.append(request.url.path)
        if len(looks) < 2:
            return None
        transport.on_way = lambda _: None
        plain = httpx.Request("GET", request.url, headers={"Authorization": "Bearer token"})
        body = json.loads(transport.handle_request(plain).text)
        return httpx.Response(200, json=body | {"status": status, "status_reason": "so it is", "waits_for": None})

    return look


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("completed", 0),
        ("rolled_back", 3),
        pytest.param("failed", 4, marks=pytest.mark.slow),
        pytest.param("cancelled", 5, marks=pytest.mark.slow),
    ],
)
def test_the_exit_code_says_how_it_ended(
    edgeflow: CommandLine, transport: HandlerTransport, flow_id: str, status: str, code: int
) -> None:
    transport.on_way = _ends(transport, status)
    said = edgeflow(
        *("deploy", flow_id, "--to", TO, "--strategy", "rolling", "--set", "batch_size=1", "--set", "batch_delay=0s"),
        "--wait",
    )
    assert (said.code, said.err) == (code, "")
    lines = said.out.splitlines()
    assert lines[0].endswith(" is started")
    assert lines[1].startswith("running ")
    assert lines[2].startswith(status)
    assert lines[2].endswith("so it is")
    assert ("tells what happened" in said.out) is (code != 0)


@pytest.mark.slow
def test_json_is_one_document_and_lines_go_elsewhere(
    edgeflow: CommandLine, transport: HandlerTransport, flow_id: str
) -> None:
    transport.on_way = _ends(transport, "completed")
    said = edgeflow("deploy", flow_id, "--to", TO, "--strategy", "all-at-once", "--wait", "--json")
    assert said.code == 0
    assert said.document["status"] == "completed"
    assert "is started" in said.err


def test_what_is_asked_for_is_what_is_created(edgeflow: CommandLine, flow_id: str) -> None:
    said = edgeflow(
        *("deploy", "Temperature Alert", "--version", "1", "--to", "dev_001", "--to", "dev_002,dev_003"),
        *("--strategy", "canary", "--set", "canary_percentage=34", "--set", "health_check=false"),
        *("--set", "canary_delay=0s", "--no-start", "--json"),
    )
    assert said.code == 0, said.err
    made = said.document
    assert (made["flow_id"], made["flow_version"], made["status"]) == (flow_id, 1, "pending")
    assert made["total_targets"] == 3
    assert (made["config"]["canary_percentage"], made["config"]["canary_delay"]) == (34, "0s")
    assert made["config"]["health_check"] is False
    removal = edgeflow("deploy", flow_id, "--remove", "--to", "dev_001", "--strategy", "rolling", "--no-start")
    assert "action         remove\n" in removal.out


@pytest.mark.slow
def test_the_same_key_makes_no_second_deployment(edgeflow: CommandLine, flow_id: str) -> None:
    given = ("deploy", flow_id, "--to", TO, "--strategy", "rolling", "--idempotency-key", "build-7", "--json")
    assert edgeflow(*given).document["id"] == edgeflow(*given).document["id"]


@pytest.mark.slow
def test_one_that_cannot_be_started_is_named(edgeflow: CommandLine, rest: Rest, flow_id: str) -> None:
    first = edgeflow("deploy", flow_id, "--to", TO, "--strategy", "rolling", "--no-start", "--json").document["id"]
    rest("POST", f"/v1/flows/{flow_id}/archive")
    said = edgeflow("start", first)
    assert said.code == 1
    assert said.err.startswith("edgeflow: ")
    assert said.err.count("\n") == 1


def test_on_a_terminal_the_waves_are_drawn(edgeflow: CommandLine, transport: HandlerTransport, flow_id: str) -> None:
    made = edgeflow("deploy", flow_id, "--to", TO, "--strategy", "rolling", "--json").document["id"]
    transport.on_way = _ends(transport, "rolled_back")
    terminal = Console(file=StringIO(), force_terminal=True, width=120)

    class Terminal(Screen):
        live = terminal

    retries = Retries(sleep=lambda _: None)
    with Client(URL, BearerToken("token"), retries=retries, transport=transport) as client:
        assert follow(client, made, Terminal(as_json=False), None).status == "rolled_back"
    drawn = terminal.file
    assert isinstance(drawn, StringIO)
    assert "running: started by" in drawn.getvalue()
    assert "waits for its waves to be planned" in drawn.getvalue()
    assert "rolled_back: so it is" in drawn.getvalue()


def test_waiting_no_longer_leaves_it_at_work(edgeflow: CommandLine, flow_id: str) -> None:
    said = edgeflow("deploy", flow_id, "--to", TO, "--strategy", "rolling", "--wait", "--timeout", "0s")
    assert said.code == 6
    assert "has not ended within 0 s; it goes on and waits for " in said.err
    assert "`edgeflow watch dep_" in said.err


@pytest.mark.slow
def test_a_deployment_from_its_pause_to_its_end(edgeflow: CommandLine, flow_id: str) -> None:
    made = edgeflow("deploy", flow_id, "--to", TO, "--strategy", "rolling", "--json").document["id"]
    for action, status in (("pause", "paused"), ("resume", "running"), ("start", "running")):
        said = edgeflow(action, made, "--json")
        assert (said.code, said.document["status"]) == (0, status), action
    for refused in (("promote", made), ("skip", made, "dev_001"), ("retry", made)):
        said = edgeflow(*refused)
        assert (said.code, said.out) == (1, ""), refused
        assert "(HTTP 40" in said.err
    assert "status_reason" in edgeflow("cancel", made).out
    shown = edgeflow("deployments", "show", made)
    assert shown.out.startswith("cancel")
    assert "dev_002" in shown.out
    listed = edgeflow("deployments", "list", "--flow", flow_id, "--json").document["deployments"]
    assert [each["id"] for each in listed] == [made]
    targets = edgeflow("deployments", "targets", made, "--json").document["targets"]
    assert [each["device_id"] for each in targets] == DEVICES
    events = edgeflow("events", made, "--json").document["events"]
    assert [each["type"] for each in events][:4] == ["created", "started", "paused", "resumed"]
    told = edgeflow("events", made).out
    assert "cause=operator" in told
    assert edgeflow("events", flow_id, "--json").document["events"][0]["type"] == "created"


@pytest.mark.slow
def test_a_rollback_goes_back(edgeflow: CommandLine, flow_id: str) -> None:
    made = edgeflow("deploy", flow_id, "--to", TO, "--strategy", "rolling", "--json").document["id"]
    assert edgeflow("rollback", made, "--json").document["status"] == "rolling_back"
