"""The examination of a device: one that is well, and each thing that can be wrong with one."""

import json
import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from edge_agent.cli import main
from edge_agent.disk.state import nobody_else_in, only_agent_of
from edge_agent.doctor.certificate import read_validity
from edge_agent.doctor.clock import kernel_is_synchronised
from edge_agent.doctor.disk import MIB, check_ownership
from edge_agent.doctor.finding import Level
from edge_agent.process.status import StatusFile
from tests.support.broker import Broker
from tests.support.connect_proxy import ConnectProxy
from tests.support.waiting import wait_for
from tests.unit.edge_agent.doctor.examined_device import PLENTY, Device
from tests.unit.edge_agent.keys import Authority

pytestmark = pytest.mark.slow

GOOD = {
    "settings",
    "clock",
    "time_sync",
    "clock_offset",
    "certificate",
    "key",
    "key_file",
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


class Dated(BaseHTTPRequestHandler):
    """Answers with the server's time, as AWS IoT does; it forbids everything."""

    ahead = timedelta()

    def do_HEAD(self) -> None:
        """Answer."""
        self.send_response_only(403)
        self.send_header("Date", format_datetime(datetime.now(UTC) + self.ahead, usegmt=True))
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


Serve = Callable[..., Broker]


@pytest.fixture
def serve(device: Device) -> Iterator[Serve]:
    """Run an AWS IoT for the device."""
    with ExitStack() as running:

        def start(
            context: ssl.SSLContext | None = None, *, refuses_connections: int = 0, refuses: str = r"(?!)"
        ) -> Broker:
            broker = Broker(
                context or device.authority.server_context(),
                refuses_connections=refuses_connections,
                refuses=refuses,
            )
            running.enter_context(broker)
            device.settings["port"] = broker.port
            return broker

        yield start


@pytest.fixture
def dated(device: Device) -> Iterator[type[Dated]]:
    """Run the endpoint's HTTPS; the class that it returns says by how much its clock is ahead."""

    class Handler(Dated):
        pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*device.authority.issue("https"))
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        device.sources = replace(device.sources, https_port=server.server_port)
        yield Handler
        server.shutdown()
        thread.join()


# --- As a whole -----------------------------------------------------------------------------------------------------


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


# --- The clock ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (datetime(1970, 1, 1, 0, 3, tzinfo=UTC), "which cannot be"),
        (datetime(2106, 2, 7, tzinfo=UTC), "which cannot be"),
        (datetime(2026, 1, 2, tzinfo=UTC), "before the device's certificate was made"),
    ],
)
def test_a_clock_that_cannot_be_right(device: Device, now: datetime, said: str) -> None:
    device.sources = replace(device.sources, now=lambda: now)
    found = device.fault("clock")
    assert (found.level, said in found.sentence) == ("fail", True)


@pytest.mark.parametrize(("answer", "said"), [(False, "nobody synchronises"), (None, "does not say")])
def test_a_clock_that_nobody_corrects(device: Device, answer: bool | None, said: str) -> None:  # noqa: FBT001  an answer
    device.sources = replace(device.sources, is_synchronised=lambda: answer)
    found = device.fault("time_sync")
    assert (found.level, said in found.sentence) == ("warn", True)


def test_the_kernel_says_whether_somebody_corrects_its_clock() -> None:
    assert kernel_is_synchronised() in {True, False}


@pytest.mark.parametrize(("ahead", "said"), [(-timedelta(hours=1), "ahead of"), (timedelta(hours=1), "behind")])
def test_a_clock_that_is_not_the_endpoints(
    device: Device, serve: Serve, dated: type[Dated], ahead: timedelta, said: str
) -> None:
    serve()
    dated.ahead = ahead
    found = device.fault("clock_offset")
    assert found.level is Level.FAIL
    assert f"s {said} the endpoint's" in found.sentence


def test_an_endpoint_that_tells_no_time_is_no_fault_of_the_device(device: Device, serve: Serve) -> None:
    serve()
    assert device.fault("clock_offset").level is Level.WARN


# --- The keys -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("begins", "ends", "level", "said"),
    [
        (-40, -1, Level.FAIL, "has expired"),
        (1, 40, Level.FAIL, "is valid from"),
        (-40, 20, Level.WARN, "expires on"),
    ],
)
def test_a_certificate_that_is_not_valid_or_not_for_long(
    device: Device, begins: int, ends: int, level: Level, said: str
) -> None:
    device.authority.issue("dev_001", begins=timedelta(days=begins), ends=timedelta(days=ends))
    found = device.fault("certificate")
    assert (found.level, said in found.sentence) == (level, True)


