"""The log: how its lines look, its own files, and reading it back from them or from systemd's journal."""

import json
import logging
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

import pytest

from edge_agent.cli import main
from edge_agent.config import AgentConfig, ConfigError
from edge_agent.process.logfile import last_lines, new_lines
from edge_agent.process.logs import JsonFormatter, set_up_logs
from tests.unit.edge_agent.flows.builtin.bench import Bench, ScriptedSensor, chain, node
from tests.unit.edge_agent.keys import write_keys

SOON_SECONDS = 20


@pytest.fixture
def config_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings with a log file, on a device without systemd."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    write_keys(tmp_path)
    path = tmp_path / "agent.toml"
    path.write_text(
        'device_id = "dev_001"\nendpoint = "127.0.0.1"\nport = 9\ndata_directory = "data"\n'
        'certificate = "certificate.pem"\nprivate_key = "private.key"\nlog_file = "agent.log"\n'
    )
    return path


def program(folder: Path, name: str, script: str) -> None:
    """Put a program on the path."""
    (folder / "bin").mkdir(exist_ok=True)
    path = folder / "bin" / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def formatted(record: logging.LogRecord, job_id: str | None = None) -> dict[str, str]:
    """Return a record's JSON."""
    line = JsonFormatter(lambda: job_id).format(record)
    assert "\n" not in line
    return dict(json.loads(line))


def record(message: str = "two\nlines", thread: str = "MainThread") -> logging.LogRecord:
    """Return a record that a thread has logged."""
    made = logging.LogRecord("edge_agent.jobs.engine", logging.WARNING, "", 0, message, (), None)
    made.threadName, made.created = thread, 1_771_675_200.5
    return made


# --- How a line looks -----------------------------------------------------------------------------------------------


def test_json_names_time_level_logger_and_message() -> None:
    assert formatted(record()) == {
        "time": "2026-02-21T12:00:00.500+00:00",
        "level": "WARNING",
        "logger": "edge_agent.jobs.engine",
        "message": "two\nlines",
    }


def test_json_names_the_job_at_work_for_the_thread_that_does_it() -> None:
    assert formatted(record(thread="jobs dev_001"), "dep_1-w00001-0000")["job_id"] == "dep_1-w00001-0000"
    assert "job_id" not in formatted(record(thread="jobs dev_001"))
    assert "job_id" not in formatted(record(thread="health dev_001"), "dep_1-w00001-0000")


def test_json_names_the_flow_whose_thread_logs() -> None:
    assert formatted(record(thread="flow-flow_1"))["flow_id"] == "flow_1"


def test_json_has_the_traceback_in_the_same_line() -> None:
    made = record()
    try:
        int("none")
    except ValueError as error:
        made.exc_info = (type(error), error, error.__traceback__)
    assert "ValueError" in formatted(made)["traceback"]


def test_what_a_node_complains_of_names_flow_and_node(caplog: pytest.LogCaptureFixture) -> None:
    sensor = ScriptedSensor()
    sensor.failure = OSError("the sensor is gone")
    with Bench(
        chain(node("n1", "dht", interval="1s"), node("out", "debug")), flow_id="flow_9", open_sensor=sensor.open
    ):
        told = formatted(caplog.records[-1])
    assert (told["flow_id"], told["node_id"]) == ("flow_9", "n1")
    assert "the sensor is gone" in told["message"]


# --- Its files ------------------------------------------------------------------------------------------------------


