"""What a process has for itself after the fork: nothing is left that each would load or fill in anew."""

import json
import os
import re
import subprocess
import sys

import pytest

from edge_agent.flows.workers import kernel

PREPARE = "import sys\nfrom edge_agent.flows.workers import fork_server, kernel\nfork_server.prepare_memory()\n"
WORK = """
import json, os, socket
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

kernel.adopt_orphans()
kernel.end_with_parent(os.getppid())
kernel.children_of(os.getpid())
kernel.private_bytes("self")
VitalSigns(Path("/"), monotonic=lambda: 0.0).read()
worker.run(theirs)

print(json.dumps({
    "said": ours.recv(4096).decode(errors="replace"),
    "loaded": sorted(set(sys.modules) - before),
}))
"""


def test_nothing_is_loaded_by_what_every_process_does() -> None:
    told = json.loads(_output(PREPARE + WORK).stdout)
    assert '"checked"' in told["said"], "it has worked"
    assert told["loaded"] == []


def test_hardly_a_place_between_objects_is_left() -> None:
    told = _output(PREPARE + "sys._debugmallocstats()").stderr.decode().splitlines()
    rows = [list(map(int, line.split())) for line in told if re.fullmatch(r"( +\d+){5}", line)]
    of_bytes = {size: (free, (16 * 1024 - 48) // size) for _, size, _, _, free in rows if size >= 48}
    assert of_bytes
    assert {size: free for size, (free, pool) in of_bytes.items() if free > pool} == {}, "a new pool at most"


def test_looking_at_a_workers_memory_interns_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """As pathlib does with each part of a name; so the table of interned strings, which is shared, fills up."""
    interned: list[str] = []

    def intern(text: str) -> str:
        interned.append(text)
        return text

    assert kernel.private_bytes("self"), "so that what it needs is loaded"
    with monkeypatch.context() as patched:
        patched.setattr(sys, "intern", intern)
        assert kernel.private_bytes("self")
    assert interned == []


def test_an_allocator_without_pools_is_left_alone() -> None:
    program = "from edge_agent.flows.workers import filling; print(filling.fill_free_places(), len(filling._kept))"
    assert _output(program, PYTHONMALLOC="malloc").stdout == b"0 0\n"


def _output(program: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-c", program]
    return subprocess.run(command, env=os.environ | environment, check=True, capture_output=True, timeout=60)  # noqa: S603  our own words
