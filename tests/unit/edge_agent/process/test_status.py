"""What the running agent says of itself, and what ``status`` makes of it."""

import json
import logging
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from edge_agent import __version__
from edge_agent.cli import main
from edge_agent.disk.slots import InstalledVersion
from edge_agent.disk.state import AgentState, StateFile, only_agent_of
from edge_agent.process.status import STATUS_FILE, Problems, Status, StatusFile, read_status
from tests.support.waiting import wait_for
from tests.unit.edge_agent.keys import write_keys

NOW = datetime(2026, 2, 21, 12, tzinfo=UTC)
SOON_SECONDS = 20


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


def told(config_file: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Return what the command prints."""
    assert main(["status", "--config", str(config_file)]) == 0
    return dict(json.loads(capsys.readouterr().out))


def written(folder: Path, **wanted: object) -> Status:
    """Wait for a status with these fields."""

    def look() -> Status | None:
        found = read_status(folder)
        if found is None or any(getattr(found, name) != value for name, value in wanted.items()):
            return None
        return found

    return wait_for(look, what=f"a status with {wanted}")


def test_a_connection_and_its_loss_are_written(tmp_path: Path) -> None:
    now = [NOW]
    file = StatusFile(tmp_path, lambda: now[0], version="1", every=0.01)
    file.start()
    assert written(tmp_path, connected=False).connection_since == NOW
    now[0] = NOW.replace(hour=13)
    file.connection(connected=True)
    assert written(tmp_path, connected=True).connection_since.hour == 13
    now[0] = NOW.replace(hour=14)
    file.connection(connected=False, error="no route")
    assert written(tmp_path, connected=False).connection_error == "no route"
    now[0] = NOW.replace(hour=15)
    file.connection(connected=False, error="still no route")
    assert written(tmp_path, connection_error="still no route").connection_since.hour == 14, "it is away since then"
    file.stop()
    assert list(tmp_path.iterdir()) == []


def test_without_news_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writes: list[Path] = []
    replace = Path.replace

    def noted(new: Path, path: Path) -> Path:
        writes.append(path)
        return replace(new, path)

    monkeypatch.setattr(Path, "replace", noted)
    file = StatusFile(tmp_path, lambda: NOW, version="1", every=0)
    file.start()
    first = written(tmp_path)
    for _ in range(50):  # any of which would be written while the next one is told
        file.connection(connected=first.connected, error=first.connection_error)
        assert read_status(tmp_path) == first
    file.connection(connected=True)
    written(tmp_path, connected=True)
    file.stop()
    assert writes == [tmp_path / STATUS_FILE] * 2


def test_much_news_is_one_write(tmp_path: Path) -> None:
    file = StatusFile(tmp_path, lambda: NOW, version="1", every=3_600)
    file.start()
    written(tmp_path)
    number = (tmp_path / STATUS_FILE).stat().st_ino
    for second in range(100):
        file.connection(connected=False, error=f"try {second}")
    assert (tmp_path / STATUS_FILE).stat().st_ino == number, "the next one is due in an hour"
    file.stop()  # which does not wait for it


def test_the_last_problem_is_kept(tmp_path: Path) -> None:
    file = StatusFile(tmp_path, lambda: NOW, version="1", every=0.01)
    handler = Problems(file)
    logger = logging.getLogger("edge_agent.test_status")
    logger.addHandler(handler)
    file.start()
    try:
        logger.error("the disk is %s", "full")
        logger.info("all is well")
        problem = wait_for(lambda: written(tmp_path).last_problem, what="the problem is written")
        assert (problem.level, problem.message, problem.at) == ("ERROR", "the disk is full", NOW)
    finally:
        logger.removeHandler(handler)
        file.stop()


def test_a_disk_that_is_full_ends_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    file = StatusFile(folder, lambda: NOW, version="1", every=0.01)
    file.start()
    file.connection(connected=True)
    folder.mkdir()
    file.connection(connected=False)
    assert written(folder, connected=False).pid
    file.stop()


def test_a_device_without_an_agent(config_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = told(config_file, capsys)
    assert status["agent"] == {"running": False}
    assert status["disk"] is None
    assert status["versions"]["edgeflow-agent"] == __version__
    assert not (config_file.parent / "data").exists(), "looking makes nothing"


def test_a_version_that_is_held_and_does_not_run_is_not_said_to_run(
    config_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = config_file.parent / "data"
    held = {name: InstalledVersion(version=2, sha256="a" * 64, since=NOW) for name in ("flow_1", "flow_2")}
    with only_agent_of(data):
        StateFile(data, lambda: NOW).write(AgentState(sequence=1, flows=held, standby=held))
        file = StatusFile(data, lambda: NOW, version="1", every=0.01)
        file.flows({"flow_1": 2}, {"flow_2": 2, "flow_1": 1})
        file.start()
        written(data, running={"flow_1": 2})
        status = told(config_file, capsys)
        assert {name: each["running"] for name, each in status["flows"].items()} == {"flow_1": True, "flow_2": False}
        assert {name: each["running"] for name, each in status["standby"].items()} == {"flow_1": False, "flow_2": True}
        assert status["agent"]["running"] is True
        file.stop()
    assert told(config_file, capsys)["flows"]["flow_1"]["running"] is None, "without an agent nobody can say"


def test_what_an_agent_said_that_is_gone_does_not_count(config_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = config_file.parent / "data"
    with only_agent_of(data):
        (data / STATUS_FILE).write_text(
            Status(pid=7, agent_version="1", started_at=NOW, connection_since=NOW, connected=True).model_dump_json()
        )
        status = told(config_file, capsys)
        assert (status["agent"]["running"], status["agent"]["connected"], status["agent"]["pid"]) == (True, True, 7)
        (data / STATUS_FILE).write_text("{")
        assert told(config_file, capsys)["agent"] == {"running": True}
    assert told(config_file, capsys)["agent"] == {"running": False}
    assert told(config_file, capsys)["disk"]["free_bytes"] > 0


@pytest.mark.slow
def test_the_program_says_how_it_is(config_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = [sys.executable, "-m", "edge_agent.cli", "run", "--log-format", "json", "--config", str(config_file)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603  built above
        try:
            status = wait_for(
                lambda: read_status(config_file.parent / "data"), what="it has written", seconds=SOON_SECONDS
            )
            assert status.pid == process.pid
            shown = told(config_file, capsys)["agent"]
            assert (shown["running"], shown["connected"], shown["pid"]) == (True, False, process.pid)
            process.send_signal(signal.SIGTERM)
            _, log = process.communicate(timeout=SOON_SECONDS)
        finally:
            process.kill()
    lines = [json.loads(line) for line in log.splitlines()]
    assert all({"time", "level", "logger", "message"} <= set(line) for line in lines)
    assert lines, "that it is not connected, at least"
    assert read_status(config_file.parent / "data") is None