@contextmanager
def root_logger() -> Iterator[logging.Logger]:
    """Give the root logger without handlers; afterwards it is as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers.clear()
    try:
        yield root
    finally:
        for handler in root.handlers:
            handler.close()
        root.handlers[:] = handlers
        root.setLevel(level)


def settings(folder: Path, log_file: Path) -> AgentConfig:
    """Return settings with the smallest log."""
    certificate, key = write_keys(folder)
    return AgentConfig(
        device_id="dev_001",
        endpoint="127.0.0.1",
        certificate=certificate,
        private_key=key,
        data_directory=folder / "data",
        log_file=log_file,
        log_max_bytes=64 * 1024,
    )


@pytest.mark.slow
def test_three_files_are_kept_and_none_grows_beyond_its_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "agent.log"
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)  # put back after the test
    with root_logger() as logger:
        set_up_logs(settings(tmp_path, path), log_format="json", verbose=False, job_id=lambda: None)
        for number in range(4_000):
            logger.info("line %06d", number)
    kept = sorted(tmp_path.glob("agent.log*"))
    assert [entry.name for entry in kept] == ["agent.log", "agent.log.1", "agent.log.2"]
    assert all(entry.stat().st_size <= 64 * 1024 for entry in kept)
    assert [json.loads(line)["message"] for line in last_lines(path, count=2).lines] == ["line 003998", "line 003999"]
    assert len(last_lines(path, count=4_000).lines) > 1_200, "the files before are read, too"


def test_a_log_that_cannot_be_written_is_a_fault_of_the_settings(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"log_file .*none/agent\.log cannot be written"):
        set_up_logs(
            settings(tmp_path, tmp_path / "none" / "agent.log"), log_format="text", verbose=False, job_id=lambda: None
        )


def test_a_thread_that_ends_by_an_error_is_in_the_log_with_its_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "agent.log"
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)  # put back after the test
    with root_logger():
        set_up_logs(settings(tmp_path, path), log_format="json", verbose=False, job_id=lambda: None)
        thread = threading.Thread(target=lambda: int("none"), name="health dev_001")
        thread.start()
        thread.join()
    told = json.loads(path.read_text())
    assert (told["level"], told["message"]) == ("CRITICAL", "thread health dev_001 has ended by an error")
    assert "ValueError" in told["traceback"]


@pytest.mark.parametrize("zoned", [False, True])
def test_lines_since_a_time_bring_their_tracebacks(tmp_path: Path, *, zoned: bool) -> None:
    path = tmp_path / "agent.log"
    noon = datetime(2026, 2, 21, 12).astimezone()
    if zoned:
        at = noon.isoformat()
        path.write_text(f'{{"time": "2026-02-20T00:00:00+00:00"}}\n{{"time": "{at}"}}\n')
        assert last_lines(path, count=9, since=noon).lines == [f'{{"time": "{at}"}}\n']
    else:
        path.write_text("2026-02-21 11:59:59,999 INFO a\n  old\n2026-02-21 12:00:00,000 ERROR b\n  new\n")
        assert last_lines(path, count=9, since=noon).lines == ["2026-02-21 12:00:00,000 ERROR b\n", "  new\n"]


def test_following_goes_on_in_the_next_file(tmp_path: Path) -> None:
    path = tmp_path / "agent.log"
    handler = RotatingFileHandler(path, maxBytes=10**6, backupCount=2)
    steps = [["one"], ["two", "", "three"], ["four"]]

    def go_on() -> None:
        for message in steps.pop(0):
            if message:
                handler.handle(record(message))
            else:
                handler.doRollover()

    lines = new_lines(path, 0, wait=go_on)
    try:
        assert [next(lines) for _ in range(4)] == ["one\n", "two\n", "three\n", "four\n"]
    finally:
        lines.close()
        handler.close()


# --- The command ----------------------------------------------------------------------------------------------------


def test_without_systemd_the_file_is_printed(config_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (config_file.parent / "agent.log").write_text("one\ntwo\nthree\n")
    assert main(["logs", "--config", str(config_file), "--lines", "2"]) == 0
    assert capsys.readouterr().out == "two\nthree\n"


@pytest.fixture
def heeded_interrupt() -> Iterator[None]:
    """Let programs heed SIGINT, also where these tests run in the background of a shell, which has it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.slow
def test_following_ends_by_a_key(config_file: Path, heeded_interrupt: None) -> None:
    log = config_file.parent / "agent.log"
    log.write_text("before\n")
    command = [sys.executable, "-m", "edge_agent.cli", "logs", "--follow", "--config", str(config_file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603  built above
        assert process.stdout is not None
        stop = threading.Timer(SOON_SECONDS, process.kill)
        stop.start()
        try:
            assert process.stdout.readline() == "before\n"
            with log.open("a") as file:
                file.write("after\n")
            assert process.stdout.readline() == "after\n"
            process.send_signal(signal.SIGINT)
            assert process.wait(SOON_SECONDS) == 0
        finally:
            stop.cancel()
            process.kill()


def test_where_systemd_runs_the_agent_its_journal_is_printed(
    config_file: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    program(config_file.parent, "systemctl", "echo loaded")
    program(config_file.parent, "journalctl", 'printf "%s\\n" "$@"; exit 7')
    arguments = ["--since", "2026-02-21 12:00", "--lines", "5", "--follow"]
    assert main(["logs", "--config", str(config_file), *arguments]) == 7
    told = capfd.readouterr().out.splitlines()
    assert told == ["--unit=edgeflow-agent.service", "--lines=5", "--since=2026-02-21 12:00:00", "--follow"]


def test_a_systemd_that_does_not_know_the_unit_is_not_asked(
    config_file: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    program(config_file.parent, "systemctl", "echo not-found")
    program(config_file.parent, "journalctl", "echo from the journal")
    (config_file.parent / "agent.log").write_text("from the file\n")
    assert main(["logs", "--config", str(config_file)]) == 0
    assert capfd.readouterr().out == "from the file\n"


@pytest.mark.parametrize(("log_file", "said"), [('log_file = "none.log"', "cannot be read"), ("", "set log_file")])
def test_where_there_is_no_log_the_remedy_is_named(
    config_file: Path, capsys: pytest.CaptureFixture[str], log_file: str, said: str
) -> None:
    config_file.write_text(config_file.read_text().replace('log_file = "agent.log"', log_file))
    assert main(["logs", "--config", str(config_file)]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [["--lines", "0"], ["--lines", "x"], ["--since", "; reboot"]])
def test_arguments_are_read_before_anybody_gets_them(config_file: Path, wrong: list[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        main(["logs", "--config", str(config_file), *wrong])
    assert refused.value.code == 2
