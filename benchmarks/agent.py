"""The agent with its built-in runtime: the real program, with nobody to connect to."""

import hashlib
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import edge_agent
from benchmarks.machine import PATIENCE_SECONDS, listening, running
from edge_agent.disk.slots import InstalledVersion
from edge_agent.disk.state import AgentState, StateFile
from edge_agent.disk.store import ArtifactStore
from edgeflow.contract.flow import FlowArtifact
from tests.support.broker import Broker
from tests.support.waiting import wait_for
from tests.unit.edge_agent.keys import Authority

_NOBODY: Final = 9
"""A port where nobody answers: what is measured then needs no cloud."""
_UNIT: Final = Path(edge_agent.__file__).parent / "install" / "edgeflow-agent.service"
_ENTRY_POINTS: Final = """[edgeflow.nodes]
bench-source = benchmarks.bench_nodes:SourceNode
bench-sink = benchmarks.bench_nodes:SinkNode
"""


def unit_environment() -> dict[str, str]:
    """Return what the agent's unit for systemd sets in its environment."""
    words = [line.partition("Environment=")[2] for line in _UNIT.read_text(encoding="utf-8").splitlines()]
    return dict(word.split("=", 1) for word in words if word)


class Agent:
    """See :class:`benchmarks.subject.Runtime`."""

    def __init__(self, folder: Path) -> None:
        """Keep what it needs in this folder."""
        self._folder = folder
        self._runs = 0
        self._authority = Authority(folder / "keys")
        certificate, key = self._authority.issue("bench")
        info = folder / "packages" / "bench_nodes-1.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: bench-nodes\nVersion: 1\n", encoding="utf-8")
        (info / "entry_points.txt").write_text(_ENTRY_POINTS, encoding="utf-8")
        self._settings = (
            f'device_id = "bench"\nendpoint = "127.0.0.1"\nca = "{self._authority.ca}"\n'
            f'certificate = "{certificate}"\nprivate_key = "{key}"\nallow_loopback = true\n'
        )

    def start_seconds(self) -> float:
        """See Runtime."""
        with listening() as listener:
            flow = _chain(("inject", {}), ("http_request", {"url": listener.address}))
            begun = time.perf_counter()
            with self._running([flow]) as process:
                listener.wait(process)
                return listener.at - begun

    @contextmanager
    def at_rest(self, flows: int) -> Iterator["subprocess.Popen[bytes]"]:
        """See Runtime."""
        flow = _chain(("inject", {"interval": "1s", "payload": {"temperature": 31}}), ("switch", {}), ("debug", {}))
        with Broker(self._authority.server_context()) as broker, self._running([flow] * flows, broker.port) as process:
            wait_for(lambda: broker.connections or None, what="the agent is connected", seconds=PATIENCE_SECONDS)
            yield process

    def throughput(self, messages: int) -> float:
        """See Runtime."""
        with listening() as listener:
            flow = _chain(
                ("bench-source", {"total": messages, "report_to": listener.address}),
                ("switch", {"property": "temperature", "rules": [{"operator": ">", "value": 10}]}),
                ("change", {"rules": [{"action": "set", "property": "hall", "value": "north"}]}),
                ("filter", {"property": "temperature"}),
                ("bench-sink", {}),
            )
            with self._running([flow]) as process:
                return messages / float(listener.wait(process)["seconds"])

    def _running(
        self, flows: Sequence[dict[str, Any]], port: int = _NOBODY
    ) -> AbstractContextManager["subprocess.Popen[bytes]"]:
        self._runs += 1
        data = self._folder / f"data-{self._runs}"
        now = datetime.now(UTC)
        store = ArtifactStore(data)
        installed = {}
        for number, flow in enumerate(flows):
            content = FlowArtifact.model_validate({"definition": flow}).canonical_bytes()
            sha256 = hashlib.sha256(content).hexdigest()
            store.put(sha256, content)
            installed[f"flow_{number}"] = InstalledVersion(version=1, sha256=sha256, since=now)
        StateFile(data, lambda: now).write(AgentState(sequence=1, flows=installed))
        config = self._folder / "agent.toml"
        config.write_text(f'{self._settings}port = {port}\ndata_directory = "{data}"\n', encoding="utf-8")
        root = Path(__file__).parents[1]
        path = [str(self._folder / "packages"), str(root / "layers" / "edgeflow"), str(root)]
        return running(
            [sys.executable, "-m", "edge_agent.cli", "run", "--config", str(config)],
            log=self._folder / f"agent-{self._runs}.log",
            environment={**unit_environment(), "PYTHONPATH": ":".join(path)},
        )


def _chain(*nodes: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    return {
        "nodes": [{"id": f"n{index}", "type": kind, "config": config} for index, (kind, config) in enumerate(nodes)],
        "connections": [{"source": f"n{index}", "target": f"n{index + 1}"} for index in range(len(nodes) - 1)],
        "variables": [{"name": "threshold", "type": "number", "value": 30}],
    }
