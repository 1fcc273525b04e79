"""One Node-RED for all these tests; each begins with an empty one that runs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.node_red import LocalNodeRed
from tests.support.node_red_device import NodeRedDevice


@pytest.fixture(scope="session")
def the_node_red(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalNodeRed]:
    """A Node-RED in a folder of its own."""
    made = LocalNodeRed(tmp_path_factory.mktemp("node-red"))
    yield made
    made.stop()


@pytest.fixture
def node_red(the_node_red: LocalNodeRed) -> LocalNodeRed:
    """A Node-RED that runs, without flows."""
    the_node_red.start()
    the_node_red.deploy([])
    return the_node_red


@pytest.fixture
def device(node_red: LocalNodeRed, tmp_path: Path) -> Iterator[NodeRedDevice]:
    """A device whose flows Node-RED runs; not switched on yet."""
    made = NodeRedDevice(tmp_path / "device", node_red)
    yield made
    made.switch_off()
