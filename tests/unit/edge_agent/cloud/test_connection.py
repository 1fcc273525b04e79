"""Real connections on loopback: TLS with both certificates, ALPN, through a proxy, and coming back."""

import http.server
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import build_opener

import pytest
from awscrt import mqtt5

import edge_agent.cloud.connection
from edge_agent.cloud.connection import ALPN_MQTT, alpn_of, make_client
from edge_agent.cloud.transport import MqttTransport
from edge_agent.config import AgentConfig, ConfigError, load_config
from edge_agent.proxy import Proxy
from tests.support.agent_program import AgentProgram
from tests.support.broker import Broker
from tests.support.connect_proxy import ConnectProxy
from tests.support.waiting import wait_for
from tests.unit.edge_agent.device import FLOW, JOB, apply, artifact_bytes
from tests.unit.edge_agent.keys import Authority

SOON_SECONDS = 30
USER = ("device 1", "it's: a p@ssword/")


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Who has signed the broker's certificate, and the device's."""
    return Authority(tmp_path / "keys")


def config_of(authority: Authority, folder: Path, **settings: Any) -> AgentConfig:  # noqa: ANN401  fields of AgentConfig
    """Return settings with a certificate that the broker believes."""
    certificate, key = authority.issue("dev_001")
    return AgentConfig(
        device_id="dev_001",
        endpoint="127.0.0.1",
        ca=authority.ca,
        certificate=certificate,
        private_key=key,
        data_directory=folder / "data",
        **settings,
    )


@contextmanager
def connected(config: AgentConfig) -> Iterator[MqttTransport]:
    """Run a transport, and return when it listens for its jobs."""
    ready = threading.Event()
    transport = MqttTransport(config, on_ready=ready.set, on_next=lambda _: None)
    transport.start()
    try:
        assert ready.wait(SOON_SECONDS)
        yield transport
    finally:
        transport.stop()


def test_it_connects_with_both_certificates_and_listens_for_its_jobs(authority: Authority, tmp_path: Path) -> None:
    with Broker(authority.server_context()) as broker:
        with connected(config_of(authority, tmp_path, port=broker.port, keep_alive=45)) as transport:
            assert transport.next() is None
            transport.publish("edgeflow/devices/dev_001/health", b"{}")
        made = broker.connections[0]
    assert (made.client_id, made.keep_alive, made.alpn) == ("dev_001", 45, None)
    assert "$aws/things/dev_001/jobs/notify-next" in made.subscriptions
    assert made.publishes[-1] == ("edgeflow/devices/dev_001/health", b"{}")


@pytest.mark.parametrize(
    ("port", "alpn", "named"),
    [
        (8883, None, None),
        (443, None, ALPN_MQTT),
        pytest.param(443, "", None, id="none_is_wanted"),
        pytest.param(8443, "mqtt", "mqtt", id="another_is_wanted"),
    ],
)
def test_the_port_decides_what_is_named_in_the_handshake(
    authority: Authority, tmp_path: Path, port: int, alpn: str | None, named: str | None
) -> None:
    assert alpn_of(config_of(authority, tmp_path, port=port, alpn=alpn)) == named


def test_what_is_named_arrives_at_the_server(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = authority.server_context()
    context.set_alpn_protocols(["http/1.1", ALPN_MQTT])
    with Broker(context) as broker:
        monkeypatch.setattr(edge_agent.cloud.connection, "HTTPS_PORT", broker.port)  # 443 itself is not for tests
        with connected(config_of(authority, tmp_path, port=broker.port)):
            assert broker.connections[0].alpn == ALPN_MQTT


# --- Through a proxy ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("user", [None, USER])
def test_it_connects_through_a_proxy(authority: Authority, tmp_path: Path, user: tuple[str, str] | None) -> None:
    with Broker(authority.server_context()) as broker, ConnectProxy(user) as proxy:
        settings: dict[str, Any] = {"host": "127.0.0.1", "port": proxy.port}
        if user is not None:
            (tmp_path / "password").write_text(f"{user[1]}\n")
            settings |= {"username": user[0], "password_file": tmp_path / "password"}
        with connected(config_of(authority, tmp_path, port=broker.port, proxy=settings)) as transport:
            assert transport.next() is None
        assert proxy.asked == [f"CONNECT 127.0.0.1:{broker.port} HTTP/1.1"]
        assert broker.attempts == 1, "nothing went around it"


def test_a_proxy_that_does_not_know_the_device_is_told_of(
    authority: Authority, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with Broker(authority.server_context()) as broker, ConnectProxy(USER) as proxy:
        config = config_of(authority, tmp_path, port=broker.port, proxy={"host": "127.0.0.1", "port": proxy.port})
        transport = MqttTransport(config, on_ready=lambda: None, on_next=lambda _: None)
        transport.start()
        try:
            said = f"not connected through the proxy 127.0.0.1:{proxy.port}"
            wait_for(lambda: said in caplog.text or None, what="the log names the proxy")
        finally:
            transport.stop()
        assert broker.attempts == 0


class Files(http.server.BaseHTTPRequestHandler):
    """Gives the artifact of version 1 to everybody."""

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(200)
        self.send_header("Content-Length", str(len(artifact_bytes(1))))
        self.end_headers()
        self.wfile.write(artifact_bytes(1))

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def https(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of an artifact; its server asks nobody for a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.issue("files"))
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Files) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"https://127.0.0.1:{server.server_port}/artifact"
        server.shutdown()
        thread.join()


def test_downloads_go_through_the_proxy(https: str) -> None:
    with ConnectProxy(USER) as proxy:
        settings = {"host": "127.0.0.1", "port": proxy.port, "username": USER[0], "password": USER[1]}
        with build_opener(Proxy.model_validate(settings).handler()).open(https, timeout=SOON_SECONDS) as answer:
            assert answer.read() == artifact_bytes(1)
        assert [line.split()[0] for line in proxy.asked] == ["CONNECT"]
        with pytest.raises(URLError, match="407"):
            build_opener(Proxy(host="127.0.0.1", port=proxy.port).handler()).open(https, timeout=SOON_SECONDS)


def test_the_program_does_a_job_whose_artifact_it_has_through_the_proxy(
    authority: Authority, tmp_path: Path, https: str
) -> None:
    document = apply(1)
    document["artifact"]["url"] = https
    with Broker(authority.server_context()) as broker, ConnectProxy(USER) as proxy:
        broker.job = {"jobId": JOB, "thingName": "dev_001", "status": "QUEUED", "jobDocument": document}
        program = AgentProgram.of(config_of(authority, tmp_path, port=broker.port), tmp_path / "agent.toml")
        with program.settings.open("a") as settings:
            settings.write(
                f'\n[proxy]\nhost = "127.0.0.1"\nport = {proxy.port}\n'
                f"username = {json.dumps(USER[0])}\npassword = {json.dumps(USER[1])}\n"
            )
        with program.running():
            wait_for(lambda: broker.job is None or None, what="the job has ended", seconds=2 * SOON_SECONDS)
        assert program.state().flows[FLOW].version == 1
        asked = [line.split()[:2] for line in proxy.asked]
        assert asked == [["CONNECT", f"127.0.0.1:{port}"] for port in (broker.port, urlsplit(https).port)]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('host = "p"', "proxy.port: is missing"),
        ('host = "p"\nport = 8080\nuser = "x"', "proxy.user: is not a setting; known are host, port, username"),
        ('host = "p"\nport = 8080\nusername = "x"', "proxy: username and a password"),
        ('host = "p"\nport = 8080\npassword = "x"', "proxy: username and a password"),
        ('host = "p"\nport = 8080\nusername = "x"\npassword = "y"\npassword_file = "z"', "remove one"),
    ],
)
def test_faults_of_the_proxy_are_named(tmp_path: Path, lines: str, said: str) -> None:
    path = tmp_path / "agent.toml"
    path.write_text(f"[proxy]\n{lines}\n")
    with pytest.raises(ConfigError) as refused:
        load_config(path)
    assert said in str(refused.value)


def test_a_password_that_is_not_there_is_a_fault_of_the_settings(authority: Authority, tmp_path: Path) -> None:
    proxy = {"host": "127.0.0.1", "port": 9, "username": "x", "password_file": tmp_path / "none"}
    with pytest.raises(ConfigError, match=r"proxy\.password_file .*none cannot be read"):
        MqttTransport(config_of(authority, tmp_path, proxy=proxy), on_ready=lambda: None, on_next=lambda _: None)


def test_the_password_is_shown_to_nobody(tmp_path: Path) -> None:
    assert "secret" not in repr(Proxy.model_validate({"host": "p", "port": 1, "username": "x", "password": "secret"}))


# --- Coming back ----------------------------------------------------------------------------------------------------


def test_pauses_grow_between_the_bounds_and_are_drawn_at_random(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[mqtt5.ClientOptions] = []
    monkeypatch.setattr(mqtt5, "Client", given.append)
    config = config_of(authority, tmp_path, reconnect_min=2.5, reconnect_max=300, keep_alive=30)
    make_client(
        config, client_id="x", on_message=print, on_connected=print, on_refused=print, on_lost=print, on_stopped=print
    )
    options = given[0]
    assert options.retry_jitter_mode is mqtt5.ExponentialBackoffJitterMode.FULL
    assert (options.min_reconnect_delay_ms, options.max_reconnect_delay_ms) == (2_500, 300_000)
    assert options.ping_timeout_ms < 30 * 1_000, "the library refuses one that is not below keep_alive"


@pytest.mark.slow
def test_it_comes_back_by_itself_when_the_broker_does(authority: Authority, tmp_path: Path) -> None:
    config = config_of(authority, tmp_path, port=1, reconnect_min=0.1, reconnect_max=1)
    with Broker(authority.server_context(), refuses_connections=0x88) as broker:  # Server unavailable
        config = config.model_copy(update={"port": broker.port})
        ready = threading.Event()
        transport = MqttTransport(config, on_ready=ready.set, on_next=lambda _: None)
        transport.start()
        try:
            wait_for(lambda: broker.attempts >= 3 or None, what="it tries again and again")
            assert not ready.is_set()
            broker.takes_connections()
            assert ready.wait(SOON_SECONDS)
        finally:
            transport.stop()


def test_bounds_that_do_not_fit_are_refused(authority: Authority, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="reconnect_max is less than reconnect_min"):
        config_of(authority, tmp_path, reconnect_min=20, reconnect_max=10)
