"""The command line over the client and the API's own handler, with files in a folder of the test."""

import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from edgeflow.cli.main import app
from edgeflow.cli.surroundings import Surroundings
from edgeflow.client import Retries
from tests.support.handler_transport import URL, HandlerTransport
from tests.support.rest import Rest
from tests.unit.api.conftest import flow_id, machines, rest

__all__ = ["flow_id", "machines", "rest"]

BASIC = "Basic " + b64encode(b"id:secret").decode()
TOKEN_URL = "https://pool.test/oauth2/token"


@dataclass(frozen=True)
class Said:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:  # noqa: ANN401  JSON can be anything
        """Standard output, read as JSON."""
        return json.loads(self.out)


@dataclass
class CommandLine:
    """Somebody at a shell, with these variables; ``at`` is what the clock there shows, in seconds since 1970."""

    transport: HandlerTransport
    environ: dict[str, str]
    waits: list[float] = field(default_factory=list)
    at: float | None = None
    open_browser: Callable[[str], object] = lambda _: False

    def __call__(self, *arguments: str, typed: str = "") -> Said:
        """Carry out one command."""
        retries = Retries(sleep=self.waits.append, draw=lambda _, most: most)
        around = Surroundings(
            environ=self.environ,
            transport=self.transport,
            retries=retries,
            open_browser=self.open_browser,
            sign_in_ports=(0,),
        )
        if self.at is not None:
            moment = datetime.fromtimestamp(self.at, UTC)
            around.now = lambda: moment
        result = CliRunner().invoke(app, arguments, input=typed, obj=around)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        # The API logs to standard output, as functions do.
        out = "".join(line for line in result.stdout.splitlines(keepends=True) if not line.startswith('{"'))
        return Said(result.exit_code, out, result.stderr)


@pytest.fixture
def transport(rest: Rest) -> HandlerTransport:
    """The way to the API, and to a user pool that knows one secret."""
    return with_pool(HandlerTransport(rest))


def with_pool(made: HandlerTransport) -> HandlerTransport:
    """Put a user pool on the way to the API."""

    def pool(request: httpx.Request) -> httpx.Response | None:
        if request.url != TOKEN_URL:
            return None
        if request.headers["Authorization"] != BASIC:
            return httpx.Response(400, json={"error": "invalid_client"})
        return httpx.Response(200, json={"access_token": "granted", "expires_in": 3600})

    made.on_way = pool
    return made


@pytest.fixture
def nobody(transport: HandlerTransport, tmp_path: Path) -> CommandLine:
    """Somebody who has not signed in."""
    return CommandLine(transport, {"HOME": str(tmp_path)})


@pytest.fixture
def edgeflow(nobody: CommandLine) -> CommandLine:
    """Somebody whose environment says all."""
    nobody.environ |= {"EDGEFLOW_URL": URL, "EDGEFLOW_TOKEN": "token"}
    return nobody


@pytest.fixture
def alone(tmp_path: Path) -> CommandLine:
    """Somebody whose environment says all, and no API: what a test does not answer itself is an empty list."""
    return CommandLine(HandlerTransport(None), {"HOME": str(tmp_path), "EDGEFLOW_URL": URL, "EDGEFLOW_TOKEN": "token"})


@pytest.fixture
def flow_file(tmp_path: Path) -> Callable[[object], str]:
    """Write a flow, and return its path."""

    def write(document: object) -> str:
        path = tmp_path / "flow.json"
        path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
        return str(path)

    return write
