"""Whatever is wrong with a server or a program: it is left by its deadline, with a sentence and without a thread."""

import socket
import ssl
import sys
import threading
import time
from enum import Enum
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge_agent.flows.builtin.io import IoLoop
from edge_agent.flows.builtin.threads import MAX_THREADS
from edgeflow.contract.report import Health
from tests.support.ill_server import Illness, ill_server
from tests.support.waiting import wait_for
from tests.unit.edge_agent.flows.builtin.bench import PATIENCE_SECONDS, Bench, chain, node
from tests.unit.edge_agent.flows.builtin.checked import Checked
from tests.unit.edge_agent.keys import Authority

pytestmark = pytest.mark.slow

_TIMEOUT: Final = 1.0
_SLACK: Final = 5.0
"""What a busy machine may add to a deadline; far less than what hangs would take."""


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """An authority that this device trusts."""
    made = Authority(tmp_path / "authority")
    monkeypatch.setenv("SSL_CERT_FILE", str(made.ca))
    return made


def _workers() -> int:
    return sum(thread.name == "flows-work" for thread in threading.enumerate())


def _no_thread_is_left(seconds: float = _SLACK) -> None:
    wait_for(lambda: _workers() == 0 or None, what="no thread is left", seconds=seconds)


def _asking(url: str, *, nodes: int = 1, **config: Any) -> dict[str, Any]:  # noqa: ANN401  any setting
    asking = [node(f"ask{each}", "http_request", url=url, timeout="1s", **config) for each in range(nodes)]
    definition = chain(node("in", "inject", interval="1s"), asking[0])
    definition["nodes"] += asking[1:]
    definition["connections"] += [{"source": "in", "target": each["id"]} for each in asking[1:]]
    return definition


@pytest.mark.parametrize("illness", Illness)
def test_a_request_to_an_ill_server_ends_by_its_deadline_with_a_sentence(io: IoLoop, illness: Illness) -> None:
    with ill_server(illness) as server, Bench(_asking(server.address), io=io, allow_loopback=True) as bench:
        began = time.monotonic()
        error = wait_for(lambda: bench.errors().get("ask0"), what="the node complains", seconds=PATIENCE_SECONDS)
        assert time.monotonic() - began < _TIMEOUT + _SLACK
        assert error.startswith(f"GET {server.address} "), error
        assert "failed unexpectedly" not in error
        _no_thread_is_left()


@pytest.mark.parametrize("illness", Illness)
def test_tls_changes_nothing(io: IoLoop, illness: Illness, authority: Authority) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.issue("ill"))
    with (
        ill_server(illness, context) as server,
        Bench(_asking(server.address), io=io, allow_loopback=True) as bench,
    ):
        began = time.monotonic()
        error = wait_for(lambda: bench.errors().get("ask0"), what="the node complains", seconds=PATIENCE_SECONDS)
        assert time.monotonic() - began < _TIMEOUT + _SLACK
        assert error.startswith(f"GET {server.address} "), error
        assert "certificate" not in error.lower()
        assert "failed unexpectedly" not in error
        _no_thread_is_left()


@pytest.mark.parametrize(
    "illness", [Illness.NEVER_ACCEPTS, Illness.SAYS_NOTHING, Illness.DRIPS_STATUS, Illness.GARBAGE]
)
def test_a_handshake_ends_by_the_deadline(io: IoLoop, illness: Illness) -> None:
    with ill_server(illness) as server:
        definition = _asking(server.address.replace("http", "https"))
        with Bench(definition, io=io, allow_loopback=True) as bench:
            began = time.monotonic()
            wait_for(lambda: bench.errors().get("ask0"), what="the node complains", seconds=PATIENCE_SECONDS)
            assert time.monotonic() - began < _TIMEOUT + _SLACK
            _no_thread_is_left()


@pytest.mark.parametrize("illness", Illness)
def test_a_check_of_an_ill_server_ends_by_its_deadline_with_a_sentence(io: IoLoop, illness: Illness) -> None:
    well = {Illness.DRIPS_BODY, Illness.DRIPS_CHUNKS, Illness.ENDLESS_CHUNK, Illness.ENDLESS_BODY, Illness.CUT_SHORT}
    with ill_server(illness) as server:
        check = {"type": "http", "url": server.address, "interval": "1m", "timeout": "1s", "grace": "1s"}
        with Checked(io, check) as checked:
            if illness in well:
                checked.until(Health.HEALTHY)
            else:
                error = checked.until(Health.UNHEALTHY)
                assert "unexpectedly" not in error
                assert "1 s" in error or error.startswith(server.address), error
            _no_thread_is_left()


