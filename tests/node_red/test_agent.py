"""The agent as a whole with a real Node-RED, and no cloud to connect to."""

from pathlib import Path

from edge_agent.agent import Agent
from edge_agent.config import AgentConfig
from edge_agent.disk.slots import InstalledVersion
from edge_agent.disk.state import AgentState, StateFile
from edge_agent.disk.store import ArtifactStore
from edgeflow.contract.report import Slot
from tests.support.node_red import LocalNodeRed
from tests.support.waiting import wait_for
from tests.unit.edge_agent.device import FLOW, NOON, artifact_bytes, sha256
from tests.unit.edge_agent.keys import write_keys


def test_an_agent_brings_up_its_flows_in_node_red_and_leaves_them_there(node_red: LocalNodeRed, tmp_path: Path) -> None:
    certificate, key = write_keys(tmp_path)
    data = tmp_path / "data"
    held = {}
    for version, slot in ((1, Slot.BLUE), (2, Slot.GREEN)):
        ArtifactStore(data).put(sha256(version), artifact_bytes(version))
        held[version] = InstalledVersion(version=version, sha256=sha256(version), since=NOON, slot=slot)
    StateFile(data, lambda: NOON).write(AgentState(sequence=1, flows={FLOW: held[1]}, standby={FLOW: held[2]}))
    config = AgentConfig.model_validate(
        {
            "device_id": "dev_001",
            "endpoint": "127.0.0.1",
            "port": 9,
            "certificate": certificate,
            "private_key": key,
            "data_directory": data,
            "jitter": 0,
            "runtime": "node-red",
            "node_red": {"url": node_red.url},
        }
    )
    agent = Agent(config)
    try:
        agent.start()
        wait_for(lambda: agent.running() == {FLOW: 1} or None, what="version 1 runs", seconds=20)
        assert agent.standing_by() == {FLOW: 2}
    finally:
        agent.stop()
    assert agent.running() == {}
    labels = sorted(item["label"] for item in node_red.client.flows() if item["type"] == "tab")
    assert labels == ["flow_1 version 1 (blue)", "flow_1 version 2 (green)"]
