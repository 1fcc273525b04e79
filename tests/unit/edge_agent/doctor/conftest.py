"""What the tests of ``doctor`` share."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest

from edge_agent.disk.slots import InstalledVersion
from edge_agent.disk.state import AgentState
from edge_agent.disk.store import ArtifactStore
from tests.support.broker import Broker
from tests.unit.edge_agent.device import FLOW, NOON, artifact_bytes, sha256
from tests.unit.edge_agent.doctor.examined_device import Dated, Device, Serve
from tests.unit.edge_agent.keys import Authority


@pytest.fixture
def device(tmp_path: Path) -> Device:
    """A device that nobody serves."""
    found = Device(tmp_path, Authority(tmp_path / "keys"))
    live = InstalledVersion(version=1, sha256=sha256(1), since=NOON)
    ArtifactStore(found.data).put(sha256(1), artifact_bytes(1))
    found.keep(AgentState(sequence=1, flows={FLOW: live}))
    return found


@pytest.fixture
def serve(device: Device) -> Iterator[Serve]:
    """Run an AWS IoT for the device."""
    with ExitStack() as running:

        def start(
            context: ssl.SSLContext | None = None, *, refuses_connections: int = 0, refuses: str = r"(?!)"
        ) -> Broker:
            broker = Broker(
                context or device.authority.server_context(),
                refuses_connections=refuses_connections,
                refuses=refuses,
            )
            running.enter_context(broker)
            device.settings["port"] = broker.port
            return broker

        yield start


@pytest.fixture
def dated(device: Device) -> Iterator[type[Dated]]:
    """Run the endpoint's HTTPS; the class that it returns says by how much its clock is ahead."""

    class Handler(Dated):
        pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*device.authority.issue("https"))
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        device.sources = replace(device.sources, https_port=server.server_port)
        yield Handler
        server.shutdown()
        thread.join()
