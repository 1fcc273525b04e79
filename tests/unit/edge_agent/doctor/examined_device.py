"""A device to be examined: it is well, until a test spoils something."""

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from deployed.device_files import ARTIFACT_KEY, ORDER_KEY
from edge_agent.disk.state import AgentState, StateFile
from edge_agent.doctor.examination import Sources, examine
from edge_agent.doctor.finding import Finding, Level
from tests.support.broker import Broker
from tests.support.ports import free_ports
from tests.support.signing import LocalKey
from tests.unit.edge_agent.device import NOON
from tests.unit.edge_agent.keys import Authority

PLENTY = os.statvfs_result((4096, 4096, 10**6, 10**6, 10**6, 10**6, 10**6, 10**6, 0, 255))
PATIENCE_SECONDS = 5.0


class Dated(BaseHTTPRequestHandler):
    """Answers with the server's time, as AWS IoT does; it forbids everything."""

    ahead = timedelta()

    def do_HEAD(self) -> None:
        """Answer."""
        self.send_response_only(403)
        self.send_header("Date", format_datetime(datetime.now(UTC) + self.ahead, usegmt=True))
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


Serve = Callable[..., Broker]
"""Runs an AWS IoT for the device."""


class Device:
    """A device that is well, and whose things a test spoils before it is examined."""

    def __init__(self, folder: Path, authority: Authority) -> None:
        """Its settings name a port where nobody listens, until a test says better."""
        self.folder = folder
        self.authority = authority
        self.certificate, self.key = authority.issue("dev_001")
        for name in (ARTIFACT_KEY, ORDER_KEY):
            (folder / name).write_text(LocalKey().pem)
        self.settings: dict[str, str | int | list[str]] = {
            "device_id": "dev_001",
            "endpoint": "127.0.0.1",
            "port": free_ports(1)[0],
            "ca": str(authority.ca),
            "certificate": str(self.certificate),
            "private_key": str(self.key),
            "data_directory": str(folder / "data"),
            "artifact_keys": [ARTIFACT_KEY],
            "order_keys": [ORDER_KEY],
        }
        self.tables = ""
        self.data = folder / "data"
        self.sources = Sources(
            is_synchronised=lambda: True,
            measure=lambda _: PLENTY,
            https_port=free_ports(1)[0],
            timeout=PATIENCE_SECONDS,
        )

    def write(self) -> Path:
        """Write the settings down."""
        path = self.folder / "agent.toml"
        lines = [f"{name} = {json.dumps(value)}" for name, value in self.settings.items()]
        path.write_text("\n".join([*lines, self.tables]))
        return path

    def findings(self) -> list[Finding]:
        """Examine it."""
        return list(examine(self.write(), self.sources))

    def bad(self) -> dict[str, Finding]:
        """Return what is not ok, by name."""
        return {finding.name: finding for finding in self.findings() if finding.level is not Level.OK}

    def fault(self, name: str) -> Finding:
        """Return what is found to be wrong with one thing; it must have a remedy."""
        found = self.bad()[name]
        assert found.remedy
        return found

    def keep(self, state: AgentState) -> None:
        """Put a state on its disk."""
        StateFile(self.data, lambda: NOON).write(state)