def test_validity_is_read_also_beyond_2050(tmp_path: Path) -> None:
    certificate, _ = Authority(tmp_path).issue("old", ends=timedelta(days=365 * 30))
    validity = read_validity(certificate)
    assert abs(validity.ends - datetime.now(UTC) - timedelta(days=365 * 30)) < timedelta(minutes=1)
    assert abs(datetime.now(UTC) - validity.begins - timedelta(days=30)) < timedelta(minutes=1)


@pytest.mark.parametrize(
    "content",
    ["", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", "caf\N{LATIN SMALL LETTER E WITH ACUTE}"],
)
def test_a_certificate_that_is_none(device: Device, content: str) -> None:
    device.certificate.write_text(content)
    bad = device.bad()
    assert (bad["certificate"].level, bad["key"].level) == ("fail", "fail")


def test_a_key_of_another_certificate(device: Device) -> None:
    _, device.settings["private_key"] = map(str, device.authority.issue("dev_002"))
    assert "is not the key of" in device.fault("key").sentence


def test_a_key_that_is_none(device: Device) -> None:
    device.key.write_text("no key")
    assert "cannot be used" in device.fault("key").sentence


def test_a_key_that_everybody_may_read(device: Device) -> None:
    device.key.chmod(0o644)
    found = device.fault("key_file")
    assert found.level is Level.WARN
    assert found.remedy == f"chmod o= {device.key}"


# --- The way --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("endpoint", ["nobody.invalid", f"{'a' * 64}.invalid"])
def test_an_endpoint_without_an_address(device: Device, endpoint: str) -> None:
    device.settings["endpoint"] = endpoint
    bad = device.bad()
    assert bad["dns"].level is Level.FAIL
    assert "tcp" not in bad
    assert "not tried" in bad["mqtt"].sentence, "what is not looked at is said"


def test_a_port_where_nobody_listens(device: Device) -> None:
    found = device.fault("tcp")
    assert "Connection refused" in found.sentence
    assert "443" in found.remedy


def test_an_authority_that_is_not_the_endpoints(device: Device, serve: Serve, tmp_path: Path) -> None:
    serve()
    device.settings["ca"] = str(Authority(tmp_path / "other", "Another").ca)
    found = device.fault("tls")
    assert f"signed by nobody in {tmp_path / 'other' / 'ca.pem'}" in found.sentence
    del device.settings["ca"]
    assert "the system's authorities" in device.fault("tls").sentence


def test_an_authority_that_is_none(device: Device, serve: Serve) -> None:
    serve()
    (device.folder / "none.pem").write_text("none")
    device.settings["ca"] = "none.pem"
    assert "PEM" in device.fault("tls").remedy


@pytest.mark.parametrize(
    ("valid", "said"),
    [
        ({"ends": timedelta(days=-1)}, "not valid by the device's clock"),
        ({"begins": timedelta(days=1)}, "not valid by the device's clock"),
        ({"hosts": ("iot.example",)}, "of another name"),
    ],
)
def test_an_endpoint_with_a_wrong_certificate(device: Device, serve: Serve, valid: dict[str, Any], said: str) -> None:
    serve(device.authority.server_context(**valid))
    assert said in device.fault("tls").sentence


def test_an_endpoint_that_does_not_take_the_devices_certificate(device: Device, serve: Serve, tmp_path: Path) -> None:
    serve()
    certificate, key = Authority(tmp_path / "other", "Another").issue("dev_001")
    device.settings |= {"certificate": str(certificate), "private_key": str(key)}
    found = device.fault("tls")
    assert "ACTIVE" in found.remedy
    assert "handshake" in found.sentence, "which passed on this side: with TLS 1.3 the refusal comes after it"


def test_an_endpoint_that_speaks_no_tls(device: Device) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            accepted, _ = server.accept()
            with accepted:
                accepted.recv(4_096)
                accepted.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        device.settings["port"] = server.getsockname()[1]
        assert "the handshake failed" in device.fault("tls").sentence
        thread.join()


def test_an_alpn_that_the_endpoint_does_not_know(device: Device, serve: Serve) -> None:
    serve()
    device.settings["alpn"] = "x-amzn-mqtt-ca"
    assert "did not take ALPN" in device.fault("tls").sentence


def test_a_proxy_is_gone_through(device: Device, serve: Serve, dated: type[Dated]) -> None:
    serve()
    with ConnectProxy(("dev", "secret")) as proxy:
        device.tables = f'[proxy]\nhost = "127.0.0.1"\nport = {proxy.port}\nusername = "dev"\npassword = "secret"'
        assert device.bad() == {}
        assert len(proxy.asked) == 3, "TLS, HTTPS, and MQTT"
        device.tables = f'[proxy]\nhost = "127.0.0.1"\nport = {proxy.port}'
        assert "407 Proxy Authentication Required" in device.fault("tcp").sentence
        device.tables = device.tables + '\nusername = "dev"\npassword_file = "none"'
        assert "password_file" in device.fault("tcp").remedy


# --- AWS IoT --------------------------------------------------------------------------------------------------------


def test_a_policy_that_forbids_to_connect(device: Device, serve: Serve) -> None:
    serve(refuses_connections=0x87)
    found = device.fault("mqtt")
    assert "NOT_AUTHORIZED" in found.sentence
    assert "policy" in found.remedy


@pytest.mark.parametrize(
    ("refuses", "said"),
    [
        (r"notify-next$", "may not subscribe to $aws/things/dev_001/jobs/notify-next"),
        (r"get/accepted$", "may not subscribe to $aws/things/dev_001/jobs/$next/get/accepted"),
        (r"\$next/get$", "may not publish to $aws/things/dev_001/jobs/$next/get"),
    ],
)
def test_a_policy_that_forbids_a_topic(device: Device, serve: Serve, refuses: str, said: str) -> None:
    serve(refuses=refuses)
    found = device.fault("jobs")
    assert said in found.sentence
    assert "NOT_AUTHORIZED" in found.sentence


def test_the_connection_of_an_agent_that_runs_is_not_taken_from_it(device: Device, serve: Serve) -> None:
    broker = serve()
    with only_agent_of(device.data):
        assert "has not told how it is" in device.fault("mqtt").sentence
        told = StatusFile(device.data, lambda: datetime.now(UTC), version="1", every=0.01)
        told.start()
        try:
            told.connection(connected=False, error="socket timeout")
            wait_for(lambda: "socket timeout" in device.fault("mqtt").sentence or None, what="it says why")
            told.connection(connected=True)
            wait_for(lambda: "mqtt" not in device.bad() or None, what="it says that it is connected")
        finally:
            told.stop()
    assert broker.connections == []


def test_no_agent_starts_while_the_connection_is_tried(device: Device) -> None:
    with only_agent_of(device.data), nobody_else_in(device.data) as alone:
        assert not alone
    with nobody_else_in(device.data) as alone:
        assert alone
        with nobody_else_in(device.data) as also_alone:
            assert not also_alone
    with nobody_else_in(device.folder / "new") as alone:
        assert alone
    assert not (device.folder / "new").exists()


# --- The disk -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "value", "level", "said"),
    [
        (4, 10 * MIB // 4096, Level.FAIL, "10 MiB are free"),
        (4, 50 * MIB // 4096, Level.WARN, "50 MiB are free"),
        (7, 5, Level.FAIL, "for 5 files only"),
        (8, os.ST_RDONLY, Level.FAIL, "read-only"),
    ],
)
def test_a_disk_with_no_room(device: Device, place: int, value: int, level: Level, said: str) -> None:
    figures = [*PLENTY]
    figures[place] = value
    device.sources = replace(device.sources, measure=lambda _: os.statvfs_result(figures))
    found = device.fault("disk")
    assert (found.level, said in found.sentence) == (level, True)


def test_a_disk_that_cannot_be_measured(device: Device) -> None:
    def fails(_: Path) -> os.statvfs_result:
        raise OSError(5, "Input/output error")

    device.sources = replace(device.sources, measure=fails)
    assert "Input/output error" in device.fault("disk").sentence


def test_a_data_directory_that_is_not_there_yet(device: Device) -> None:
    device.settings["data_directory"] = "new/data"
    assert device.fault("data_directory").level is Level.WARN


def test_a_data_directory_that_is_a_file(device: Device) -> None:
    (device.folder / "file").write_text("")
    device.settings["data_directory"] = "file"
    assert "is no directory" in device.fault("data_directory").sentence


def test_a_file_that_somebody_else_left_behind(device: Device) -> None:
    state = device.data / "state.json"
    found = check_ownership(device.data, lambda path: 54_321 if path == state else os.geteuid())
    assert (found.level, f"{state} belongs to 54321" in found.sentence) == ("fail", True)
    assert found.remedy.startswith("chown -R")


def test_an_examination_by_another_user_than_the_agents(device: Device) -> None:
    found = check_ownership(device.data, lambda _: 54_321)
    assert (found.level, "sudo -u 54321" in found.remedy) == ("warn", True)


def test_a_disk_that_takes_nothing(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(**_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", fails)
    assert "No space left on device" in device.fault("data_directory").sentence
