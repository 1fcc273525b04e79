"""A flow with secrets at work: those who are meant get them, and nothing that is told of the flow shows one.

The site that is asked repeats all that it got, in its answers and in where it redirects to; a node of a package logs
and raises what it has. So each way by which a value could come out is taken.
"""

import base64
import dataclasses
import json
import logging
import urllib.parse
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge_agent.disk.slots import InstalledVersion, Slots
from edge_agent.disk.store import ArtifactStore
from edge_agent.flows.builtin.context import FlowContext
from edge_agent.flows.builtin.io import IoLoop
from edge_agent.flows.builtin.nodes import NODE_TYPES
from edge_agent.flows.builtin.nodes.base import Emit, Node, Schedule
from edge_agent.flows.builtin.nodes.debug import DebugNode
from edge_agent.flows.language.secrets import Redactor, Secrets
from edge_agent.process.logs import JsonFormatter, TextFormatter
from edgeflow.contract.nodes.base import NodeSettings
from edgeflow.contract.report import Health
from tests.support.in_process import InProcessSupervisor
from tests.support.site import Site, serving
from tests.support.waiting import wait_for
from tests.unit.edge_agent.device import FLOW, NOON, sha256_of
from tests.unit.edge_agent.flows.builtin.bench import Bench, artifact, chain, node, variable

VALUES = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=6, max_size=20).map("~{}~".format)
"""No text that the agent writes by itself holds two tildes."""
TOPIC_VALUES = st.from_regex(r"zz[A-Za-z0-9_.-]{4,12}zz", fullmatch=True)


class Records(logging.Handler):
    """Keeps every line that the agent's log would have, in both formats."""

    def __init__(self, secrets: dict[str, str]) -> None:
        super().__init__(logging.DEBUG)
        redact = Redactor(secrets.values())
        self.formats = (TextFormatter(redact), JsonFormatter(lambda: None, redact))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines += [each.format(record) for each in self.formats]


class Blurts(Node[NodeSettings]):
    """Raises and logs all it can know of the flow's secrets."""

    settings_type: ClassVar[type[NodeSettings]] = NodeSettings
    takes_messages: ClassVar[bool] = False

    def start(self, emit: Emit, schedule: Schedule) -> None:  # noqa: ARG002  that of the base
        secrets = dict(self.environment.context.secrets)
        logging.getLogger("acme").warning("it has %s in %r", secrets, self.environment.context)
        message = f"{secrets!r} {json.dumps(secrets)} {base64.b64encode(repr(secrets).encode()).decode()}"
        raise KeyError(message)


