"""What a process has for itself after the fork: nothing is left that each would load, make or fill in anew."""

import json
import subprocess
import sys
from typing import Any

import pytest

PREPARE = "import sys\nfrom edge_agent.flows.workers import fork_server, kernel\nfork_server.prepare_memory()\n"
WORK = """
import ctypes, json, os, socket
from pathlib import Path
from edge_agent.cloud.vitals import VitalSigns
from edge_agent.flows.surroundings import FlowSurroundings
from edge_agent.flows.workers import worker
from edge_agent.flows.workers.channel import encode
from edge_agent.flows.workers.orders import Order

nodes = [{"id": "n1", "type": "inject", "config": {}}, {"id": "n2", "type": "debug", "config": {}}]
flow = {"definition": {"nodes": nodes, "connections": [{"source": "n1", "target": "n2"}]}}
surroundings = FlowSurroundings(device_id="dev", flow_id="flow")
order = Order(artifact=json.dumps(flow).encode(), surroundings=surroundings, only_check=True)
ours, theirs = socket.socketpair()
ours.sendall(encode({"kind": "order"}, order.dump()))
before = set(sys.modules)
classes = len(ctypes._CFuncPtr.__subclasses__())

kernel.adopt_orphans()
kernel.end_with_parent(os.getppid())
kernel.children_of(os.getpid())
kernel.private_bytes("self")
VitalSigns(Path("/"), monotonic=lambda: 0.0).read()
worker.run(theirs)

print(json.dumps({
    "said": ours.recv(4096).decode(errors="replace"),
    "loaded": sorted(set(sys.modules) - before),
    "classes": len(ctypes._CFuncPtr.__subclasses__()) - classes,
}))
"""


@pytest.fixture(scope="module")
def worked() -> dict[str, Any]:
    return dict(json.loads(_output(PREPARE + WORK).stdout))


def test_nothing_is_loaded_by_what_every_process_does(worked: dict[str, Any]) -> None:
    assert '"checked"' in worked["said"], "it has worked"
    assert worked["loaded"] == []


def test_no_class_is_made_by_what_is_asked_of_linux(worked: dict[str, Any]) -> None:
    assert worked["classes"] == 0


def test_hardly_a_place_between_objects_is_left() -> None:
    told = _output(PREPARE + "sys._debugmallocstats()")
    (line,) = [line for line in told.stderr.decode().splitlines() if "bytes in available blocks" in line]
    assert int(line.rpartition("=")[2].replace(",", "")) < 150_000, "it is 300,000 otherwise"


def _output(program: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, timeout=60)  # noqa: S603  our own words
