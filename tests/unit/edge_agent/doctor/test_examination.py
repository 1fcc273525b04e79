"""The examination of a device as a whole, and the command that prints it."""

import json

import pytest

from edge_agent.cli import main
from edge_agent.doctor.finding import Level
from tests.unit.edge_agent.doctor.examined_device import Dated, Device, Serve

pytestmark = pytest.mark.slow

GOOD = {
    "settings",
    "clock",
    "time_sync",
    "clock_offset",
    "certificate",
    "key",
    "key_file",
    "artifact_keys",
    "order_keys",
    "dns",
    "tcp",
    "tls",
    "mqtt",
    "jobs",
    "secrets",
    "disk",
    "data_directory",
    "state",
    "runtime",
    "artifacts",
    "flows",
}


def test_a_device_that_is_well(device: Device, serve: Serve, dated: type[Dated]) -> None:
    broker = serve()
    findings = device.findings()
    assert [finding for finding in findings if finding.level is not Level.OK] == []
    assert {finding.name for finding in findings} == GOOD
    made = broker.connections[0]
    assert made.client_id == "dev_001"
    assert [topic for topic, _ in made.publishes] == ["$aws/things/dev_001/jobs/$next/get"], "no report, no update"


def test_nothing_is_changed_on_the_device(device: Device, serve: Serve) -> None:
    serve()
    before = {path: path.stat().st_mtime_ns for path in device.folder.rglob("*") if path.name != "agent.toml"}
    device.write()
    device.findings()
    after = {path: path.stat().st_mtime_ns for path in device.folder.rglob("*") if path.name != "agent.toml"}
    before.pop(device.data), after.pop(device.data)  # that something can be written there was tried
    assert after == before


def test_the_command_prints_a_line_for_each_and_fails(device: Device, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--config", str(device.write())]) == 1, "nobody serves the device"
    lines = capsys.readouterr().out.splitlines()
    assert all(line.startswith(("ok    ", "warn  ", "fail  ")) for line in lines)
    assert all(("Remedy: " in line) != line.startswith("ok") for line in lines)
    assert any(line.startswith("fail  tcp: ") for line in lines)


def test_the_command_for_machines(device: Device, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--json", "--config", str(device.write())]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is False
    tcp = next(check for check in told["checks"] if check["name"] == "tcp")
    assert tcp["level"] == "fail"
    assert set(tcp) == {"level", "name", "sentence", "remedy"}


def test_the_command_passes_what_only_warns(device: Device, serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    serve()
    device.key.chmod(0o644)
    assert main(["doctor", "--json", "--config", str(device.write())]) == 0, capsys.readouterr().out
    assert json.loads(capsys.readouterr().out)["ok"] is True


def test_settings_that_cannot_be_used_end_the_examination(device: Device) -> None:
    device.settings["port"] = 0
    del device.settings["endpoint"]
    findings = device.findings()
    assert [(finding.level, finding.name) for finding in findings] == [("fail", "settings")]
    assert "endpoint" in findings[0].sentence
    assert "port" in findings[0].sentence
    assert len(findings[0].line().splitlines()) == 1
