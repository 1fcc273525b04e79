"""The agent as a program, with nobody to connect to: however it ends, none of its processes outlives it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_agent.disk.slots import InstalledVersion
from edge_agent.disk.state import AgentState, StateFile
from edge_agent.disk.store import ArtifactStore
from edge_agent.flows.workers.kernel import children_of
from edgeflow.contract.flow import Definition, FlowArtifact, Node
from edgeflow.contract.health_checks import CommandCheck
from tests.support.ill_nodes import as_package
from tests.support.waiting import wait_for
from tests.unit.edge_agent.device import NOON, sha256_of
from tests.unit.edge_agent.keys import write_keys

ENDS_SECONDS = 20
SLEEP = "/bin/sleep"
FLOWS = {
    "flow_hangs": Definition(nodes=(Node(id="n", type="ill", config={"does": "hang"}),)),
    "flow_counts": Definition(nodes=(Node(id="n", type="counter"),)),
    "flow_checks": Definition(
        nodes=(Node(id="n", type="debug"),),
        health_checks=(CommandCheck(name="sleeps", type="command", command=(SLEEP, "600"), timeout="10m"),),
    ),
}


def _descendants(process: int) -> list[int]:
    children = children_of(process)
    return [*children, *(each for child in children for each in _descendants(child))]


def _is_there(process: int) -> bool:
    try:
        stat = Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


@pytest.fixture
def program(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The running program of a device with these flows, each in its process, one of which has begun a program."""
    certificate, key = write_keys(tmp_path)
    data = tmp_path / "data"
    held = {}
    for flow_id, definition in FLOWS.items():
        content = FlowArtifact(definition=definition).canonical_bytes()
        ArtifactStore(data).put(sha256_of(content), content)
        held[flow_id] = InstalledVersion(version=1, sha256=sha256_of(content), since=NOON)
    StateFile(data, lambda: NOON).write(AgentState(sequence=1, flows=held))
    settings = tmp_path / "agent.toml"
    settings.write_text(
        f'device_id = "dev_001"\nendpoint = "127.0.0.1"\nport = 9\ncertificate = "{certificate}"\n'
        f'private_key = "{key}"\ndata_directory = "{data}"\nhealth_check_programs = ["{SLEEP}"]\n',
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "edge_agent.cli", "run", "--config", str(settings)]
    with subprocess.Popen(command, env=as_package(tmp_path / "packages"), stderr=subprocess.DEVNULL) as running:  # noqa: S603  our own
        try:
            wait_for(lambda: len(_descendants(running.pid)) > len(FLOWS) + 1 or None, what="all is there", seconds=30)
            yield running
        finally:
            running.kill()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGABRT])
def test_nothing_outlives_the_agent(program: subprocess.Popen[bytes], number: signal.Signals) -> None:
    processes = _descendants(program.pid)
    assert len(processes) > len(FLOWS) + 1, "the fork server, a worker each, and what one has begun"
    program.send_signal(number)
    program.wait(ENDS_SECONDS)
    wait_for(lambda: not [each for each in processes if _is_there(each)] or None, what="all are gone")


@pytest.mark.slow
def test_nothing_outlives_the_agent_and_the_fork_server(program: subprocess.Popen[bytes]) -> None:
    (server,) = children_of(program.pid)
    workers = children_of(server)
    for process in (server, program.pid):
        os.kill(process, signal.SIGKILL)
    program.wait(ENDS_SECONDS)
    wait_for(lambda: not [each for each in workers if _is_there(each)] or None, what="the workers are gone")


@pytest.mark.slow
def test_workers_hold_no_key_and_nothing_of_the_connection(program: subprocess.Popen[bytes], tmp_path: Path) -> None:
    """They share the code of all libraries, which is loaded before there is a key or a connection."""
    (server,) = children_of(program.pid)
    key = (tmp_path / "private.key").read_bytes().splitlines()[1]
    assert _threads_of_the_connection(program.pid)
    for process in (server, *children_of(server)):
        assert _threads_of_the_connection(process) == []
        assert _has_in_memory(process, b"edge_agent.flows.workers"), "what is there is found"
        assert not _has_in_memory(process, key)
    for worker in children_of(server):
        nice = int(Path(f"/proc/{worker}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[16])
        assert nice == min(os.nice(0) + 5, 19), "lower by 5 than the agent, which has that of this test"
        assert Path(f"/proc/{worker}/oom_score_adj").read_text(encoding="ascii").strip() == "800"


@pytest.mark.slow
def test_agent_fork_server_and_workers_share_most_of_their_memory(program: subprocess.Popen[bytes]) -> None:
    """What is loaded before the fork is there once; a process of its own keeps what it writes to."""
    (server,) = children_of(program.pid)
    base = _memory(server)["Rss"]
    for process, most in ((program.pid, 0.5), (server, 0.3), *((worker, 0.3) for worker in children_of(server))):
        private = _memory(process)["Private_Dirty"]
        assert private < most * base, f"{private >> 10} KiB of its own, where the fork server has {base >> 10} KiB"


def _threads_of_the_connection(process: int) -> list[str]:
    names = [path.read_text(encoding="utf-8").strip() for path in Path(f"/proc/{process}/task").glob("*/comm")]
    return [name for name in names if name.startswith("Aws")]


def _has_in_memory(process: int, text: bytes) -> bool:
    maps = Path(f"/proc/{process}/maps").read_text(encoding="utf-8")
    places = [line.split()[0].split("-") for line in maps.splitlines() if line.split()[1].startswith("rw")]
    with Path(f"/proc/{process}/mem").open("rb", buffering=0) as memory:
        for begin, end in places:
            memory.seek(int(begin, 16))
            if text in memory.read(int(end, 16) - int(begin, 16)):
                return True
    return False


def _memory(process: int) -> dict[str, int]:
    """Return the sums over a process's mappings, by name, in bytes."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]
    return {name.rstrip(":"): int(size) * 1024 for name, size, _ in map(str.split, lines)}
