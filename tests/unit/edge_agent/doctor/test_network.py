"""What is found to be wrong with the way from a device to its endpoint."""

import socket
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from edge_agent.doctor.finding import Level
from tests.support.connect_proxy import ConnectProxy
from tests.unit.edge_agent.doctor.examined_device import Dated, Device, Serve
from tests.unit.edge_agent.keys import Authority

pytestmark = pytest.mark.slow


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
