"""What the agent keeps on disk, and whether the runtime of this device can run it."""

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

import pytest

from edge_agent.disk.secrets import SECRETS_FILE, SecretStore
from edge_agent.disk.slots import InstalledVersion
from edge_agent.disk.state import AgentState, StateFile
from edge_agent.disk.store import ArtifactStore
from edgeflow.contract.flow import FlowArtifact
from tests.support.ports import free_ports
from tests.unit.edge_agent.device import FLOW, NOON, sha256, sha256_of
from tests.unit.edge_agent.doctor.examined_device import Device
from tests.unit.edge_agent.flows.node_red.stand_in import StandIn, stand_in_for_node_red

NEEDED = ("catch", "status", "complete", "function", "debug")
"""The types that Node-RED must have for a flow with a native node of type ``debug``."""
NATIVE = {"nodes": [{"id": "n", "type": "node-red", "config": {"flows": [{"id": "a", "type": "debug"}]}}]}


@pytest.fixture
def node_red(device: Device) -> Iterator[StandIn]:
    """A Node-RED that runs the device's flows."""
    with stand_in_for_node_red() as made:
        made.answer("GET /nodes", 200, json.dumps([{"types": NEEDED, "enabled": True}]).encode())
        device.settings["runtime"] = "node-red"
        device.tables = f'[node_red]\nurl = "{made.url}"'
        yield made


NAMES_A_SECRET = {
    "nodes": [{"id": "out", "type": "mqtt_out", "config": {"topic": "x/${secret:PART}"}}],
}


def test_a_flow_whose_secret_is_missing(device: Device) -> None:
    _live(device, NAMES_A_SECRET)
    found = device.fault("flows")
    assert "secret PART is not set on this device" in found.sentence
    assert "edgeflow-agent secret set" in found.remedy
    credentials = device.folder / "credentials"
    credentials.mkdir()
    (credentials / "secret.PART").write_text("hidden")
    device.sources = dataclasses.replace(device.sources, credentials=lambda: credentials)
    (named,) = (finding for finding in device.findings() if finding.name == "secrets")
    assert named.sentence == "1 are set: PART (systemd)"
    assert "flows" not in device.bad()


def test_secrets_that_others_can_read(device: Device) -> None:
    SecretStore(device.data).set("PART", "hidden")
    (device.data / SECRETS_FILE).chmod(0o644)
    assert f"chmod 600 {device.data / SECRETS_FILE}" in device.fault("secrets").sentence


def _live(device: Device, definition: dict[str, Any]) -> None:
    content = FlowArtifact.model_validate({"definition": definition}).canonical_bytes()
    ArtifactStore(device.data).put(sha256_of(content), content)
    live = InstalledVersion(version=3, sha256=sha256_of(content), since=NOON)
    device.keep(AgentState(sequence=1, flows={FLOW: live}))


def test_state_that_is_damaged(device: Device) -> None:
    (device.data / "state.json").write_text("{")
    assert "damaged" in device.fault("state").sentence


@pytest.mark.parametrize("content", [None, b"{}"])
def test_an_artifact_of_what_runs_that_is_gone_or_damaged(device: Device, content: bytes | None) -> None:
    path = device.data / "artifacts" / f"{sha256(1)}.json"
    path.unlink() if content is None else path.write_bytes(content)
    found = device.fault("artifacts")
    assert (found.level, "version 1 (live)" in found.sentence) == ("fail", True)


def test_an_artifact_that_is_wanted_only_for_going_back(device: Device) -> None:
    before = InstalledVersion(version=2, sha256=sha256(2), since=NOON)
    state = StateFile(device.data, lambda: NOON).state
    device.keep(state.model_copy(update={"previous": {FLOW: before}}))
    found = device.fault("artifacts")
    assert (found.level, "version 2 (before)" in found.sentence) == ("warn", True)


@pytest.mark.parametrize(
    "content",
    [
        b'{"schema": "edgeflow.flow/1", "definition": {"nodes": 7}}',
        b'{"schema": "edgeflow.flow/1", "definition": {"nodes": [{"id": "n1", "type": "unheard_of"}]}}',
    ],
)
def test_a_flow_that_this_agent_cannot_run(device: Device, content: bytes) -> None:
    ArtifactStore(device.data).put(sha256_of(content), content)
    standby = InstalledVersion(version=4, sha256=sha256_of(content), since=NOON)
    state = StateFile(device.data, lambda: NOON).state
    device.keep(state.model_copy(update={"standby": {FLOW: standby}}))
    found = device.fault("flows")
    assert (found.level, "version 4 (standing by)" in found.sentence) == ("fail", True)


def test_the_devices_own_value_of_a_variable_is_looked_at(device: Device) -> None:
    _live(
        device,
        {
            "nodes": [{"id": "n", "type": "debug"}],
            "variables": [{"name": "limit", "type": "number", "value": "30"}],
        },
    )
    assert "flows" not in device.bad()
    device.tables = f'[flow_variables.{FLOW}]\nlimit = "high"'
    assert "variable limit: this device's own value in the agent's settings" in device.fault("flows").sentence


def test_a_flow_that_only_node_red_can_run(device: Device, node_red: StandIn) -> None:
    _live(device, NATIVE)
    bad = device.bad()
    assert ("runtime" in bad, "flows" in bad) == (False, False)
    assert [asked for asked, _, _ in node_red.asked if not asked.startswith("GET ")] == [], "nothing is changed"
    device.settings["runtime"] = "builtin"
    assert "this agent has no node type node-red" in device.fault("flows").sentence


def test_a_flow_that_only_the_built_in_runtime_can_run(device: Device, node_red: StandIn) -> None:
    _live(device, {"nodes": [{"id": "n", "type": "file", "config": {"action": "read", "path": "a.txt"}}]})
    assert "no translation to Node-RED of file" in device.fault("flows").sentence
    assert node_red.asked != []
    device.settings["runtime"] = "builtin"
    assert "flows" not in device.bad()


def test_a_type_that_node_red_lacks(device: Device, node_red: StandIn) -> None:
    _live(device, NATIVE)
    node_red.answer("GET /nodes", 200, json.dumps([{"types": NEEDED[:-1], "enabled": True}]).encode())
    assert "Node-RED has no node type debug" in device.fault("flows").sentence


def test_a_node_red_that_does_not_answer_or_refuses(device: Device, node_red: StandIn) -> None:
    _live(device, NATIVE)
    node_red.answer("GET /nodes", 401, b"Unauthorized")
    found = device.fault("runtime")
    assert (found.level, "refuses GET /nodes with 401" in found.sentence) == ("fail", True)
    device.tables = f'[node_red]\nurl = "http://127.0.0.1:{free_ports(1)[0]}"'
    assert "cannot be reached" in device.fault("runtime").sentence
    found = device.fault("flows")
    assert (found.level, "not known" in found.sentence) == ("warn", True)


def test_a_token_of_node_red_that_cannot_be_read(device: Device, node_red: StandIn) -> None:
    _live(device, NATIVE)
    (device.folder / "token").write_bytes(b"\xff")
    device.tables += '\ntoken_file = "token"'
    assert "node_red.token_file" in device.fault("runtime").sentence
    assert node_red.asked == []
