"""A Node-RED that asks for a token: the permissions that docs/node-red.md names are enough, and fewer are not."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from edge_agent.flows.node_red.client import NodeRedFault
from edgeflow.contract.flow import Definition, Node
from edgeflow.contract.report import Health
from tests.support.node_red import LocalNodeRed
from tests.support.node_red_device import NodeRedDevice

AUTH = """{
    type: "credentials",
    users: [],
    tokens: async (token) => ({
        agent: {username: "agent", permissions: ["flows.read", "flows.write", "nodes.read", "context.read"]},
        reader: {username: "reader", permissions: ["flows.read", "nodes.read", "context.read"]},
    })[token] || null,
}"""
COUNTS = Definition(nodes=(Node(id="count", type="inject", config={"interval": "1s"}),))


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[LocalNodeRed]:
    """A Node-RED of its own."""
    made = LocalNodeRed(tmp_path / "node-red", admin_auth=AUTH)
    made.client = replace(made.client, token="agent")
    made.start()
    yield made
    made.stop()


def test_a_token_is_needed_and_its_permissions_count(guarded: LocalNodeRed, tmp_path: Path) -> None:
    with pytest.raises(NodeRedFault, match=r"with 401 \(Unauthorized\); give a token"):
        replace(guarded.client, token="wrong").flows()
    device = NodeRedDevice(tmp_path / "device", guarded)
    device.publish(1, COUNTS)
    try:
        device.switch_on()
        assert device.do("apply", 1) == "SUCCEEDED"
        device.switch_off()
        device.client = replace(guarded.client, token="reader")
        device.switch_on()
        device.wait_for_health(Health.HEALTHY)  # nothing is to be changed
        device.publish(2, Definition(nodes=(Node(id="log", type="debug"),)))
        assert device.do("apply", 2) == "FAILED"
        assert "refuses POST /flows with 401" in device.details["message"]
        assert device.tabs() == ["flow_1 version 1 (blue)"]
        device.wait_for_version(1)
    finally:
        device.switch_off()
