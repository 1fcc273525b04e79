"""What the tests of ``doctor`` share."""

from pathlib import Path

import pytest

from edge_agent.disk.slots import InstalledVersion
from edge_agent.disk.state import AgentState
from edge_agent.disk.store import ArtifactStore
from tests.unit.edge_agent.device import FLOW, NOON, artifact_bytes, sha256
from tests.unit.edge_agent.doctor.examined_device import Device
from tests.unit.edge_agent.keys import Authority


@pytest.fixture
def device(tmp_path: Path) -> Device:
    """A device that nobody serves."""
    found = Device(tmp_path, Authority(tmp_path / "keys"))
    live = InstalledVersion(version=1, sha256=sha256(1), since=NOON)
    ArtifactStore(found.data).put(sha256(1), artifact_bytes(1))
    found.keep(AgentState(sequence=1, flows={FLOW: live}))
    return found
