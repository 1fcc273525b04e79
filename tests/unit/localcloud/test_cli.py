"""What goes wrong with the local cloud is told in one sentence, with exit code 1."""

import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from localcloud import cli, deploy, emulator, settings
from localcloud.device_files import provide
from localcloud.emulator import Emulator
from localcloud.errors import LocalCloudError
from localcloud.settings import RUNNING_FILE, Settings
from localcloud.stack import Stack, load


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in place of the clone, with an environment that seems to be there."""
    for module in (cli, deploy, emulator, settings):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    python = tmp_path / ".venv-ministack" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    for name in ("GATEWAY_PORT", "IOT_MTLS_PORT", "LOCALCLOUD_DIR"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port that something listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.slow
def test_a_port_in_use_is_named_with_a_way_out(
    clone: Path, taken_port: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GATEWAY_PORT", str(taken_port))
    assert cli.main(["up"]) == 1
    told = capsys.readouterr().err
    assert f"Port {taken_port} is in use" in told
    assert "make up GATEWAY_PORT=" in told


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1"])
def test_a_port_that_is_none_is_refused(
    clone: Path, port: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("IOT_MTLS_PORT", port)
    assert cli.main(["up"]) == 1
    assert capsys.readouterr().err == f"IOT_MTLS_PORT={port} is not a port: give a number from 1 to 65535.\n"


def test_a_missing_environment_is_named(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (clone / ".venv-ministack" / "bin" / "python").unlink()
    assert cli.main(["up"]) == 1
    assert capsys.readouterr().err == ".venv-ministack/bin/python is missing. `make up` makes it.\n"


@pytest.mark.parametrize("command", ["status", "token"])
def test_asking_a_cloud_that_does_not_run_says_how_to_start_it(
    clone: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([command]) == 1
    assert capsys.readouterr().err == "The local cloud does not run. Start it: make up\n"


def test_ctrl_c_ends_a_command_in_a_sentence(
    clone: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_emulator: Emulator) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(Emulator, "start", interrupted)
    assert cli.main(["up"]) == 130
    assert capsys.readouterr().err == "\nStopped `up` half-way. The same command again goes on from there.\n"


def test_a_cloud_that_does_not_answer_is_said_so(
    clone: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def unanswered(_settings: Settings) -> Stack:
        raise requests.ConnectionError

    monkeypatch.setattr(Emulator, "start", lambda _emulator: False)
    monkeypatch.setattr(cli, "deploy", unanswered)
    assert cli.main(["up"]) == 1
    assert "Start it anew: make down up" in capsys.readouterr().err


def test_another_folder_can_be_named(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCALCLOUD_DIR", str(clone / "elsewhere"))
    assert settings.from_environment().data_dir == clone / "elsewhere"


def test_down_is_content_when_nothing_runs(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["down"]) == 0
    assert capsys.readouterr().out == "The local cloud does not run.\n"


def test_a_process_that_only_has_the_number_is_left_alone(clone: Path) -> None:
    data = clone / ".localcloud"
    data.mkdir()
    (data / RUNNING_FILE).write_text(json.dumps({"pid": os.getpid(), "gateway_port": 1, "mqtt_port": 2}))
    assert Emulator(Settings(data_dir=data)).stop() is False


def test_ports_of_the_running_cloud_are_remembered(clone: Path) -> None:
    data = clone / ".localcloud"
    data.mkdir()
    (data / RUNNING_FILE).write_text(json.dumps({"pid": 1, "gateway_port": 5001, "mqtt_port": 5002}))
    found = settings.from_environment()
    assert (found.gateway_port, found.mqtt_port) == (5001, 5002)


def test_a_handler_that_is_missing_is_refused_before_anything_is_built(clone: Path) -> None:
    (clone / "template.yaml").write_text("Resources:\n  F:\n    Properties:\n      Handler: gone.app.handler\n")
    with pytest.raises(LocalCloudError, match=r"functions/gone/app\.py"):
        deploy.deploy(Settings(data_dir=clone))


def test_a_stack_is_loaded_as_it_was_saved(tmp_path: Path) -> None:
    stack = Stack(
        name="edgeflow",
        region="us-east-1",
        account_id="000000000000",
        endpoint_url="http://127.0.0.1:4566",
        api_url="http://127.0.0.1:4566/_aws/execute-api/abc/api/v1",
        mqtt_host="127.0.0.1",
        mqtt_port=8883,
        ca_path=tmp_path / "ca.pem",
        outputs={"TableName": "table"},
    )
    stack.save(tmp_path)
    assert load(tmp_path) == stack


def test_nothing_deployed_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(LocalCloudError, match="make up"):
        load(tmp_path)


@pytest.mark.parametrize("name", ["../elsewhere", "", "dev 001", "x" * 129])
def test_a_device_that_cannot_have_its_name_gets_no_folder(clone: Path, name: str) -> None:
    nowhere = Stack(
        name="s",
        region="r",
        account_id="a",
        endpoint_url="http://127.0.0.1:9",
        api_url="http://127.0.0.1:9",
        mqtt_host="127.0.0.1",
        mqtt_port=9,
        ca_path=clone / "ca.pem",
        outputs={},
    )
    with pytest.raises(LocalCloudError, match="is not a name of a device"):
        provide(nowhere, clone / "data", name)
    assert not (clone / "data").exists()
