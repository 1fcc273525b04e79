"""Workers for these tests, forked from one server that has the ill nodes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_agent.flows.workers.forking import ForkServerProcess
from edge_agent.flows.workers.kernel import children_of
from tests.support.ill_nodes import as_package
from tests.support.waiting import wait_for
from tests.unit.edge_agent.flows.workers.works import Works


@pytest.fixture(scope="session")
def fork_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForkServerProcess]:
    """The fork server of all these tests."""
    server = ForkServerProcess(as_package(tmp_path_factory.mktemp("packages")))
    yield server
    server.stop()


@pytest.fixture
def works(tmp_path: Path, fork_server: ForkServerProcess) -> Iterator[Works]:
    """A device; nothing of it is left afterwards."""
    made = Works(tmp_path, fork_server)
    yield made
    made.runtime.stop()
    assert made.failures == 0, "the thread that speaks with workers goes on"
    server = fork_server.process
    assert server is not None
    wait_for(lambda: not children_of(server) or None, what="no process is left")