@pytest.fixture
def blurting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let there be a node of a package that tells everything."""
    get = type(NODE_TYPES).get
    monkeypatch.setattr(
        type(NODE_TYPES), "get", lambda self, name: Blurts if name == "acme-blurts" else get(self, name)
    )


@pytest.mark.slow
@pytest.mark.usefixtures("blurting")
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(token=VALUES, password=VALUES, key=VALUES, part=TOPIC_VALUES)
def test_nothing_that_is_told_of_a_flow_shows_a_secret(  # noqa: PLR0917  fixtures and values
    site: Site, io: IoLoop, token: str, password: str, key: str, part: str
) -> None:
    secrets = {"TOKEN": token, "PASSWORD": password, "KEY": key, "PART": part}
    quoted = urllib.parse.quote(key, safe="")
    site.answers["/astray"] = (302, f"ftp://127.0.0.1/{quoted}/{key}".encode())
    site.answers[f"/refused/{quoted}"] = (403, b"")
    site.answers[f"/text/{quoted}"] = (200, b"no JSON")
    records = Records(secrets)
    root = logging.getLogger()
    before = root.level
    root.addHandler(records)
    root.setLevel(logging.DEBUG)
    url = f"{site.address}/echo/${{secret:KEY}}"
    login = {"username": "${user}", "password": "${secret:PASSWORD}"}
    definition: dict[str, Any] = {
        "nodes": [
            node("in", "inject", payload=1),
            node("ask", "http_request", url=f"{url}?k=${{secret:KEY}}", headers={"X": "${secret:TOKEN}"}, **login),
            node("astray", "http_request", url=f"{site.address}/astray?k=${{secret:KEY}}", **login),
            node("refused", "http_request", url=f"{site.address}/refused/${{secret:KEY}}", **login),
            node("text", "http_request", url=f"{site.address}/text/${{secret:KEY}}", **login),
            node("seen", "debug"),
            node("caught", "catch"),
            node("out", "mqtt_out", topic="x/${secret:PART}"),
            node("blurts", "acme-blurts"),
        ],
        "connections": [
            *({"source": "in", "target": each} for each in ("ask", "astray", "refused", "text", "out")),
            {"source": "ask", "target": "seen"},
            {"source": "caught", "target": "seen"},
        ],
        "variables": [variable("user", "string", "operator")],
        "health_checks": [
            {"type": "http", "name": "up", "url": f"{site.address}/refused/${{secret:KEY}}", "grace": "1s"}
        ],
    }
    try:
        with Bench(definition, io=io, secrets=secrets, allow_loopback=True) as bench:
            bench.broker.failure = OSError(f"no way to {part}")
            seen = bench.flow.node("seen")
            assert isinstance(seen, DebugNode)

            def all_told() -> bool | None:
                bench.clock.advance(1)
                return (len(bench.errors()) >= 5 and len(seen.messages) >= 5) or None

            wait_for(all_told, what="every node has said what it says", seconds=20)
            reports = [*bench.flow.health()[1], *bench.flow.failures(), *bench.flow.activity().nodes]
            kept = [dataclasses.asdict(message) for message in seen.messages]
    finally:
        root.setLevel(before)
        root.removeHandler(records)
    told = [*records.lines, *(each.model_dump_json() for each in reports), json.dumps(kept), repr(kept)]
    both = base64.b64encode(f"operator:{password}".encode()).decode()
    for secret in (*secrets.values(), both):
        assert [text for text in told if secret in text] == []
    asked = next(each for each in site.asked if each.path.startswith("/echo/"))
    assert asked.headers["X"] == token
    assert asked.headers["Authorization"] == f"Basic {both}"
    assert bench.broker.attempts
    site.asked.clear()


def _wait_for_message(node: DebugNode) -> None:
    wait_for(lambda: bool(node.messages) or None, what="an answer came", seconds=10)


def test_a_redirect_to_somebody_else_gets_no_header_of_the_flow(site: Site, io: IoLoop) -> None:
    with serving() as other:
        site.answers["/away"] = (302, f"{other.address}/x".encode())
        site.answers["/here"] = (302, b"/y")
        settings = {"headers": {"X-Key": "${secret:TOKEN}"}, "username": "u", "password": "${secret:TOKEN}"}
        for path, asked in (("/away", other.asked), ("/here", site.asked)):
            definition = chain(
                node("in", "inject"),
                node("ask", "http_request", url=site.address + path, **settings),
                node("out", "debug"),
            )
            with Bench(definition, io=io, secrets={"TOKEN": "some token"}, allow_loopback=True) as bench:
                out = bench.flow.node("out")
                assert isinstance(out, DebugNode)
                _wait_for_message(out)
            headers = {name.lower() for name in asked[-1].headers}
            assert headers.isdisjoint({"x-key", "authorization"}) is (path == "/away")


def test_a_flow_is_started_with_the_secrets_of_then_and_gets_no_others(tmp_path: Path) -> None:
    given = {"TOKEN": "the old one", "OTHER": "of another flow"}
    store = ArtifactStore(tmp_path)
    supervisor = InProcessSupervisor(
        store,
        lambda flow_id: FlowContext(device_id="d", flow_id=flow_id, hardware={}, publish=lambda *_, **__: None),
        on_change=lambda: None,
        secrets=lambda: Secrets(values=dict(given)),
    )
    content = artifact({"nodes": [node("out", "mqtt_out", topic="${secret:TOKEN}")]}).canonical_bytes()
    store.put(sha256_of(content), content)
    live = InstalledVersion(version=1, sha256=sha256_of(content), since=NOON)
    del given["TOKEN"]
    supervisor.arrange(FLOW, Slots(live))
    health, (complaint,) = supervisor.health(FLOW)
    assert (health, supervisor.running()) == (Health.UNHEALTHY, {})
    assert complaint.error.startswith(
        "secret TOKEN is not set on this device; set it there with: edgeflow-agent secret"
    )
    given["TOKEN"] = "set-later"
    supervisor.arrange(FLOW, Slots(live))
    wait_for(lambda: supervisor.health(FLOW)[0] is Health.HEALTHY or None, what="it runs", seconds=10)
    supervisor.stop()
