"""Which runtime the settings ask for."""

import socket
import sys
from pathlib import Path

import pytest

from edge_agent.config import AgentConfig, ConfigError
from edge_agent.disk.crashes import CrashFile
from edge_agent.disk.store import ArtifactStore
from edge_agent.flows.language.rejected import FlowRejected
from edge_agent.flows.node_red.supervisor import NodeRedSupervisor
from edge_agent.flows.open_runtime import open_runtime
from edge_agent.flows.runtime import Runtime
from edge_agent.flows.surroundings import FlowSurroundings
from edge_agent.flows.workers.device import Device
from edge_agent.flows.workers.runtime import WorkerRuntime
from edgeflow.contract.flow import Definition, FlowArtifact, Node
from tests.support.ports import free_ports
from tests.support.waiting import wait_for

NATIVE = FlowArtifact(
    definition=Definition(nodes=(Node(id="n", type="node-red", config={"flows": [{"id": "a", "type": "debug"}]}),))
)


def _open(directory: Path, **settings: object) -> Runtime:
    (directory / "a.pem").write_text("x")
    config = AgentConfig.model_validate(
        {
            "device_id": "dev_001",
            "endpoint": "e",
            "certificate": directory / "a.pem",
            "private_key": directory / "a.pem",
            "data_directory": directory,
            **settings,
        }
    )

    device = Device(
        device_id="dev_001",
        surroundings=lambda flow_id: FlowSurroundings(device_id="dev_001", flow_id=flow_id),
        publish=lambda *_, **__: None,
        subscribe=lambda *_: lambda: None,
    )
    return open_runtime(config, ArtifactStore(directory), device, CrashFile(directory), on_change=lambda: None)


@pytest.mark.slow
def test_the_agent_itself_runs_flows_unless_told_otherwise(tmp_path: Path) -> None:
    runtime = _open(tmp_path)
    assert isinstance(runtime, WorkerRuntime)
    with pytest.raises(FlowRejected, match="this agent has no node type node-red"):
        runtime.check("flow_1", NATIVE)
    runtime.stop()


def test_a_node_red_that_cannot_be_asked_for_its_types_refuses_nothing_yet(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    runtime = _open(tmp_path, runtime="node-red", node_red={"url": f"http://127.0.0.1:{port}"})
    assert isinstance(runtime, NodeRedSupervisor)
    runtime.check("flow_1", NATIVE)
    assert runtime.report() == ()
    runtime.stop()


def test_a_node_red_that_answers_nothing_is_restarted_by_the_command_of_the_settings(tmp_path: Path) -> None:
    done = tmp_path / "done"
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings = {
            "url": f"http://127.0.0.1:{silent.getsockname()[1]}",
            "timeout": 0.5,
            "restart_after": 1,
            "restart_command": [sys.executable, "-c", f"open({str(done)!r}, 'w')"],
        }
        runtime = _open(tmp_path, runtime="node-red", node_red=settings)

        def look() -> bool | None:
            runtime.check("flow_1", NATIVE)
            return done.exists() or None

        wait_for(look, what="the command is run")
        runtime.stop()


def test_a_token_file_that_cannot_be_used_is_a_fault_of_the_settings(tmp_path: Path) -> None:
    (tmp_path / "token").write_bytes(b"\xff")
    with pytest.raises(ConfigError, match=r"node_red\.token_file"):
        _open(tmp_path, runtime="node-red", node_red={"token_file": tmp_path / "token"})
