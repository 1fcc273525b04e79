"""The program itself: how it ends, and what it says when it cannot begin."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from edge_agent.cli import main
from edge_agent.disk.state import only_agent_of
from tests.unit.edge_agent.keys import write_keys

ENDS_WITHIN_SECONDS = 30


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


@contextmanager
def program(config_file: Path) -> Iterator[tuple["subprocess.Popen[str]", IO[str]]]:
    """Run the program; what it logs can be read."""
    command = [sys.executable, "-m", "edge_agent.cli", "run", "--config", str(config_file)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603  built above
        assert process.stderr is not None
        try:
            yield process, process.stderr
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.slow
def test_a_signal_stops_it_cleanly_also_without_a_connection(config_file: Path, number: signal.Signals) -> None:
    with program(config_file) as (process, log):
        assert any("not connected" in line for line in log)
        process.send_signal(number)
        assert process.wait(ENDS_WITHIN_SECONDS) == 0
        assert "Traceback" not in log.read()


def test_a_second_agent_is_refused(config_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with only_agent_of(config_file.parent / "data"):
        assert main(["run", "--config", str(config_file)]) == 2
    assert "another agent" in capsys.readouterr().err


def test_a_key_that_cannot_be_used_is_told_in_one_message(
    config_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (config_file.parent / "private.key").write_text("no key")
    assert main(["run", "--config", str(config_file)]) == 2
    assert "private_key" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["run", "status"])
def test_a_data_directory_that_is_a_file_is_told_in_one_message(
    config_file: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    (config_file.parent / "data").write_text("")
    assert main([command, "--config", str(config_file)]) == 2
    told = capsys.readouterr().err
    assert "data" in told
    assert len(told.splitlines()) == 1


def test_a_path_that_no_file_can_have_is_a_fault_of_the_settings(
    config_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = config_file.read_text().replace("certificate.pem", "c" * 300)
    config_file.write_text(settings.replace('"data"', '"~nobody_has_this_name/data"'))
    assert main(["status", "--config", str(config_file)]) == 2
    told = capsys.readouterr().err
    assert "  certificate: " in told
    assert "cannot be looked at" in told


def test_paths_may_begin_at_home(
    config_file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(config_file.parent))
    config_file.write_text(config_file.read_text().replace('"data"', '"~/here"'))
    (config_file.parent / "here").mkdir()
    (config_file.parent / "here" / "state.json").write_text("{")
    assert main(["status", "--config", str(config_file)]) == 2
    assert str(config_file.parent / "here" / "state.json") in capsys.readouterr().err
