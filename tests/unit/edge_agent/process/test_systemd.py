"""systemd hears that the agent lives only while its threads make progress."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import edge_agent.process.systemd
from edge_agent.agent import Agent
from edge_agent.config import AgentConfig, load_config
from edge_agent.flows.workers.runtime import WorkerRuntime
from edge_agent.jobs.download import Downloader
from edge_agent.jobs.engine import Engine
from edge_agent.process.systemd import BETWEEN_BEATS_SECONDS, Notifier, Pulse, Watchdog
from edgeflow.contract.job import Artifact
from edgeflow.contract.report import Health
from tests.support.systemd import Systemd
from tests.support.waiting import wait_for
from tests.unit.edge_agent.agent_parts import parts_of
from tests.unit.edge_agent.keys import write_keys

SOON_SECONDS = 30


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[Systemd]:
    """Its end of the socket."""
    with Systemd(tmp_path / "notify") as listening:
        yield listening


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    """Settings of a device whose cloud does not answer."""
    write_keys(tmp_path)
    path = tmp_path / "agent.toml"
    path.write_text(
        'device_id = "dev_001"\nendpoint = "127.0.0.1"\nport = 9\ndata_directory = "data"\n'
        'certificate = "certificate.pem"\nprivate_key = "private.key"\n'
    )
    return path


@pytest.fixture
def config(config_file: Path) -> AgentConfig:
    """The same, read."""
    return load_config(config_file)


class Hands:
    """A monotonic clock that a test sets."""

    def __init__(self) -> None:
        """Begin anywhere."""
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


# --- What is said ---------------------------------------------------------------------------------------------------


def test_each_thing_is_a_datagram_of_its_own(systemd: Systemd) -> None:
    notifier = Notifier(systemd.address)
    notifier.ready()
    notifier.alive()
    notifier.status("two\nlines")
    notifier.stopping()
    assert systemd.heard_so_far() == ["READY=1", "WATCHDOG=1", "STATUS=two lines", "STOPPING=1"]


def test_a_socket_may_have_an_abstract_name() -> None:
    with Systemd(f"@edgeflow-{uuid.uuid4()}") as listening:
        Notifier(listening.address).ready()
        assert listening.heard() == "READY=1"


def test_a_systemd_that_is_away_is_no_reason_to_end(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    Notifier(str(tmp_path / "nobody")).ready()
    assert "systemd was not told READY=1" in caplog.text


def test_a_systemd_that_does_not_listen_stops_nobody(systemd: Systemd, caplog: pytest.LogCaptureFixture) -> None:
    notifier = Notifier(systemd.address)
    while "was not told" not in caplog.text:  # until the socket's queue is full
        notifier.alive()
    assert set(systemd.heard_so_far()) == {"WATCHDOG=1"}


@pytest.mark.parametrize(
    ("environment", "seconds"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 30.0),
        pytest.param({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None, id="meant_for_another"),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        pytest.param({"WATCHDOG_USEC": "30000000", "NOTIFY_SOCKET": "vsock:2:1"}, None, id="a_virtual_machines"),
    ],
)
def test_systemd_says_in_the_environment_how_often(environment: dict[str, str], seconds: float | None) -> None:
    assert Notifier.from_environment(environment).watchdog_seconds == seconds


# --- When it is said ------------------------------------------------------------------------------------------------


def test_a_thread_that_is_not_heard_in_time_is_late_until_it_is_heard_again() -> None:
    hands = Hands()
    pulse = Pulse(hands)
    with pulse.watched():
        hands.seconds += BETWEEN_BEATS_SECONDS
        assert pulse.late() == {}
        hands.seconds += 1
        assert list(pulse.late().values()) == [threading.current_thread().name]
        pulse.beat()
        assert pulse.late() == {}
        pulse.beat(300)
        hands.seconds += 300 + BETWEEN_BEATS_SECONDS
        assert pulse.late() == {}
        hands.seconds += 1
        assert pulse.late() != {}
    assert pulse.late() == {}, "a thread that has ended is expected by nobody"


def test_what_takes_long_by_right_is_given_its_time_and_no_more() -> None:
    hands = Hands()
    pulse = Pulse(hands)
    with pulse.watched():
        with pulse.busy(1_000):
            pulse.beat(1)  # such as the pause between two tries
            hands.seconds += 999
            assert pulse.late() == {}
            hands.seconds += 2
            assert pulse.late() != {}
        assert pulse.late() == {}
        hands.seconds += BETWEEN_BEATS_SECONDS + 1
        assert pulse.late() != {}, "its time is over with it"


def test_beats_of_a_thread_that_nobody_watches_count_for_nothing() -> None:
    hands = Hands()
    pulse = Pulse(hands)
    with pulse.watched():
        other = threading.Thread(target=pulse.beat, args=(10_000,))
        other.start()
        other.join()
        hands.seconds += BETWEEN_BEATS_SECONDS + 1
        assert len(pulse.late()) == 1


def test_systemd_hears_nothing_while_a_thread_is_late_and_the_log_says_where_it_is(
    systemd: Systemd, caplog: pytest.LogCaptureFixture
) -> None:
    hands = Hands()
    pulse = Pulse(hands)
    watchdog = Watchdog(Notifier(systemd.address, watchdog_seconds=30), pulse)
    with pulse.watched():
        watchdog.look()
        assert systemd.heard_so_far() == ["WATCHDOG=1"]
        hands.seconds += BETWEEN_BEATS_SECONDS + 1
        watchdog.look()
        watchdog.look()
        assert systemd.heard_so_far() == []
        told = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
        assert len(told) == 1, "once, not at every look"
        assert __file__ in told[0]
        pulse.beat()
        watchdog.look()
        assert systemd.heard_so_far() == ["WATCHDOG=1"]


def test_it_is_told_again_and_again(systemd: Systemd) -> None:
    with Watchdog(Notifier(systemd.address, watchdog_seconds=0.02), Pulse()).running():
        assert [systemd.heard() for _ in range(3)] == ["WATCHDOG=1"] * 3


def test_without_a_watchdog_nothing_is_told(systemd: Systemd) -> None:
    threads = threading.active_count()
    with Watchdog(Notifier(systemd.address), Pulse()).running():
        assert threading.active_count() == threads
    assert systemd.heard_so_far() == []


# --- The agent's own threads ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "does", "thread"), [(Engine, "work", "jobs dev_001"), (WorkerRuntime, "report", "health dev_001")]
)
def test_a_thread_of_the_agent_that_hangs_is_late(
    config: AgentConfig, monkeypatch: pytest.MonkeyPatch, part: type, does: str, thread: str
) -> None:
    monkeypatch.setattr(edge_agent.process.systemd, "BETWEEN_BEATS_SECONDS", 0.2)
    goes_on = threading.Event()

    def hangs(_: object) -> tuple[()]:
        goes_on.wait(2 * SOON_SECONDS)
        return ()

    monkeypatch.setattr(part, does, hangs)
    transport = parts_of(monkeypatch, "MqttTransport")
    agent = Agent(config)
    agent.start()
    transport["MqttTransport"]["on_ready"]()  # after which a report is due
    try:
        wait_for(lambda: list(agent.pulse.late().values()) == [thread] or None, what="it is late")
        goes_on.set()
        wait_for(lambda: not agent.pulse.late() or None, what="it is heard again")
    finally:
        goes_on.set()
        agent.stop()


@pytest.mark.parametrize("long", ["health_window", "download", "pause", "nothing_to_do"])
@pytest.mark.slow
def test_what_takes_long_by_right_makes_no_thread_late(
    config: AgentConfig, monkeypatch: pytest.MonkeyPatch, long: str
) -> None:
    monkeypatch.setattr(edge_agent.process.systemd, "BETWEEN_BEATS_SECONDS", 0.5)
    seconds = 1.2
    done = threading.Event()
    monkeypatch.setattr(WorkerRuntime, "health", lambda *_, **__: (Health.HEALTHY, ()))
    monkeypatch.setattr(Downloader, "__call__", lambda *_: done.wait(seconds) or b"")
    parts = parts_of(monkeypatch, "Engine", "Obtainer")
    agent = Agent(config)
    watch, fetch = parts["Engine"]["watch"], parts["Obtainer"]["fetch"]
    artifact = Artifact.model_validate({"url": "https://artifacts.test/", "sha256": "0" * 64, "size": 1})
    does: dict[str, Callable[[], object]] = {
        "health_window": lambda: watch("flow_1", window_seconds=seconds, cancelled=lambda: False),
        "download": lambda: fetch(artifact, lambda: None),
        "pause": lambda: watch.pause(seconds),
        "nothing_to_do": lambda: None,
    }

    def works(_: Engine) -> None:
        does[long]()
        done.set()

    monkeypatch.setattr(Engine, "work", works)
    agent.start()
    try:
        ends = time.monotonic() + seconds

        def is_over() -> bool | None:
            assert agent.pulse.late() == {}
            return (time.monotonic() >= ends and done.is_set()) or None

        wait_for(is_over, what="what takes long is done", seconds=seconds + SOON_SECONDS)
    finally:
        agent.stop()


@pytest.mark.slow
def test_the_program_tells_systemd_that_it_has_started_that_it_lives_and_that_it_ends(
    config_file: Path, systemd: Systemd
) -> None:
    environment = os.environ | {"NOTIFY_SOCKET": systemd.address, "WATCHDOG_USEC": "200000"}
    command = [sys.executable, "-m", "edge_agent.cli", "run", "--config", str(config_file)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, env=environment) as process:  # noqa: S603  built above
        try:
            systemd.heard_until("READY=1")
            systemd.heard_until("WATCHDOG=1")
            process.send_signal(signal.SIGTERM)
            systemd.heard_until("STOPPING=1")
            assert process.wait(2 * SOON_SECONDS) == 0
        finally:
            process.kill()


@pytest.mark.slow
def test_when_systemd_ends_a_hung_program_the_log_says_where_each_thread_was(
    config_file: Path, systemd: Systemd
) -> None:
    environment = os.environ | {"NOTIFY_SOCKET": systemd.address}
    command = [sys.executable, "-m", "edge_agent.cli", "run", "--config", str(config_file)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:  # noqa: S603  built above
        try:
            systemd.heard_until("READY=1")
            process.send_signal(signal.SIGABRT)  # systemd's WatchdogSignal=
            _, log = process.communicate(timeout=2 * SOON_SECONDS)
        finally:
            process.kill()
    assert process.returncode == -signal.SIGABRT
    assert "_work_until_stopped" in log
    assert "_report_until_stopped" in log


HOLDS_THE_INTERPRETER = """
import ctypes, threading
import edge_agent.process.systemd as watched

watched.LEAST_SPARED_SECONDS = 0.1
told = threading.Event()
notifier = watched.Notifier(watchdog_seconds=0.02)
notifier.alive = told.set
with watched.Watchdog(notifier, watched.Pulse()).running():
    told.wait()
    ctypes.PyDLL(None).sleep(60)  # which, unlike CDLL, lets no other thread have the interpreter
"""


def test_a_program_that_cannot_even_be_told_to_end_ends_itself_and_says_where_it_was() -> None:
    command = [sys.executable, "-c", HOLDS_THE_INTERPRETER]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=SOON_SECONDS, check=False)  # noqa: S603
    assert ended.returncode == 1
    assert "Timeout" in ended.stderr
    assert 'File "<string>", line 11 in <module>' in ended.stderr