@given(answer=st.binary(max_size=200), status=st.booleans())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_server_that_answers_anything_leaves_no_thread(io: IoLoop, answer: bytes, *, status: bool) -> None:
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listening.accept()
        with connection:
            connection.recv(65_536)
            connection.sendall((b"HTTP/1.1 200 OK\r\n" if status else b"") + answer)

    server = threading.Thread(target=serve)
    with listening:
        server.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        definition = _asking(url, format="text")
        with Bench(definition, io=io, allow_loopback=True) as bench:
            server.join(PATIENCE_SECONDS)
            _no_thread_is_left(PATIENCE_SECONDS)
            error = bench.errors().get("ask0", "")
    assert "unexpectedly" not in error


@pytest.mark.parametrize("illness", [Illness.DRIPS_BODY, Illness.DRIPS_HEADERS, Illness.SAYS_NOTHING])
def test_many_requests_to_an_ill_server_use_a_bounded_number_of_threads(io: IoLoop, illness: Illness) -> None:
    most = 0
    with ill_server(illness) as server:
        definition = _asking(server.address, nodes=8, concurrency=8)
        with Bench(definition, io=io, allow_loopback=True) as bench:
            for _ in range(8):
                bench.run(1)
                most = max(most, _workers())
            wait_for(lambda: len(bench.errors()) == 8 or None, what="every node complains", seconds=PATIENCE_SECONDS)
            most = max(most, _workers())
        _no_thread_is_left(_TIMEOUT + _SLACK)
    assert 1 <= most <= MAX_THREADS


def test_a_name_that_is_looked_up_for_too_long_is_asked_no_more(io: IoLoop, monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()
    resolve = socket.getaddrinfo

    def hang(host: str, *arguments: Any, **more: Any) -> Any:  # noqa: ANN401  as the library has it
        assert answered.wait(PATIENCE_SECONDS)
        return resolve("127.0.0.1", *arguments, **more)

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    with ill_server(Illness.CUT_SHORT) as server:
        definition = _asking(f"http://slow.example:{server.port}/", nodes=20)
        with Bench(definition, io=io, allow_loopback=True) as bench:
            wait_for(lambda: len(bench.errors()) == 20 or None, what="all complain", seconds=PATIENCE_SECONDS)
            assert all("got no whole answer within 1 s" in error for error in bench.errors().values())
            assert _workers() <= MAX_THREADS
            answered.set()
            _no_thread_is_left()
        assert server.asked == 0


class Ill(Enum):
    """What a program does instead of its work; ``{away}`` stands for one that leaves its session and keeps the pipe."""

    HANGS = "time.sleep(600)"
    FLOODS = "while True: print('x' * 1000)"
    IGNORES_SIGTERM = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    LEAVES_THE_PIPE_TO_ANOTHER = "subprocess.Popen(['sleep', '20'], start_new_session=True)"
    HANGS_AND_LEAVES_THE_PIPE = "subprocess.Popen(['sleep', '20'], start_new_session=True); time.sleep(600)"
    CLOSES_ITS_OUTPUT = "os.close(1); os.close(2); time.sleep(600)"


def _open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


@pytest.mark.parametrize("ill", Ill)
def test_an_ill_program_is_left_by_its_deadline(io: IoLoop, ill: Ill) -> None:
    command = [sys.executable, "-c", f"import os, subprocess, time\n{ill.value}"]
    check = {"type": "command", "command": command, "interval": "1m", "timeout": "1s", "grace": "2s"}
    with Checked(io, check, programs=frozenset({sys.executable})) as checked:
        wait_for(lambda: _workers() == 1 or None, what="it runs", seconds=PATIENCE_SECONDS)
        _no_thread_is_left(_TIMEOUT + _SLACK)
        before = _open_files()
        assert checked.until(Health.UNHEALTHY) == "The check took longer than 1 s."
    assert _open_files() <= before


def test_a_flow_that_ends_ends_its_programs_at_once_also_those_that_just_start(io: IoLoop) -> None:
    command = [sys.executable, "-c", "import time; time.sleep(600)"]
    check = {"type": "command", "command": command, "interval": "1s", "timeout": "1m", "grace": "1m"}
    for patience in (0.0, 0.001, 0.01, 0.1):
        with Checked(io, check, programs=frozenset({sys.executable})):
            wait_for(lambda: _workers() == 1 or None, what="it runs", seconds=PATIENCE_SECONDS)
            threading.Event().wait(patience)
        _no_thread_is_left()
    began = time.monotonic()
    io.stop()
    assert time.monotonic() - began < _SLACK
